"""How far faces are from the true ones, vertex by vertex."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.evaluation.known_truth.alignment import vertex_errors
from tf_morph.morphable_model import MorphableModel

COLUMNS = (
    *("method", "vertex_mm", "vertex_mm_deviation"),
    *("color_rms", "color_rms_deviation", "people"),
)
_FACES_AT_ONCE = 64


def geometry_table(
    model: MorphableModel,
    methods: Mapping[str, Coefficients],
    true_model: MorphableModel,
    true_faces: Coefficients,
) -> pd.DataFrame:
    """Errors of each method's faces, a row a method (see `COLUMNS`).

    Args:
      model: of the methods' faces.
      methods: name to coefficients of [N] faces.
      true_model: of the true faces; the same mesh.
      true_faces: [N].

    Returns:
      Mean and standard deviation over the people of: `vertex_mm`, the mean distance of all the
      model's vertices, each counting alike, after rigid alignment of the neutral shapes;
      `color_rms`, the root mean square difference of all vertices' colours, sRGB-coded in [0, 1].
    """
    rows = []
    for name, faces in methods.items():
        errors = _errors(model, faces, true_model, true_faces)
        means, deviations = errors.mean(axis=1), errors.std(axis=1, ddof=1)
        figures = (means[0], deviations[0], means[1], deviations[1])
        rows.append((name, *figures, errors.shape[1]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _errors(model, faces: Coefficients, true_model, true_faces: Coefficients) -> np.ndarray:
    """Vertex errors, mm, and colour errors of each face: [2, N]."""
    parts = []
    for start in range(0, len(faces.shape), _FACES_AT_ONCE):
        rows = slice(start, start + _FACES_AT_ONCE)
        ours, true = faces.rows(rows), true_faces.rows(rows)
        distances = vertex_errors(
            model.vertices(ours.shape).numpy(), true_model.vertices(true.shape).numpy()
        )
        difference = _shown(model, ours) - _shown(true_model, true)
        parts.append((distances, np.sqrt(np.mean(np.square(difference), axis=(1, 2)))))
    return np.concatenate(parts, axis=1)


def _shown(model: MorphableModel, faces: Coefficients) -> np.ndarray:
    """sRGB-coded colours [N, V, 3] as they are drawn, in [0, 1]."""
    return np.clip(model.albedo(faces.texture).numpy(), 0.0, 1.0)
