"""What points of a surface reflect into the eye, and the gradient of that, a block at a time.

A block is a float32 array [ROWS, BLOCK], a point a column: its weights in its triangle, position
(mm), normal (of any length), albedo (linear RGB), gloss, what it shows or the gradient of that, and
the gradients of position, normal and albedo. Loops run along the columns, without a branch, so that
the compiler makes them wide.
"""

import numpy as np

from tf_morph.rendering.cpu_kernels.compiled import kept
from tf_morph.rendering.reflection import LOBE, SHININESS, SMALLEST

BLOCK = 64  # columns
WEIGHTS, POSITION, NORMAL, ALBEDO, GLOSS, SHOWN = 0, 3, 6, 9, 12, 13
TO_POSITION, TO_NORMAL, TO_ALBEDO, _TO_OUTGOING, ROWS = 16, 19, 22, 25, 28
_ZERO, _ONE, _TWO = np.float32(0), np.float32(1), np.float32(2)
_LOBE, _SHININESS, _SMALLEST = np.float32(LOBE), np.float32(SHININESS), np.float32(SMALLEST)
# Sums and products may be rounded together; what is not finite stays so.
_wide = kept(
    nogil=True,
    error_model="numpy",
    forceinline=True,
    fastmath={"contract", "reassoc", "arcp", "nsz"},
)


@_wide
def reflect(block, count, lights, colors, ambient, eye, pivot):
    """Writes what the first `count` points show."""
    for n in range(count):
        for channel in range(3):
            block[SHOWN + channel, n] = block[ALBEDO + channel, n] * ambient[channel]
    for light in range(lights.shape[0]):
        place = lights[light, 0], lights[light, 1], lights[light, 2]
        red, green, blue = colors[light, 0], colors[light, 1], colors[light, 2]
        reference = _squared(_difference(place, pivot))
        for n in range(count):
            position, normal, _, outgoing, _ = _geometry(block, n, eye)
            incoming, inverse = _direction(_difference(place, position))
            cosine = max(_dot(normal, incoming), _ZERO)
            arriving = cosine * reference * inverse * inverse
            mirrored = _TWO * cosine * _dot(normal, outgoing) - _dot(incoming, outgoing)
            lobe = _LOBE * block[GLOSS, n] * _power(mirrored)[0]
            block[SHOWN, n] += (block[ALBEDO, n] + lobe) * arriving * red
            block[SHOWN + 1, n] += (block[ALBEDO + 1, n] + lobe) * arriving * green
            block[SHOWN + 2, n] += (block[ALBEDO + 2, n] + lobe) * arriving * blue


@_wide
def reflect_backward(
    block, count, lights, colors, ambient, eye, pivot, to_lights, to_colors, to_ambient
):
    """Writes the gradients of the first `count` points, and adds those of the light.

    What is shown holds the gradient that arrives.
    """
    for channel in range(3):
        total = _ZERO
        for n in range(count):
            g = block[SHOWN + channel, n]
            total += g * block[ALBEDO + channel, n]
            block[TO_ALBEDO + channel, n] = g * ambient[channel]
            block[TO_POSITION + channel, n] = _ZERO
            block[TO_NORMAL + channel, n] = _ZERO
            block[_TO_OUTGOING + channel, n] = _ZERO
        to_ambient[channel] += total
    for light in range(lights.shape[0]):
        place = lights[light, 0], lights[light, 1], lights[light, 2]
        color = colors[light, 0], colors[light, 1], colors[light, 2]
        to_place, to_color = _light_backward(block, count, place, color, eye, pivot)
        for axis in range(3):
            to_lights[light, axis] += to_place[axis]
            to_colors[light, axis] += to_color[axis]
    for n in range(count):
        _, normal, normal_inverse, outgoing, outgoing_inverse = _geometry(block, n, eye)
        turned = _across(_three(block, TO_NORMAL, n), normal, normal_inverse)
        seen = _across(_three(block, _TO_OUTGOING, n), outgoing, outgoing_inverse)
        _write(block, TO_NORMAL, n, turned)
        _write(block, TO_POSITION, n, _difference(_three(block, TO_POSITION, n), seen))


