"""Photographs of people whose geometry is known: textured scans of heads, rendered from many sides.

    python -m tf_morph.evaluation.scan_images SCAN... --out=FOLDER [--views=10]

SCAN is a GLB, OBJ, PLY or VTK file of a head with its colours. FOLDER becomes what
`python evaluate.py --suite=micc --data=micc:FOLDER` reads: for each head its surface in mm with
landmarks, and JPEG photographs under even, warm and hard light. Where SCAN.landmarks.txt lies
beside a scan, its face is not sought.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from absl import flags
from PIL import Image
from tqdm import tqdm

from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.evaluation.mesh import read_landmarks, write_landmarks, write_mesh
from tf_morph.evaluation.scan_pose import (
    POINTS,
    UNITS_MM,
    AlignedScan,
    ScanRenderer,
    align_scan,
    portrait_framing,
)
from tf_morph.evaluation.textured_scan import read_scan
from tf_morph.morphable_model.srgb import linear_to_srgb
from tf_morph.rendering import Scene, default_distribution, sample_scene
from tf_morph.rendering.backgrounds import cluttered_background

_YAW_DEGREES, _PITCH_DEGREES = 45.0, 15.0
_FIELDS_OF_VIEW_DEGREES = (14.0, 34.0)  # from 1.4 to 0.55 m away
_SUPERSAMPLING = 3
_NOISE, _QUALITY = 0.006, 93  # of sRGB-coded values; JPEG's
_CLUTTER = 0.1
# Lights by MICC's names of conditions; what is not said is as in portraits.
_LIGHTS = {
    "cooperative": {"ambient_share": (0.5, 0.7), "key_angle_degrees": (5.0, 35.0)},
    "indoor": {"temperature_kelvin": (4200.0, 5200.0), "key_angle_degrees": (15.0, 60.0)},
    "outdoor": {
        "temperature_kelvin": (5200.0, 6700.0),
        "ambient_share": (0.2, 0.4),
        "fill_share": (0.05, 0.2),
        "key_angle_degrees": (30.0, 70.0),
    },
}
_README = """\
Photographs of heads whose geometry is known, for tf_morph's micc suite
(`python evaluate.py --workdir=RUN --suite=micc --data=micc:FOLDER`, FOLDER being this one).
They are rendered, not taken: textured scans, rotated by up to {yaw:g} degrees to either side and
{pitch:g} up or down, lit and set before backgrounds at random (seed {seed}), hair as the scan has
it. A scan's own shadows are in its texture; no new ones are cast. `scan.ply` is the surface in mm,
+Y up, +Z out of the face; `scan.landmarks.txt` says where eyes, nose and mouth are. Even light:
cooperative; warm: indoor; hard: outdoor. The scans' licences hold for all of it.

