"""Makes a face model from this project's own code, in the Basel layout.

    python -m tf_morph.morphable_model.procedural OUT.h5

The front of a head, about 8,300 vertices with eyeballs and ears, up to where hair covers it; 60
shape and 40 colour components, the leading ones of the distribution that `full_model` has whole.
It looks like people, not like any person: nothing in it was measured on anybody, but facial
distances vary as published anthropometry says (procedural_distances.py).
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from absl import flags

from tf_morph.errors import run_main
from tf_morph.morphable_model.basel_hdf5 import check_target
from tf_morph.morphable_model.color_basis import color_basis
from tf_morph.morphable_model.ict_landmarks import basel_landmarks
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.morphable_model.model import MorphableModel
from tf_morph.morphable_model.modes import basis_of_modes
from tf_morph.morphable_model.procedural_layout import face_layout
from tf_morph.morphable_model.procedural_modes import face_modes
from tf_morph.morphable_model.procedural_residual import (
    residual_colors,
    residual_displacements,
    with_residual,
)
from tf_morph.morphable_model.procedural_surface import average_surface
from tf_morph.morphable_model.procedural_threads import one_blas_thread

SHAPE_COMPONENTS = 60
COLOR_COMPONENTS = 40
PAINTED_PEOPLE = 400


def procedural_model(seed: int = 0) -> MorphableModel:
    """The leading components of `full_model(seed)`: what the file holds."""
    return leading_components(full_model(seed))


@one_blas_thread()
def full_model(seed: int = 0, painted_people: int = PAINTED_PEOPLE) -> MorphableModel:
    """Every way in which the procedural faces vary, as one model: `face_modes`, then a residual.

    The same to the last bit for the same seed on one kind of processor, whatever the number of
    threads, where NumPy comes with OpenBLAS.

    Args:
      seed: of the modes without a name, of the colours, and of the residual.
      painted_people: how many the colour components are drawn from.
    """
    surface = average_surface()
    layout = face_layout(surface)
    modes = face_modes(surface, seed)
    directions = np.tensordot(modes.loadings.T, modes.displacements, axes=1)
    shape = _leading(basis_of_modes(surface.vertices, directions), len(modes.names), 0.0)
    color = color_basis(layout, seed=seed, people=painted_people)
    return MorphableModel(
        shape=with_residual(shape, residual_displacements(surface, seed)),
        color=with_residual(color, residual_colors(surface, seed)),
        triangles=surface.triangles,
        landmarks=basel_landmarks(layout.contours, layout.pupils),
        name="procedural face",
        attributes={
            "source": f"tf_morph's own procedural face, seed {seed}",
            "licence": "Apache-2.0",
        },
    )


def leading_components(
    model: MorphableModel,
    shape_components: int = SHAPE_COMPONENTS,
    color_components: int = COLOR_COMPONENTS,
) -> MorphableModel:
    """The model with its first components only; the rest becomes `noise_variance`."""
    return dataclasses.replace(
        model,
        shape=_leading(model.shape, shape_components),
        color=_leading(model.color, color_components),
    )


def _leading(basis: LinearBasis, count: int, share_to_noise: float = 1.0) -> LinearBasis:
    left_out = np.sum(np.square(basis.standard_deviations[count:], dtype=np.float64))
    return LinearBasis(
        basis.mean,
        basis.basis[:, :count],
        basis.standard_deviations[:count],
        basis.noise_variance + share_to_noise * float(left_out) / basis.mean.size,
    )


def main(argv: Sequence[str]) -> None:
    check_target(argv[1])
    model = procedural_model(flags.FLAGS.seed)
    model.save(argv[1])
    print(
        f"{argv[1]}: {model.num_vertices} vertices, {len(model.triangles)} triangles, "
        f"{model.shape_components} shape and {model.texture_components} colour components"
    )


if __name__ == "__main__":
    flags.DEFINE_integer("seed", 0, "of the modes of variation that have no name", lower_bound=0)
    run_main(main, ("OUT.h5",))
