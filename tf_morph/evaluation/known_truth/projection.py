"""True faces as the regressor's model can show them."""

import numpy as np

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.linear_basis import LinearBasis


def project_faces(
    faces: Coefficients, source: MorphableModel, target: MorphableModel, counts: tuple[int, int]
) -> Coefficients:
    """The faces of `target` nearest to those of `source`, by squares summed over the vertices.

    Args:
      faces: [N] in `source`.
      source, target: of one mesh.
      counts: how many of `target`'s shape and texture components there are to be.

    Returns:
      [N] coefficients of `target`, its components that never vary at 0.
    """
    nothing = np.zeros(0, np.float32)
    shift = (source.vertices(nothing) - target.vertices(nothing)).numpy()
    color_shift = (source.albedo(nothing) - target.albedo(nothing)).numpy()
    return Coefficients(
        _project(faces.shape, source.shape, target.shape, shift, counts[0]),
        _project(faces.texture, source.color, target.color, color_shift, counts[1]),
    )


def _project(
    coefficients: np.ndarray, source: LinearBasis, target: LinearBasis, shift, count: int
) -> np.ndarray:
    # Orthonormal columns: their transpose is the least squares solution.
    inverse = target.basis[:, :count].T
    scaled = coefficients * source.standard_deviations
    amounts = scaled @ (inverse @ source.basis).T + inverse @ shift.ravel()
    deviations = target.standard_deviations[:count]
    return np.divide(amounts, deviations, out=np.zeros_like(amounts), where=deviations > 0.0)