@_wide
def _light_backward(block, count, place, color, eye, pivot):
    """Adds one light's part to the gradients of the points; those of its place and colour."""
    offset = _difference(place, pivot)
    reference = _squared(offset)
    place_x, place_y, place_z, red, green, blue = _ZERO, _ZERO, _ZERO, _ZERO, _ZERO, _ZERO
    for n in range(count):
        position, normal, _, outgoing, _ = _geometry(block, n, eye)
        incoming, inverse = _direction(_difference(place, position))
        cosine, facing = _dot(normal, incoming), _dot(normal, outgoing)
        lit = _ONE if cosine > _ZERO else _ZERO
        falloff = reference * inverse * inverse
        arriving = lit * cosine * falloff
        twelfth, eleventh = _power(_TWO * cosine * facing - _dot(incoming, outgoing))
        strength = _LOBE * block[GLOSS, n]
        lobe = strength * twelfth
        g, albedo = _three(block, SHOWN, n), _three(block, ALBEDO, n)
        weighted = lit * g[0] * color[0], lit * g[1] * color[1], lit * g[2] * color[2]
        specular = weighted[0] + weighted[1] + weighted[2]
        to_albedo = _three(block, TO_ALBEDO, n)
        _write(block, TO_ALBEDO, n, _plus(to_albedo, arriving, weighted))
        red += g[0] * (albedo[0] + lobe) * arriving
        green += g[1] * (albedo[1] + lobe) * arriving
        blue += g[2] * (albedo[2] + lobe) * arriving
        to_arriving = _dot(weighted, albedo) + lobe * specular
        to_mirrored = strength * arriving * specular * _SHININESS * eleventh
        to_cosine = to_arriving * falloff + _TWO * to_mirrored * facing
        to_facing = _TWO * to_mirrored * cosine
        to_normal = _plus(_three(block, TO_NORMAL, n), to_cosine, incoming)
        _write(block, TO_NORMAL, n, _plus(to_normal, to_facing, outgoing))
        to_outgoing = _plus(_three(block, _TO_OUTGOING, n), to_facing, normal)
        _write(block, _TO_OUTGOING, n, _plus(to_outgoing, -to_mirrored, incoming))
        to_incoming = _plus(_scaled(to_cosine, normal), -to_mirrored, outgoing)
        # falloff = |light - pivot|^2 / |light - position|^2
        shrink = -_TWO * to_arriving * arriving * inverse
        pull = _plus(_across(to_incoming, incoming, inverse), shrink, incoming)
        _write(block, TO_POSITION, n, _difference(_three(block, TO_POSITION, n), pull))
        grow = _TWO * to_arriving * max(cosine, _ZERO) * inverse * inverse
        place_x += pull[0] + grow * offset[0]
        place_y += pull[1] + grow * offset[1]
        place_z += pull[2] + grow * offset[2]
    return (place_x, place_y, place_z), (red, green, blue)


@_wide
def _geometry(block, n, eye):
    position = _three(block, POSITION, n)
    normal, normal_inverse = _direction(_three(block, NORMAL, n))
    outgoing, outgoing_inverse = _direction(_difference(eye, position))
    return position, normal, normal_inverse, outgoing, outgoing_inverse


@_wide
def _direction(p):
    """Unit vector and one over its length; both zero where there is no direction."""
    squared = _squared(p)
    inverse = _ZERO if squared < _SMALLEST else _ONE / np.sqrt(squared)
    return _scaled(inverse, p), inverse


@_wide
def _across(g, unit, inverse):
    """Gradient of a vector, from that of its direction."""
    return _scaled(inverse, _plus(g, -_dot(g, unit), unit))


@_wide
def _power(cosine):
    """Twelfth and eleventh power of the cosine's positive part: of `SHININESS` and one less."""
    base = max(cosine, _ZERO)
    second = base * base
    third, fourth = second * base, second * second
    return fourth * fourth * fourth, fourth * fourth * third


@_wide
def _three(block, row, n):
    return block[row, n], block[row + 1, n], block[row + 2, n]


@_wide
def _write(block, row, n, p):
    block[row, n], block[row + 1, n], block[row + 2, n] = p[0], p[1], p[2]


@_wide
def _dot(p, q):
    return p[0] * q[0] + p[1] * q[1] + p[2] * q[2]


@_wide
def _squared(p):
    return p[0] * p[0] + p[1] * p[1] + p[2] * p[2]


@_wide
def _difference(p, q):
    return p[0] - q[0], p[1] - q[1], p[2] - q[2]


@_wide
def _scaled(scale, p):
    return scale * p[0], scale * p[1], scale * p[2]


@_wide
def _plus(p, scale, q):
    return p[0] + scale * q[0], p[1] + scale * q[1], p[2] + scale * q[2]
