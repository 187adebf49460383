"""Facial distances as published of people, and as they are measured on MakeHuman's base mesh.

Published means and standard deviations are those of Zhuang and Bradtmiller 2005, "Head-and-face
anthropometric survey of U.S. respirator users", J. Occup. Environ. Hyg. 2(11):567-576 (3,997
people, weighted to the population); of ear and head, Gordon et al. 2014, "2012 anthropometric
survey of U.S. Army personnel" (ANSUR II). All are quoted from memory of those tables, not copied
from them, and may be off by some tenths of a millimetre; ear and head by more.
"""

from typing import NamedTuple

import numpy as np


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
    "head breadth": Published((154.0, 5.7), (148.0, 5.5)),
    "head length": Published((199.0, 7.4), (189.0, 7.2)),
    "ear length": Published((63.0, 4.2), (58.5, 3.8)),
}

# Ends of each distance on the base mesh (hm08), found by eye on renderings.
_ENDS = {
    "bizygomatic breadth": (5745, 12342),
    "bigonial breadth": (895, 7597),
    "menton-sellion length": (5225, 136),
    "subnasale-sellion length": (317, 136),
    "nose breadth": (5139, 11753),
    "nose protrusion": (317, 294),
    "lip length": (425, 7185),
    "minimum frontal breadth": (255, 7024),
    "head breadth": (979, 7675),
    "head length": (227, 962),
    "ear length": (11998, 12340),
}
_EYES = (range(14670, 14742), range(14598, 14670))  # the right and the left eyeball's vertices
_PUPILS = "interpupillary distance"


def base_distances(vertices: np.ndarray, used: np.ndarray) -> dict[str, np.ndarray]:
    """The distances of `PUBLISHED`, [n] mm each, of n heads.

    Args:
      vertices: [n, N, 3] mm.
      used: int [N], ascending, which of the base mesh's vertices they are.
    """

    def at(ids):
        return vertices[:, np.searchsorted(used, ids)]

    found = {name: np.linalg.norm(at(a) - at(b), axis=1) for name, (a, b) in _ENDS.items()}
    right, left = (at(np.array(eye)).mean(axis=1) for eye in _EYES)
    found[_PUPILS] = np.linalg.norm(right - left, axis=1)
    return {name: found[name] for name in PUBLISHED}
