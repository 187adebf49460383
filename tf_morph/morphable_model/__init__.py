"""The statistical face: `MorphableModel`, its files and its sources."""

from tf_morph.morphable_model.linear_basis import LinearBasis as LinearBasis
from tf_morph.morphable_model.model import MorphableModel as MorphableModel
