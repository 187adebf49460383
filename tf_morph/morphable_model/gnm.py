"""Converts Google's GNM Head to a morphable model file in the Basel layout.

    python -m tf_morph.morphable_model.gnm NPZ OUT.h5 [--landmarks=head_sparse_68.txt]

NPZ is `gnm_head.npz`, version 3. All vertices are kept, and all components: of the identities as
principal components, with the covariance that the file's whitened ones have; of the expressions by
their names, a coefficient of 1 being one standard deviation. The file has neither colours nor
landmarks. The 68 landmarks are a list of their own, published beside it; with it the head is
painted as others are (color_basis.py), without it all skin has one colour and the model no
landmarks, so that no run can frame it.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from absl import flags

from tf_morph.errors import InputError, run_main
from tf_morph.morphable_model.basel_hdf5 import check_target
from tf_morph.morphable_model.color_basis import (
    COLOR_COMPONENTS,
    NUM_PEOPLE,
    color_basis,
    plain_color_basis,
    with_fixed_colors,
)
from tf_morph.morphable_model.face_layout import FaceLayout
from tf_morph.morphable_model.gnm_files import (
    LANDMARKS_FILE,
    PAGE,
    GnmHead,
    read_head,
    read_landmarks,
)
from tf_morph.morphable_model.ict_landmarks import basel_landmarks
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.morphable_model.model import MorphableModel
from tf_morph.morphable_model.modes import basis_of_modes, basis_of_units

# sRGB-coded, by group; later ones lie on earlier ones.
_INSIDE = {
    "mouth_sock": (0.28, 0.11, 0.10),
    "gums": (0.62, 0.33, 0.32),
    "tongue": (0.63, 0.35, 0.34),
    "teeth": (0.84, 0.80, 0.72),
}
_EYES = ("right_eye", "left_eye")
# Distance from the middle of the pupil, mm, and colour within: an adult's eye, brown.
_EYE_RINGS = ((np.inf, (0.86, 0.84, 0.82)), (5.9, (0.28, 0.17, 0.10)), (2.2, (0.04, 0.03, 0.03)))


def convert(
    path: str | os.PathLike,
    landmarks: str | os.PathLike | None = None,
    color_components: int = COLOR_COMPONENTS,
    seed: int = 0,
    people: int = NUM_PEOPLE,
) -> MorphableModel:
    """The morphable model of a GNM Head file.

    Args:
      path: `gnm_head.npz`.
      landmarks: the list of its 68 landmarks, see `read_landmarks`; None: the model has none.
      color_components: how many components of our colour basis, where there are landmarks.
      seed: of the painted people the colour basis comes from.
      people: how many of them.

    Raises:
      InputError: a file is missing or damaged, or the head cannot be painted by the landmarks.
    """
    head = read_head(path)
    layout = None if landmarks is None else _layout(head, read_landmarks(landmarks, head.vertices))
    if layout is None:
        colors = _plain_colors(head, seed, people)
    else:
        colors = _painted_colors(layout, color_components, seed, people, landmarks)
    parts = head.triangle_parts
    return MorphableModel(
        shape=basis_of_modes(head.vertices, head.identities),
        color=with_fixed_colors(
            colors, [(head.groups[name], _INSIDE[name]) for name in _INSIDE if name in head.groups]
        ),
        triangles=head.triangles,
        expression=basis_of_units(head.expressions),
        expression_names=head.expression_names,
        landmarks={} if layout is None else basel_landmarks(layout.contours, layout.pupils),
        triangle_parts=parts,
        part_names=() if parts is None else head.components,
        name="GNM Head",
        attributes={
            "source": f"GNM Head, {PAGE}",
            "licence": "Apache-2.0, Google LLC",
            "color": f"tf_morph's own colour basis, {colors.num_components} components, "
            f"seed {seed}",
        },
    )


def convert_for_run(path: str | os.PathLike, people: int = NUM_PEOPLE) -> MorphableModel:
    """As `convert`, with the landmarks that a run needs, from the list beside the file.

    Raises:
      InputError: as `convert`, or there is no list.
    """
    landmarks = Path(path).with_name(LANDMARKS_FILE)
    if Path(path).is_file() and not landmarks.is_file():
        raise InputError(
            f"{path}: has no landmarks to frame faces by; put their list, {LANDMARKS_FILE} from "
            f"{PAGE}, beside it"
        )
    return convert(path, landmarks, people=people)


def _layout(head: GnmHead, contours: np.ndarray) -> FaceLayout:
    eyes = _eyes(head)
    if eyes is None:
        raise InputError(
            f"the head has no groups of vertices {' and '.join(_EYES)}, which its painter needs; "
            "give no landmarks"
        )
    return FaceLayout(head.vertices, eyes, _pupils(head, eyes), contours)


def _eyes(head: GnmHead) -> np.ndarray | None:
    """Bool [2, V], the right and the left eyeball; None: the file does not tell."""
    if not all(name in head.groups and head.groups[name].any() for name in _EYES):
        return None
    return np.stack([head.groups[name] for name in _EYES])


def _pupils(head: GnmHead, eyes: np.ndarray) -> np.ndarray:
    """The foremost points of the eyeballs [2, 3], mm."""
    return np.stack([head.vertices[eye][head.vertices[eye][:, 2].argmax()] for eye in eyes])


def _painted_colors(
    layout: FaceLayout, components: int, seed: int, people: int, landmarks: str | os.PathLike
) -> LinearBasis:
    try:
        with np.errstate(divide="ignore", invalid="ignore"):  # points that coincide
            return color_basis(layout, components, seed, people)
    except (ValueError, np.linalg.LinAlgError) as error:
        raise InputError(
            f"{landmarks}: no face can be painted by these points ({error}); is it the list of "
            "this head?"
        ) from error


def _plain_colors(head: GnmHead, seed: int, people: int) -> LinearBasis:
    colors = plain_color_basis(len(head.vertices), seed, people)
    eyes = _eyes(head)
    if eyes is None:
        return colors
    rings = []
    for eye, pupil in zip(eyes, _pupils(head, eyes), strict=True):
        distance = np.linalg.norm(head.vertices[:, :2] - pupil[:2], axis=1)
        rings += [(eye & (distance <= radius), color) for radius, color in _EYE_RINGS]
    return with_fixed_colors(colors, rings)


def main(argv: Sequence[str]) -> None:
    values = flags.FLAGS
    check_target(argv[2])
    model = convert(argv[1], values.landmarks, values.colors, values.seed)
    model.save(argv[2])
    print(
        f"{argv[2]}: {model.num_vertices} vertices, {len(model.triangles)} triangles, "
        f"{model.shape_components} shape and {model.texture_components} colour components, "
        f"{model.expression_components} expressions"
    )
    if not model.landmarks:
        print(
            "It has no landmarks, so no run can frame it, and one colour of skin: give "
            f"--landmarks={LANDMARKS_FILE}, from {PAGE}"
        )


def _define_flags() -> None:
    flags.DEFINE_string("landmarks", None, "the list of the head's 68 landmarks")
    flags.DEFINE_integer("colors", COLOR_COMPONENTS, "colour components to keep", lower_bound=1)
    flags.DEFINE_integer("seed", 0, "of the faces the colour basis is drawn from", lower_bound=0)


if __name__ == "__main__":
    _define_flags()
    run_main(main, ("NPZ", "OUT.h5"))
