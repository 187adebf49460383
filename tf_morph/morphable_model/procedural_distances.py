"""Facial distances of procedural faces, and what has been published of people's.

Published means and standard deviations are those of Zhuang and Bradtmiller 2005, "Head-and-face
anthropometric survey of U.S. respirator users", J. Occup. Environ. Hyg. 2(11):567-576 (3,997
people, weighted to the population), and for the ear Gordon et al. 2014, "2012 anthropometric survey
of U.S. Army personnel" (ANSUR II). All are quoted from memory of those tables, not copied from
them, and may be off by some tenths of a millimetre; the ear's may be off by more.
"""

from typing import NamedTuple

import numpy as np

from tf_morph.morphable_model.procedural_surface import Surface


class Published(NamedTuple):
    """Mean and standard deviation of men and of women, mm."""

    men: tuple[float, float]
    women: tuple[float, float]

    def pooled(self) -> tuple[float, float]:
        """Mean and standard deviation of as many men as women, mm."""
        (man, his), (woman, hers) = self.men, self.women
        variance = (his**2 + hers**2) / 2 + ((man - woman) / 2) ** 2
        return (man + woman) / 2, float(np.sqrt(variance))


PUBLISHED = {
    "bizygomatic breadth": Published((143.5, 6.9), (135.1, 6.5)),
    "bigonial breadth": Published((120.4, 10.4), (110.1, 8.9)),
    "menton-sellion length": Published((122.7, 7.0), (113.4, 6.1)),
    "subnasale-sellion length": Published((52.0, 4.1), (48.2, 3.8)),
    "nose breadth": Published((36.6, 4.1), (33.2, 3.9)),
    "nose protrusion": Published((21.1, 2.7), (19.8, 2.7)),
    "lip length": Published((51.1, 4.2), (48.0, 4.0)),
    "interpupillary distance": Published((64.5, 3.6), (61.9, 3.5)),
    "minimum frontal breadth": Published((105.5, 5.7), (102.9, 5.4)),
    "ear length": Published((63.0, 4.2), (58.5, 3.8)),
}

# Places on the average face, in the front plane, mm.
_SELLION, _MENTON, _SUBNASALE, _PRONASALE = (0, 2), (0, -113), (0, -51), (0, -39)
_CHEILION, _ALARE, _FRONTOTEMPORALE = (24.5, -67.6), (16.2, -42), (51.5, 25)
_CHEEKBONES, _JAW_ANGLE = (-34.0, 10.0), (-75.0, -65.0)  # heights between which to look
_BEHIND_CHEEKS = -40.0


def facial_distances(surface: Surface, vertices: np.ndarray) -> dict[str, np.ndarray]:
    """The distances of `PUBLISHED`, [n] mm each, of faces [n,V,3] that vary `surface`."""
    mean = surface.vertices
    skin = ~surface.eyeball & ~surface.ear
    front = np.flatnonzero(skin & (mean[:, 2] > -60.0))

    def at(x, y):
        offsets = mean[front, :2] - [x, y]
        return vertices[:, front[np.linalg.norm(offsets, axis=1).argmin()]]

    def between(first, second):
        return np.linalg.norm(at(*first) - at(*second), axis=1)

    def across(x, y):
        return between((-x, y), (x, y))

    def breadth(heights):
        low, high = heights
        near = skin & (mean[:, 1] > low) & (mean[:, 1] < high) & (mean[:, 2] < _BEHIND_CHEEKS)
        return np.ptp(vertices[:, near, 0], axis=1)

    right, left = (
        vertices[:, surface.eyeball & (np.sign(mean[:, 0]) == side)].mean(axis=1)
        for side in (-1, 1)
    )
    return {
        "bizygomatic breadth": breadth(_CHEEKBONES),
        "bigonial breadth": breadth(_JAW_ANGLE),
        "menton-sellion length": between(_MENTON, _SELLION),
        "subnasale-sellion length": between(_SUBNASALE, _SELLION),
        "nose breadth": across(*_ALARE),
        "nose protrusion": between(_SUBNASALE, _PRONASALE),
        "lip length": across(*_CHEILION),
        "interpupillary distance": np.linalg.norm(right - left, axis=1),
        "minimum frontal breadth": across(*_FRONTOTEMPORALE),
        "ear length": np.ptp(vertices[:, surface.ear & (mean[:, 0] > 0), 1], axis=1),
    }
