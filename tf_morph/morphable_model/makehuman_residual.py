"""What makes an open head more than its components: smooth random fields without a name.

They are drawn once, from the seed, and are no part of the model a regressor gets: a person's true
face lies outside what the regressor can say.
"""

import dataclasses

import numpy as np

from tf_morph.morphable_model.color_fields import RandomFields, bump
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.morphable_model.makehuman import PAINTED_PEOPLE, full_head
from tf_morph.morphable_model.model import MorphableModel
from tf_morph.morphable_model.modes import basis_of_modes

FIELDS = 45
# Root mean square over people and skin, length of the vector, before what the components can say
# is taken off.
DISPLACEMENT_MM = 0.7
_LENGTHS_MM = (10.0, 16.0, 25.0)
_EYE_RADII_MM = (16.0, 9.0)  # lids must not leave the eyeballs, which keep still
# (length in mm, standard deviation of the sRGB-coded colour): freckles and blotches.
_BLOTCHES = ((4.0, 0.008), (9.0, 0.010), (16.0, 0.010))
_TINT = np.array([0.8, 1.1, 1.1])  # blood and melanin both take less red than green and blue


def people_head(seed: int = 0, painted_people: int = PAINTED_PEOPLE) -> MorphableModel:
    """The model people are drawn from: `full_head(seed)` and, as its last components, the residual.

    Raises:
      InputError: see `full_head`.
    """
    return with_residual(full_head(seed, painted_people), seed)


def with_residual(model: MorphableModel, seed: int) -> MorphableModel:
    """The model with the residual's part outside the span of its components as further ones.

    Args:
      model: with landmarks; what its part "eyes" is of keeps still and keeps its colour.
      seed: of the fields.
    """
    return dataclasses.replace(
        model,
        shape=_extended(model.shape, residual_displacements(model, seed)),
        color=_extended(model.color, residual_colors(model, seed)),
    )


def residual_displacements(model: MorphableModel, seed: int) -> np.ndarray:
    """[FIELDS, V, 3] mm, each one standard deviation; eyes and lids keep nearly still."""
    rng = np.random.default_rng([seed, 2])
    vertices = np.asarray(model.shape.mean, np.float64)
    per_length = FIELDS // len(_LENGTHS_MM)
    fields = []
    for length in _LENGTHS_MM:
        # Faces are broader or narrower more than they lean to a side.
        sideways = RandomFields(vertices, length, rng, asymmetry=0.9).draw(per_length, rng)
        others = [RandomFields(vertices, length, rng).draw(per_length, rng) for _ in "yz"]
        fields.append(np.stack([sideways, *others], axis=-1))
    still = _skin(model).astype(float)
    for eye in five_points(model.landmarks)[:2]:
        still = still * (1.0 - 0.9 * bump(vertices[:, :2], eye[:2], _EYE_RADII_MM))
    return np.concatenate(fields) * still[:, None] * (DISPLACEMENT_MM / np.sqrt(3 * FIELDS))


def residual_colors(model: MorphableModel, seed: int) -> np.ndarray:
    """[FIELDS, V, 3] sRGB-coded, each one standard deviation; none on the eyeballs."""
    rng = np.random.default_rng([seed, 3])
    vertices = np.asarray(model.shape.mean, np.float64)
    per_length = FIELDS // len(_BLOTCHES)
    fields = []
    for length, deviation in _BLOTCHES:
        grey = RandomFields(vertices, length, rng).draw(per_length, rng)
        tint = _TINT * np.exp(0.2 * rng.standard_normal((per_length, 1, 3)))
        fields.append(grey[..., None] * tint * (deviation / np.sqrt(per_length)))
    return np.concatenate(fields) * _skin(model)[:, None]


def _skin(model: MorphableModel) -> np.ndarray:
    """bool [V]: all but the eyeballs, where the mesh is divided."""
    skin = np.ones(model.num_vertices, bool)
    if "eyes" in model.part_names:
        skin[model.triangles[model.triangle_parts == model.part_names.index("eyes")]] = False
    return skin


def _extended(basis: LinearBasis, fields: np.ndarray) -> LinearBasis:
    """`basis` with the part of `fields` [K, V, 3] outside its span as further components."""
    spanned = basis.basis.astype(np.float64)
    flat = fields.reshape(len(fields), -1)
    outside = flat - (flat @ spanned) @ spanned.T
    rest = basis_of_modes(basis.mean, outside.reshape(fields.shape))
    return LinearBasis(
        basis.mean,
        np.concatenate([basis.basis, rest.basis], axis=1),
        np.concatenate([basis.standard_deviations, rest.standard_deviations]),
        basis.noise_variance,
    )
