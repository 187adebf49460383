"""The sRGB transfer function in numpy (IEC 61966-2-1)."""

import numpy as np


def linear_to_srgb(linear: np.ndarray) -> np.ndarray:
    """Linear values [...] as sRGB-coded ones; negative ones are taken as 0."""
    linear = np.maximum(linear, 0.0)
    coded = np.asarray(1.055 * linear ** (1 / 2.4) - 0.055)
    dark = linear <= 0.0031308
    coded[dark] = 12.92 * linear[dark]
    return coded


def srgb_to_linear(coded: np.ndarray) -> np.ndarray:
    """sRGB-coded values [...] as linear ones; negative ones are taken as 0."""
    coded = np.maximum(coded, 0.0)
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
