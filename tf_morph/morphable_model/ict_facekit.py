"""Converts ICT-FaceKit to a morphable model file in the Basel layout.

    python -m tf_morph.morphable_model.ict_facekit FOLDER_OR_ZIP OUT.h5

FOLDER_OR_ZIP holds `FaceXModel/`, at any depth. Kept are the face proper, the scleras and the
irises; of the identities, however many files there are, each the mean face plus one principal
component times its standard deviation. Of the expressions each becomes a named unit ("jawOpen",
"mouthSmile_L"; "L" is the subject's left) whose full strength is its file's. The mesh comes without
colours: the colour basis is ours (color_basis.py).
"""

import os
from collections.abc import Sequence

import numpy as np
import tqdm
from absl import flags

from tf_morph.errors import run_main
from tf_morph.morphable_model.basel_hdf5 import check_target
from tf_morph.morphable_model.color_basis import COLOR_COMPONENTS, NUM_PEOPLE, color_basis
from tf_morph.morphable_model.face_layout import FaceLayout
from tf_morph.morphable_model.ict_files import PAGE, IctFiles
from tf_morph.morphable_model.ict_landmarks import basel_landmarks
from tf_morph.morphable_model.ict_mesh import IctMesh, read_mesh
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.morphable_model.model import MorphableModel
from tf_morph.morphable_model.modes import basis_of_modes, basis_of_units


def convert(
    path: str | os.PathLike,
    identities: int | None = None,
    color_components: int = COLOR_COMPONENTS,
    seed: int = 0,
    people: int = NUM_PEOPLE,
) -> MorphableModel:
    """The morphable model of an ICT-FaceKit folder or zip.

    Args:
      path: a folder with `FaceXModel` at any depth, or a zip of it.
      identities: how many identity files, from the first; None for all.
      color_components: how many components of our colour basis.
      seed: of the painted people the colour basis comes from.
      people: how many of them.

    Raises:
      InputError: no such path, or files missing or damaged.
    """
    files = IctFiles(path)
    mesh = read_mesh(files)
    names = files.identities[:identities]
    modes = [mesh.offsets(files, name) for name in tqdm.tqdm(names, "identities", unit="file")]
    expression = expression_basis(files, mesh)
    layout = _layout(mesh)
    return MorphableModel(
        shape=basis_of_modes(mesh.vertices, np.stack(modes)),
        color=color_basis(layout, color_components, seed, people),
        triangles=mesh.triangles,
        expression=expression,
        expression_names=tuple(files.expressions),
        landmarks=basel_landmarks(mesh.contours, layout.pupils),
        name="ICT-FaceKit",
        attributes={
            "source": f"ICT-FaceKit light model, {len(names)} identity components, {PAGE}",
            "licence": "MIT, (c) 2020 USC Institute for Creative Technologies",
            "color": f"tf_morph's own colour basis, {color_components} components, seed {seed}",
        },
    )


def expression_basis(files: IctFiles, mesh: IctMesh) -> LinearBasis | None:
    """The expressions in the order of `files.expressions`, offsets in mm; None: there are none.

    Raises:
      InputError: a file is damaged or of another mesh.
    """
    units = [mesh.offsets(files, name) for name in files.expressions.values()]
    return basis_of_units(np.stack(units)) if units else None


def _layout(mesh: IctMesh) -> FaceLayout:
    pupils = [mesh.vertices[eye][mesh.vertices[eye][:, 2].argmax()] for eye in mesh.eyes]
    return FaceLayout(mesh.vertices, mesh.eyes, np.stack(pupils), mesh.contours)


def main(argv: Sequence[str]) -> None:
    values = flags.FLAGS
    check_target(argv[2])
    model = convert(argv[1], values.identities, values.colors, values.seed)
    model.save(argv[2])
    print(
        f"{argv[2]}: {model.num_vertices} vertices, {len(model.triangles)} triangles, "
        f"{model.shape_components} shape and {model.texture_components} colour components, "
        f"{model.expression_components} expressions"
    )


def _define_flags() -> None:
    flags.DEFINE_integer("identities", None, "how many identity files; all if unset", lower_bound=1)
    flags.DEFINE_integer("colors", COLOR_COMPONENTS, "colour components to keep", lower_bound=1)
    flags.DEFINE_integer("seed", 0, "of the faces the colour basis is drawn from", lower_bound=0)


if __name__ == "__main__":
    _define_flags()
    run_main(main, ("FOLDER_OR_ZIP", "OUT.h5"))
