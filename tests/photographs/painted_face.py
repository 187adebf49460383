"""A painted face whose five points are known, and which MTCNN takes for one."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# As shares of the face's side: right eye (left in the image), left eye, nose, corners of the mouth.
FIVE_POINTS = np.array([(0.34, 0.41), (0.66, 0.41), (0.5, 0.57), (0.37, 0.76), (0.63, 0.76)])
# How far MTCNN's points lie from these at most, as a share of the side.
ACCURACY = 0.03
_SUPERSAMPLING = 4
_SKIN, _SHADE, _LIGHT, _DARK = (214, 160, 130), (171, 128, 104), (231, 173, 140), (118, 88, 72)
_HAIR, _IRIS, _WHITE = (50, 35, 25), (40, 30, 25), (235, 230, 225)
_LIPS, _BETWEEN_LIPS = (170, 70, 70), (90, 30, 30)
_EYE = (
    ((0.33, 0.10, 0.025), _HAIR),
    ((0.40, 0.10, 0.055), _SHADE),
    ((0.41, 0.075, 0.035), _WHITE),
    ((0.41, 0.035, 0.035), _IRIS),
)
# (centre x, y, half axes), colour; from back to front
_ELLIPSES = (
    ((0.5, 0.42, 0.42, 0.48), _HAIR),
    ((0.5, 1.1, 0.2, 0.3), _SHADE),
    ((0.5, 0.52, 0.36, 0.47), _SKIN),
    *(((x, *shape), color) for x in (0.34, 0.66) for shape, color in _EYE),
    ((0.5, 0.57, 0.07, 0.06), _SHADE),
    ((0.5, 0.55, 0.045, 0.05), _LIGHT),
    ((0.465, 0.605, 0.015, 0.01), _DARK),
    ((0.535, 0.605, 0.015, 0.01), _DARK),
    ((0.5, 0.76, 0.14, 0.045), _LIPS),
    ((0.5, 0.755, 0.13, 0.008), _BETWEEN_LIPS),
)


def paint(
    size: tuple[int, int], *faces: tuple[float, float, float]
) -> tuple[Image.Image, np.ndarray]:
    """A picture of `size` (width, height), and the faces' points [F, 5, 2] in pixels.

    Each face is (left, top, side) in pixels.
    """
    canvas = Image.new("RGB", tuple(_SUPERSAMPLING * n for n in size), (70, 90, 120))
    draw = ImageDraw.Draw(canvas)
    for left, top, side in faces:
        for (x, y, half_width, half_height), color in _ELLIPSES:
            shares = (x - half_width, y - half_height, x + half_width, y + half_height)
            box = np.array(shares) * side + (left, top, left, top)
            draw.ellipse(list(_SUPERSAMPLING * box), fill=color)
    if faces:
        softness = 0.012 * _SUPERSAMPLING * min(side for _, _, side in faces)
        canvas = canvas.filter(ImageFilter.GaussianBlur(softness))
    points = [FIVE_POINTS * side + (left, top) for left, top, side in faces]
    return canvas.resize(size, Image.Resampling.BOX), np.array(points).reshape(-1, 5, 2)
