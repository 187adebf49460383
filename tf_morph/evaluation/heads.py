"""Faces as heads to turn."""

from collections.abc import Sequence

import numpy as np

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.evaluation.sections import Head
from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.coarse_model import fewer_vertices

_MOST_VERTICES = 12_000  # for a page that holds several


def make_heads(
    model: MorphableModel,
    faces: Coefficients,
    names: Sequence[str],
    captions: Sequence[str],
    photographs: np.ndarray | None = None,
) -> tuple[Head, ...]:
    """A head a face; of a model of many vertices, with some of them.

    Args:
      faces: [N] of the model.
      names, captions: N.
      photographs: [N, S, S, 3] uint8 sRGB they were read from, if they were.
    """
    model = fewer_vertices(model, _MOST_VERTICES)
    vertices = model.vertices(faces.shape).numpy()
    colors = np.clip(model.albedo(faces.texture).numpy(), 0.0, 1.0)
    return tuple(
        Head(
            name=name,
            caption=caption,
            vertices=vertices[row],
            colors=np.round(colors[row] * 255.0).astype(np.uint8),
            triangles=model.triangles,
            photograph=None if photographs is None else photographs[row],
        )
        for row, (name, caption) in enumerate(zip(names, captions, strict=True))
    )
