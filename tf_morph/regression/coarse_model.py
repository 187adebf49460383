"""A face model of fewer vertices, for pages and event files that hold many faces."""

import numpy as np

from tf_morph.morphable_model import MorphableModel
from tf_morph.rendering.level_of_detail import simplified

_COLOR_MM = 40.0  # what black to white counts for, in millimetres, where vertices are left out


def fewer_vertices(model: MorphableModel, most: int) -> MorphableModel:
    """The model with at most about `most` of its vertices; itself where it has no more."""
    if model.num_vertices <= most:
        return model
    triangles = simplified(
        model.shape.mean, model.triangles, most, _COLOR_MM * np.asarray(model.color.mean)
    )
    kept = np.unique(triangles)
    return model.of_vertices(kept, np.searchsorted(kept, triangles).astype(np.int32))
