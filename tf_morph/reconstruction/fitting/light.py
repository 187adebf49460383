"""Which light makes a face look as it does in its photograph: linear, so solved, not searched for.

Of fixed lights around the face and light from everywhere, the picture is a sum; their colours are
not negative. Faces' colours and light's cannot be told apart from one photograph: what the face's
colours lack, the light takes on.
"""

import numpy as np
from scipy.optimize import nnls

from tf_morph.reconstruction.fitting.robust import robust_weights

_RING_DEGREES = 60.0  # between the ring's lights and the camera
_RING = 6
_ROUNDS = 5  # of weighing pixels anew
_HUE_ROUNDS = 3
_PULL = 0.01  # towards `_USUAL`, as a share of what the pixels say
# Towards lights of one hue, likewise: else a hand or scarf before the face is a light of its hue.
_PULL_TO_ONE_HUE = 0.1
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
    coded = _coded(photograph)
    told = (coded > _DARK) & (coded < _BRIGHT)
    colors = _usual_light(lit, photograph)
    for width in spread * np.geomspace(2.0, 1.0, _ROUNDS):
        drawn = np.einsum("lnc,lc->nc", lit, colors)
        off = np.where(told, _coded(drawn) - coded, 0.0)
        weights = robust_weights(np.linalg.norm(off, axis=1, keepdims=True), width)
        colors = _solve(lit, photograph, weights * told * _srgb_slope(drawn) ** 2)
    return colors[:-1], colors[-1]


def _usual_light(lit: np.ndarray, photograph: np.ndarray) -> np.ndarray:
    """[L + 1, 3]: the usual light, as bright and of the hue that most pixels have."""
    drawn = np.einsum("lnc,l->nc", lit, _usual(len(lit)))
    ratios = photograph / np.maximum(drawn, 1e-3)
    return np.outer(_usual(len(lit)), np.median(ratios, axis=0) if len(ratios) else np.ones(3))


def _usual(count: int) -> np.ndarray:
    return np.append(np.full(count - 1, _USUAL), _USUAL_AMBIENT)


def _solve(lit: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """[L + 1, 3], not negative: weighted least squares, drawn to one hue and the usual light."""
    grams = np.einsum("lnc,mnc->clm", lit * weights, lit)
    rights = np.einsum("lnc,nc->cl", lit * weights, target)
    usual = _usual(len(lit))
    hue = np.ones(3)
    for _ in range(_HUE_ROUNDS):
        gram, right = np.einsum("c,clm->lm", hue**2, grams), hue @ rights
        common = _drawn_solution(gram, right, usual, _PULL)
        hue = rights @ common / np.maximum(common @ grams @ common, 1e-9)
    return np.stack(
        [
            _drawn_solution(gram, right, common * gain, _PULL_TO_ONE_HUE)
            for gram, right, gain in zip(grams, rights, hue, strict=True)
        ],
        axis=1,
    )


def _drawn_solution(gram, right, usual, pull) -> np.ndarray:
    """x >= 0 that is nearest to gram x = right and, as far as `pull` says, to `usual`."""
    strength = pull * np.trace(gram) / len(gram) + 1e-9
    root = np.linalg.cholesky(gram + strength * np.eye(len(gram)))
    return nnls(root.T, np.linalg.solve(root, right + strength * usual))[0]


def _srgb_slope(linear: np.ndarray) -> np.ndarray:
    """How fast the sRGB code grows with linear light; about its power, without its straight end."""
    return 1.055 / 2.4 * np.maximum(linear, 0.01) ** (1 / 2.4 - 1)


def _coded(linear: np.ndarray) -> np.ndarray:
    """The sRGB code likewise: of every shape, where `rendering.color` compiles anew."""
    return 1.055 * np.clip(linear, 0.0, 1.0) ** (1 / 2.4) - 0.055
