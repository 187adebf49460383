"""Skin colour from two chromophores: melanin above, blood below.

Light passes the epidermis twice, where melanin absorbs, and returns from the dermis, where
haemoglobin absorbs; a little returns from the epidermis itself:
    reflectance = dermis * exp(-blood * B) * exp(-melanin * M) + surface.
Sources: the two-chromophore view is Tsumura et al. 1999/2003 ("Image-based skin color and texture
analysis/synthesis"); melanin's absorption falling as wavelength^-3.33 is Jacques 1998 ("Skin
optics"), both from memory. Band values and the dermis' colour are ours, chosen by eye.
"""

import numpy as np

from tf_morph.morphable_model.srgb import linear_to_srgb

# wavelength^-3.33 at 610, 548 and 468 nm, relative to red, less in blue than the power says
# because the bands of a display are wide.
MELANIN_ABSORPTION = np.array([1.0, 1.38, 1.80])
# Oxygenated and deoxygenated blood: little in red, a double peak in green, much in blue.
BLOOD_ABSORPTION = np.array([0.16, 1.0, 0.82])
DERMIS = np.array([0.90, 0.76, 0.64])
SURFACE = np.array([0.016, 0.016, 0.016])

# Melanin optical depth in red: about 0.05 in the palest skin, 2 in the darkest.
_MELANIN_TABLE = np.geomspace(0.02, 3.0, 400)


def skin_color(melanin: np.ndarray, blood: np.ndarray) -> np.ndarray:
    """sRGB-coded skin colour [..., 3] of melanin and blood [...] (optical depths, red and green).

    Negative depths are taken as none.
    """
    melanin = np.maximum(melanin, 0.0)[..., None]
    blood = np.maximum(blood, 0.0)[..., None]
    light = np.exp(-(melanin * MELANIN_ABSORPTION + blood * BLOOD_ABSORPTION))
    light *= DERMIS
    light += SURFACE
    return linear_to_srgb(light)


def melanin_of_lightness(lightness: np.ndarray, blood: float = 0.3) -> np.ndarray:
    """The melanin that gives skin the sRGB-coded green value `lightness`, with `blood`.

    Lightness is about linear in what is seen, so a Gaussian of it stays one in a linear basis.
    """
    greens = skin_color(_MELANIN_TABLE, np.full_like(_MELANIN_TABLE, blood))[:, 1]
    return np.interp(lightness, greens[::-1], _MELANIN_TABLE[::-1])