{people}
| photograph | yaw, degrees | pitch | field of view |
|---|---|---|---|
{views}
"""


class View(NamedTuple):
    """How one photograph is taken.

    Attributes:
      name: of the file below the person's folder.
      condition: of `_LIGHTS`.
      yaw_pitch_degrees, field_of_view_degrees: of head and camera.
      seed: [2] int32, of lights, background and noise.
    """

    name: str
    condition: str
    yaw_pitch_degrees: tuple[float, float]
    field_of_view_degrees: float
    seed: np.ndarray


def plan_views(count: int, seed: Sequence[int]) -> list[View]:
    """Yaws and pitches spread evenly over their ranges, in random order, the conditions in turn."""
    generator = np.random.default_rng(seed)
    evenly = (np.arange(count) + 0.5) / count * 2 - 1
    yaws, pitches = (
        generator.permutation(evenly) * most for most in (_YAW_DEGREES, _PITCH_DEGREES)
    )
    fields = generator.uniform(*_FIELDS_OF_VIEW_DEGREES, count)
    seeds = generator.integers(0, 2**31 - 1, (count, 2)).astype(np.int32)
    conditions = [list(_LIGHTS)[i % len(_LIGHTS)] for i in range(count)]
    return [
        View(f"{condition}/{i:02d}.jpg", condition, (yaw, pitch), field, own)
        for i, (condition, yaw, pitch, field, own) in enumerate(
            zip(conditions, yaws, pitches, fields, seeds, strict=True), 1
        )
    ]


def take_photograph(aligned: AlignedScan, view: View, size: int) -> np.ndarray:
    """uint8 sRGB [size, size, 3]."""
    side = size * _SUPERSAMPLING
    points = np.array([aligned.landmarks[name] for name in POINTS])
    framing = portrait_framing(points, side, view.field_of_view_degrees)
    rendered = ScanRenderer(aligned.scan, framing, side)(_scene(view, side))
    shown = np.concatenate([rendered.image.clip(0, 1), rendered.mask[..., None]], axis=-1)
    shown = shown.reshape(size, _SUPERSAMPLING, size, _SUPERSAMPLING, 4).mean(axis=(1, 3))
    image = shown[..., :3] + (1 - shown[..., 3:]) * _background(view, size)
    noise = np.random.default_rng(view.seed).normal(0.0, _NOISE, image.shape)
    return np.rint(255 * (linear_to_srgb(image) + noise).clip(0, 1)).astype(np.uint8)


def _scene(view: View, side: int) -> Scene:
    """Its lights before black."""
    distribution = default_distribution() | _LIGHTS[view.condition]
    scene = sample_scene(distribution, 1, 1, 1, tf.constant(view.seed))
    roll = scene.yaw_pitch_roll[:, 2:]
    turn = tf.constant([np.radians(view.yaw_pitch_degrees)], tf.float32)
    return scene._replace(
        yaw_pitch_roll=tf.concat([turn, roll], axis=1), background=tf.zeros([1, side, side, 3])
    )


def _background(view: View, size: int) -> np.ndarray:
    contrast = 0.02 if view.condition == "cooperative" else _CLUTTER
    seed = tf.constant(view.seed) + 1
    return cluttered_background(1, size, size, seed, tf.constant([contrast]))[0].numpy()


def write_person(aligned: AlignedScan, folder: Path, views: Sequence[View], size: int) -> None:
    """Scan, landmarks and photographs of one person, as the micc suite reads them."""
    write_mesh(folder / "scan.ply", aligned.scan.mesh)
    write_landmarks(folder / "scan.ply", aligned.landmarks)
    for view in tqdm(views, folder.name, unit="photo"):
        image = Image.fromarray(take_photograph(aligned, view, size))
        with whole_file(folder / view.name) as temporary:
            image.save(temporary, "JPEG", quality=_QUALITY)


def photograph_scans(
    scans: Mapping[Path, Path | None], out: Path, views: int, size: int, seed: int, **as_said
) -> None:
    """Reads, places and photographs all of them.

    Args:
      scans: file to the image of its colours, or None.
      as_said: unit and v, see `align_scan`.

    Raises:
      InputError: two have one name, or what `read_scan` and `align_scan` raise.
    """
    names = [path.stem for path in scans]
    if len(set(names)) < len(names):
        raise InputError(f"two scans are called {max(names, key=names.count)}: rename one of them")
    people, lines = [], []
    for number, (path, texture) in enumerate(scans.items()):
        aligned = align_scan(read_scan(path, texture), path, read_landmarks(path), **as_said)
        plan = plan_views(views, [seed, number])
        write_person(aligned, out / path.stem, plan, size)
        people.append(f"- {path.stem}, from {path.name}: {'; '.join(aligned.notes)}.\n")
        print(people[-1].strip("- \n"), flush=True)
        lines += [
            f"| {path.stem}/{view.name} | {view.yaw_pitch_degrees[0]:+.1f} | "
            f"{view.yaw_pitch_degrees[1]:+.1f} | {view.field_of_view_degrees:.0f} |"
            for view in plan
        ]
    text = _README.format(
        yaw=_YAW_DEGREES, pitch=_PITCH_DEGREES, seed=seed, people="".join(people),
        views="\n".join(lines),
    )  # fmt: skip
    with whole_file(out / "README.md") as temporary:
        temporary.write_text(text)


def _define_flags() -> None:
    flags.DEFINE_string("out", None, "The folder that is made.")
    flags.DEFINE_integer("views", 10, "Photographs of each head.", lower_bound=3)
    flags.DEFINE_integer("size", 400, "Side of a photograph, pixels.", lower_bound=64)
    flags.DEFINE_integer("seed", 0, "Of sides, lights and backgrounds.", lower_bound=0)
    flags.DEFINE_multi_string("texture", [], "A scan's colours; once for each scan, in their order")
    flags.DEFINE_enum("unit", "auto", ["auto", *UNITS_MM], "Of the scans; auto: by the face's size")
    flags.DEFINE_enum(
        "texture_v", "auto", ["auto", "up", "down"], "up: v counts from the texture's bottom."
    )


def main(argv: Sequence[str]) -> None:
    values = flags.FLAGS
    if not values.out:
        raise InputError("missing --out=FOLDER: where scans and photographs are to lie")
    paths = [expand_path(path) for path in argv[1:]]
    textures = [expand_path(path) for path in values.texture] or [None] * len(paths)
    if len(textures) != len(paths):
        raise InputError(f"{len(textures)} textures for {len(paths)} scans; give one for each")
    photograph_scans(
        dict(zip(paths, textures, strict=True)), expand_path(values.out),
        values.views, values.size, values.seed, unit=values.unit, v=values.texture_v,
    )  # fmt: skip


if __name__ == "__main__":
    run_main(main, ("SCAN...",), _define_flags)
