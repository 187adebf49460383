"""What makes a procedural face more than `face_modes` says: smooth random fields without a name.

They are drawn once, from the seed, and are no part of the model a regressor gets: a person's true
face lies outside what the regressor can say.
"""

import numpy as np

from tf_morph.morphable_model.color_fields import RandomFields
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.morphable_model.modes import basis_of_modes
from tf_morph.morphable_model.procedural_surface import EYE_CENTER, Surface, bump

FIELDS = 60
# Root mean square over people and skin, length of the vector; about 0.6 mm of it lie outside
# the span of `face_modes`.
DISPLACEMENT_MM = 1.0
_LENGTHS_MM = (12.0, 18.0, 25.0)
# (length in mm, standard deviation of the sRGB-coded colour): freckles and blotches.
_BLOTCHES = ((4.0, 0.008), (9.0, 0.010), (16.0, 0.010))
_TINT = np.array([0.8, 1.1, 1.1])  # blood and melanin both take less red than green and blue


def residual_displacements(surface: Surface, seed: int) -> np.ndarray:
    """[FIELDS,V,3] mm, each one standard deviation; eyes and lids keep nearly still."""
    rng = np.random.default_rng([seed, 2])
    per_length = FIELDS // len(_LENGTHS_MM)
    fields = []
    for length in _LENGTHS_MM:
        # Faces are broader or narrower more than they lean to a side.
        sideways = RandomFields(surface.vertices, length, rng, asymmetry=0.9).draw(per_length, rng)
        others = [RandomFields(surface.vertices, length, rng).draw(per_length, rng) for _ in "yz"]
        fields.append(np.stack([sideways, *others], axis=-1))
    x, y, _ = surface.vertices.T
    eyes = bump(np.abs(x), y, EYE_CENTER[:2], (16.0, 9.0))
    still = (1.0 - 0.9 * eyes)[:, None] * ~surface.eyeball[:, None]
    return np.concatenate(fields) * still * (DISPLACEMENT_MM / np.sqrt(3 * FIELDS))


def residual_colors(surface: Surface, seed: int) -> np.ndarray:
    """[FIELDS,V,3] sRGB-coded, each one standard deviation; none on the eyeballs."""
    rng = np.random.default_rng([seed, 3])
    per_length = FIELDS // len(_BLOTCHES)
    fields = []
    for length, deviation in _BLOTCHES:
        grey = RandomFields(surface.vertices, length, rng).draw(per_length, rng)
        tint = _TINT * np.exp(0.2 * rng.standard_normal((per_length, 1, 3)))
        fields.append(grey[..., None] * tint * (deviation / np.sqrt(per_length)))
    return np.concatenate(fields) * ~surface.eyeball[:, None]


def with_residual(basis: LinearBasis, fields: np.ndarray) -> LinearBasis:
    """`basis` with the part of `fields` [K,V,3] outside its span as further components."""
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
