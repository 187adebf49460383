"""The colour basis for a mesh that comes without one: the principal components of painted people.

Ours throughout: `Colorist` paints people drawn by `draw_traits`; their principal components, with
vertices weighted by how much they are seen, become a `LinearBasis` with standard normal
coefficients. It depends on the seed alone.
"""

from collections.abc import Sequence

import numpy as np
import scipy.linalg
import tqdm

from tf_morph.morphable_model.color_fields import soft_step
from tf_morph.morphable_model.colorings import Colorist
from tf_morph.morphable_model.face_layout import FaceLayout
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.morphable_model.modes import basis_of_modes
from tf_morph.morphable_model.skin_tones import melanin_of_lightness, skin_color
from tf_morph.morphable_model.traits import draw_traits

COLOR_COMPONENTS = 80
NUM_PEOPLE = 1600

_CHUNK = 50
_VERTICES_AT_ONCE = 2000


def color_basis(
    layout: FaceLayout,
    components: int = COLOR_COMPONENTS,
    seed: int = 0,
    people: int = NUM_PEOPLE,
) -> LinearBasis:
    """A basis of sRGB-coded vertex colours.

    Args:
      layout: the mean face and where its features are.
      components: how many; fewer where there are fewer people.
      seed: of the people.
      people: how many are painted.
    """
    samples = paint_people(layout, people, seed)
    mean = samples.mean(axis=0)
    samples -= mean
    modes, left_out = principal_modes(samples, _weights(layout), components)
    del samples
    return basis_of_modes(mean, modes, noise_variance=left_out)


def plain_color_basis(vertices: int, seed: int = 0, people: int = NUM_PEOPLE) -> LinearBasis:
    """A basis of one skin colour all over a mesh: three components.

    Args:
      vertices: how many.
      seed: of the people whose skin it is.
      people: how many of them.
    """
    traits = draw_traits(people, np.random.default_rng([seed]))
    skin = skin_color(melanin_of_lightness(traits.lightness), traits.blood)
    mean = skin.mean(axis=0)
    _, deviations, axes = np.linalg.svd((skin - mean)[:, 0] / np.sqrt(people), full_matrices=False)
    modes = deviations[:, np.newaxis] * axes
    return basis_of_modes(
        np.repeat(mean, vertices, axis=0), np.repeat(modes[:, np.newaxis], vertices, axis=1)
    )


def with_fixed_colors(
    basis: LinearBasis, fixed: Sequence[tuple[np.ndarray, Sequence[float]]]
) -> LinearBasis:
    """The same colours but where everybody has the same one, as teeth.

    Args:
      basis: of V vertices.
      fixed: pairs of vertices, bool [V], and their sRGB-coded colour; later ones win.
    """
    mean = basis.mean.copy()
    modes = (basis.basis * basis.standard_deviations).T.reshape(-1, *mean.shape)
    for where, color in fixed:
        mean[where] = color
        modes[:, where] = 0
    return basis_of_modes(mean, modes, basis.noise_variance)


def paint_people(layout: FaceLayout, people: int, seed: int) -> np.ndarray:
    """Colours of so many drawn people, float32 [people, V, 3], sRGB-coded, in [0, 1]."""
    colorist = Colorist(layout, np.random.default_rng([seed]))
    samples = np.empty((people, len(layout.vertices), 3), np.float32)
    for start in tqdm.trange(0, people, _CHUNK, desc="colours", unit_scale=_CHUNK, unit="face"):
        rng = np.random.default_rng([seed, 1 + start])
        part = samples[start : start + _CHUNK]
        part[:] = colorist.paint(draw_traits(len(part), rng), rng)
    return samples


def principal_modes(
    deviations: np.ndarray, weights: np.ndarray, components: int
) -> tuple[np.ndarray, float]:
    """The weighted principal components of samples, each one standard deviation.

    Args:
      deviations: [n, V, 3], of zero mean.
      weights: [V], how much a vertex counts.
      components: how many; at most n - 1 are given.

    Returns:
      The modes, [K, V, 3], and the mean variance per number that they leave out.
    """
    count = len(deviations)
    wanted = min(components, count - 1)
    products = _inner_products(deviations, weights)
    _, scores = scipy.linalg.eigh(products, subset_by_index=(count - wanted, count - 1))
    scores = scores[:, ::-1]
    # Each sample's scores have unit variance, so a mode is the samples' mean product with them.
    flat = deviations.reshape(count, -1)
    modes = (scores.T.astype(np.float32) @ flat) / np.sqrt(count)
    total = _sum_of_squares(flat) / count
    left_out = max(total - _sum_of_squares(modes), 0.0) / flat.shape[1]
    return modes.reshape(-1, *deviations.shape[1:]), float(left_out)


def _sum_of_squares(rows: np.ndarray) -> float:
    """In float64, without a copy of the whole in it."""
    return sum(float(np.sum(row.astype(np.float64) ** 2)) for row in rows)


def _inner_products(deviations: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """float64 [n, n], of samples [n, V, 3] weighted by vertex, block by block.

    In float64, so that components of little variance are the same ones on any machine.
    """
    products = np.zeros((len(deviations), len(deviations)))
    for start in range(0, len(weights), _VERTICES_AT_ONCE):
        block = slice(start, start + _VERTICES_AT_ONCE)
        part = deviations[:, block].astype(np.float64) * weights[block, None]
        part = part.reshape(len(deviations), -1)
        products += part @ part.T
    return products


def _weights(layout: FaceLayout) -> np.ndarray:
    """How much of a vertex is seen in a photograph: little of neck, crown and an eyeball's back."""
    x, y, z = layout.points.T
    weights = 0.35 + 0.65 * soft_step(z, -60.0, 30.0) * soft_step(y, -125.0, 10.0)
    hidden = layout.eyeball & (z < -10.0)
    return np.where(hidden, 0.02, weights)
