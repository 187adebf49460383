"""What one point of a surface reflects into the eye, and the gradient of that, in compiled code.

A point is nine numbers: position (mm), normal (of any length), albedo (linear RGB).
"""

import numba
import numpy as np

from tf_morph.rendering.reflection import LOBE, SHININESS, SMALLEST

POSITION, NORMAL, ALBEDO, CHANNELS = 0, 3, 6, 9
_TWO = np.float32(2)  # an integer would make the sum a double
# Sums and products may be rounded together; what is not finite stays so.
_shading = numba.njit(
    nogil=True,
    cache=True,
    error_model="numpy",
    forceinline=True,
    fastmath={"contract", "reassoc", "arcp", "nsz"},
)


@_shading
def reflect(point, lights, colors, ambient, gloss, eye, pivot, color):
    """Writes what a point shows to `color` [3]."""
    strength = np.float32(LOBE) * gloss
    position, normal, _, outgoing, _ = _geometry(point, eye)
    for channel in range(3):
        color[channel] = point[ALBEDO + channel] * ambient[channel]
    for light in range(lights.shape[0]):
        place = (lights[light, 0], lights[light, 1], lights[light, 2])
        incoming, inverse = _direction(_difference(place, position))
        cosine = dot(normal, incoming)
        if cosine <= 0:
            continue
        arriving = cosine * _falloff(place, pivot, inverse)
        mirrored = _TWO * cosine * dot(normal, outgoing) - dot(incoming, outgoing)
        lobe = strength * _power(mirrored)[0]
        for channel in range(3):
            reflected = point[ALBEDO + channel] + lobe
            color[channel] += reflected * arriving * colors[light, channel]


@_shading
def reflect_backward(
    g, point, target, lights, colors, ambient, gloss, eye, pivot, to_lights, to_colors, to_ambient
):
    """Writes the gradient of a surface point to `target` [9], and adds that of the light."""
    position, normal, normal_inverse, outgoing, outgoing_inverse = _geometry(point, eye)
    strength = np.float32(LOBE) * gloss
    facing = dot(normal, outgoing)
    for channel in range(3):
        target[ALBEDO + channel] = g[channel] * ambient[channel]
        to_ambient[channel] += g[channel] * point[ALBEDO + channel]
    zero = np.float32(0)
    to_normal, to_outgoing, to_position = (zero, zero, zero), (zero, zero, zero), (zero, zero, zero)
    for light in range(lights.shape[0]):
        place = (lights[light, 0], lights[light, 1], lights[light, 2])
        incoming, inverse = _direction(_difference(place, position))
        cosine = dot(normal, incoming)
        if cosine <= 0:
            continue
        falloff = _falloff(place, pivot, inverse)
        arriving = cosine * falloff
        twelfth, eleventh = _power(_TWO * cosine * facing - dot(incoming, outgoing))
        diffuse, specular = zero, zero
        for channel in range(3):
            weighted = g[channel] * colors[light, channel]
            diffuse += weighted * point[ALBEDO + channel]
            specular += weighted
            target[ALBEDO + channel] += weighted * arriving
            reflected = point[ALBEDO + channel] + strength * twelfth
            to_colors[light, channel] += g[channel] * reflected * arriving
        to_arriving = diffuse + strength * twelfth * specular
        to_mirrored = strength * arriving * specular * np.float32(SHININESS) * eleventh
        to_cosine = to_arriving * falloff + _TWO * to_mirrored * facing
        to_facing = _TWO * to_mirrored * cosine
        to_normal = _plus(to_normal, to_cosine, incoming, to_facing, outgoing)
        to_outgoing = _plus(to_outgoing, to_facing, normal, -to_mirrored, incoming)
        to_incoming = _plus((zero, zero, zero), to_cosine, normal, -to_mirrored, outgoing)
        # falloff = |light - pivot|^2 / |light - position|^2
        pull = _across(to_incoming, incoming, inverse)
        shrink = -_TWO * to_arriving * arriving * inverse
        pull = _plus(pull, shrink, incoming, zero, incoming)
        reference = _difference(place, pivot)
        grow = _TWO * to_arriving * cosine * inverse * inverse
        for axis in range(3):
            to_lights[light, axis] += pull[axis] + grow * reference[axis]
        to_position = _plus(to_position, np.float32(-1), pull, zero, pull)
    turned = _across(to_normal, normal, normal_inverse)
    seen = _across(to_outgoing, outgoing, outgoing_inverse)
    for axis in range(3):
        target[NORMAL + axis] = turned[axis]
        target[POSITION + axis] = to_position[axis] - seen[axis]


@_shading
def dot(p, q):
    """The inner product."""
    return p[0] * q[0] + p[1] * q[1] + p[2] * q[2]


@_shading
def three(values, start):
    """Three numbers of an array."""
    return values[start], values[start + 1], values[start + 2]


@_shading
def _direction(p):
    """Unit vector and one over its length; both zero where there is no direction."""
    squared = dot(p, p)
    inverse = np.float32(0) if squared < SMALLEST else np.float32(1) / np.sqrt(squared)
    return (p[0] * inverse, p[1] * inverse, p[2] * inverse), inverse


@_shading
def _across(g, unit, inverse):
    """Gradient of a vector, from that of its direction."""
    along = dot(g, unit)
    return (
        (g[0] - along * unit[0]) * inverse,
        (g[1] - along * unit[1]) * inverse,
        (g[2] - along * unit[2]) * inverse,
    )


@_shading
def _difference(p, q):
    return p[0] - q[0], p[1] - q[1], p[2] - q[2]


@_shading
def _power(cosine):
    """Twelfth and eleventh power of the cosine's positive part."""
    base = max(cosine, np.float32(0))
    second = base * base
    third, fourth = second * base, second * second
    return fourth * fourth * fourth, fourth * fourth * third


@_shading
def _geometry(point, eye):
    position = three(point, POSITION)
    normal, normal_inverse = _direction(three(point, NORMAL))
    outgoing, outgoing_inverse = _direction(_difference(eye, position))
    return position, normal, normal_inverse, outgoing, outgoing_inverse


@_shading
def _falloff(light, pivot, inverse):
    """Squared distance of the light from where its colour holds, over that from the surface."""
    offset = _difference(light, pivot)
    return dot(offset, offset) * inverse * inverse


@_shading
def _plus(sum_, scale_p, p, scale_q, q):
    return (
        sum_[0] + scale_p * p[0] + scale_q * q[0],
        sum_[1] + scale_p * p[1] + scale_q * q[1],
        sum_[2] + scale_p * p[2] + scale_q * q[2],
    )
