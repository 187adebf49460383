"""Which light makes a face look as it does in its photograph: linear, so solved, not searched for.

Of fixed lights around the face and light from everywhere, the picture is a sum; their colours are
not negative. Faces' colours and light's cannot be told apart from one photograph: what the face's
colours lack, the light takes on.
"""

import numpy as np
from scipy.optimize import nnls

from tf_morph.reconstruction.fitting.robust import robust_weights
from tf_morph.rendering.color import linear_to_srgb

_RING_DEGREES = 60.0  # between the ring's lights and the camera
_RING = 6
_ROUNDS = 5  # of weighing pixels anew
_PULL = 3e-3  # towards `_USUAL`, as a share of what the pixels say
_USUAL = 0.08  # of each light where pixels say nothing
_USUAL_AMBIENT = 0.4
_DARK, _BRIGHT = 0.02, 0.97  # sRGB; beyond them a photograph says no more how dark or bright


def light_directions() -> np.ndarray:
    """Unit vectors [L, 3] from the face: one from the camera, a ring around it."""
    around = np.radians(np.arange(_RING) * 360.0 / _RING + 30.0)
    tilt = np.radians(_RING_DEGREES)
    ring = np.stack(
        [np.sin(tilt) * np.cos(around), np.sin(tilt) * np.sin(around), np.full(_RING, np.cos(tilt))]
    )
    return np.concatenate([[[0.0, 0.0, 1.0]], ring.T])


def solve_light(
    lit: np.ndarray, photograph: np.ndarray, spread: float
) -> tuple[np.ndarray, np.ndarray]:
    """The lights' colours under which the face looks most like the photograph.

    Pixels that no light explains (hair, a hand, a shadow) are given up little by little.

    Args:
      lit: [L + 1, N, 3] linear RGB, of N pixels of the face under each light alone, of white, and
        at last under ambient light alone.
      photograph: [N, 3] linear RGB, of the same pixels.
      spread: sRGB-coded, how far a pixel may be off before it is given up.

    Returns:
      (colours [L, 3], ambient [3]), linear RGB, not negative.
    """
    coded = linear_to_srgb(np.clip(photograph, 0.0, 1.0).astype(np.float32)).numpy()
    slope = _srgb_slope(photograph)
    told = (coded > _DARK) & (coded < _BRIGHT)
    weights = np.ones(len(photograph))
    for width in spread * np.geomspace(4.0, 1.0, _ROUNDS):
        colors = np.stack(
            [
                _solve(lit[..., c], photograph[:, c], weights * told[:, c] * slope[:, c] ** 2)
                for c in range(3)
            ],
            axis=1,
        )
        off = (np.einsum("lnc,lc->nc", lit, colors) - photograph) * slope
        weights = robust_weights(np.linalg.norm(np.where(told, off, 0.0), axis=1), width)
    return colors[:-1], colors[-1]


def _solve(lit: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """[L + 1], not negative: weighted least squares with a pull towards the usual light."""
    usual = np.full(len(lit), _USUAL)
    usual[-1] = _USUAL_AMBIENT
    gram = (lit * weights) @ lit.T
    pull = _PULL * np.trace(gram) / len(lit) + 1e-9
    matrix = gram + pull * np.eye(len(lit))
    root = np.linalg.cholesky(matrix)
    right = (lit * weights) @ target + pull * usual
    return nnls(root.T, np.linalg.solve(root, right))[0]


def _srgb_slope(linear: np.ndarray) -> np.ndarray:
    """How fast the sRGB code grows with linear light; about its power, without its straight end."""
    return 1.055 / 2.4 * np.maximum(linear, 0.01) ** (1 / 2.4 - 1)
