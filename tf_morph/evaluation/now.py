"""The now suite: a submission to the NoW benchmark, a mesh and seven landmarks for every image.

Sanyal et al., CVPR 2019. The layout is that of the benchmark's published evaluation code
(github.com/soubhiksanyal/now_evaluation): for the image <subject>/<challenge>/<name>.jpg the files
<name>.obj and <name>.txt in the folder <subject>/<challenge>; the text has a line `x y z` for each
landmark, split by single spaces: first and fourth the outer eye corners, second and third the inner
ones, fifth the bottom of the nose, then the corners of the mouth. That each pair begins with the
subject's right is from memory.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context, NotRun
from tf_morph.evaluation.image_sets import describe_photograph_crop, predict_faces, read_photographs
from tf_morph.evaluation.mesh import Mesh, write_mesh
from tf_morph.evaluation.section import Section
from tf_morph.morphable_model import MorphableModel
from tf_morph.photographs.folders import list_photographs

NAME, SUBMISSION = "now", "now_submission"
SEVEN_LANDMARKS = (
    "right.eye.corner_outer",
    "right.eye.corner_inner",
    "left.eye.corner_inner",
    "left.eye.corner_outer",
    "center.nose.attachement_to_philtrum",
    "right.lips.corner",
    "left.lips.corner",
)
_PROTOCOL = f"""\
For every photograph <subject>/<challenge>/<name>.jpg of the folder, `{SUBMISSION}` in the run's
folder holds the predicted face, neutral, in mm, as <subject>/<challenge>/<name>.obj, and its seven
landmarks as <name>.txt: corners of the eyes from the subject's right to left, bottom of the nose,
corners of the mouth, right and left. Nothing is measured: the benchmark's scans are not public.
Photographs that cannot be read have the mean face, as the benchmark counts missing files.
"""


def now_suite(context: Context) -> Section:
    """Writes the submission for the folder given as `--data=now:FOLDER`.

    Raises:
      NotRun: no folder is given.
      InputError: it holds no photograph, or the run's model lacks a landmark.
    """
    folders = context.data.get(NAME, ())
    if not folders:
        raise NotRun("no NoW images were given: --data=now:FOLDER with <subject>/<challenge>/*.jpg")
    rows = seven_landmark_rows(context.run.model)
    target = context.workdir / SUBMISSION
    written, unread = 0, []
    for folder in folders:
        listed = list_photographs(folder)
        photographs, skipped = read_photographs(context, folder, listed)
        shapes = predict_faces(context.run, photographs.images).shape
        missing = [path for path, _ in skipped]
        mean = np.zeros((len(missing), shapes.shape[1]), shapes.dtype)
        paths = [*photographs.paths, *missing]
        places = [Path(path).relative_to(folder) for path in paths]
        write_submission(context.run.model, np.concatenate([shapes, mean]), places, rows, target)
        written, unread = written + len(paths), [*unread, *skipped]
    crop = describe_photograph_crop(context.config, folders[0])
    return Section(
        name=NAME,
        title="A submission to the NoW benchmark",
        protocol=_PROTOCOL,
        facts=(
            ("images", f"{written:,}"),
            ("of them with the mean face", f"{len(unread):,}"),
            ("crop", crop),
            ("written to", str(target)),
        ),
        notes=tuple(f"Mean face for {path}: {reason}." for path, reason in unread[:10]),
    )


def seven_landmark_rows(model: MorphableModel) -> np.ndarray:
    """[7] the vertices nearest the landmarks on the mean face.

    Raises:
      InputError: the model lacks one.
    """
    missing = [name for name in SEVEN_LANDMARKS if name not in model.landmarks]
    if missing:
        raise InputError(
            f"the run's face model has no landmark {missing[0]}: NoW wants seven with every mesh"
        )
    mean = model.vertices(np.zeros(0, np.float32)).numpy()
    points = np.array([model.landmarks[name] for name in SEVEN_LANDMARKS])
    return np.linalg.norm(mean[None] - points[:, None], axis=-1).argmin(axis=1)


def write_submission(
    model: MorphableModel,
    shapes: np.ndarray,
    places: Sequence[Path],
    landmark_rows: np.ndarray,
    target: Path,
) -> None:
    """Writes a mesh and its landmarks for each of the shapes [N, k], where its image lies.

    Args:
      places: N images' paths below the folder of the data set.
      landmark_rows: [7] vertices.
      target: the folder of the submission.
    """
    triangles = np.asarray(model.triangles)
    for shape, place in zip(tqdm(shapes, "NoW meshes", unit="mesh"), places, strict=True):
        vertices = model.vertices(shape).numpy().astype(np.float64)
        write_mesh((target / place).with_suffix(".obj"), Mesh(vertices, triangles))
        lines = [" ".join(f"{x:.6f}" for x in vertices[row]) for row in landmark_rows]
        with whole_file((target / place).with_suffix(".txt")) as temporary:
            temporary.write_text("\n".join(lines) + "\n")
