"""What is written of one head: meshes, coefficients, picture, page."""

import dataclasses
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tf_morph.array_cache import keep_arrays
from tf_morph.atomic import whole_file
from tf_morph.reconstruction.face import Face
from tf_morph.reconstruction.mesh import joined
from tf_morph.reconstruction.mesh_files import write_mesh
from tf_morph.reconstruction.page import face_page
from tf_morph.reconstruction.picture import picture_strip
from tf_morph.reconstruction.portraits import FRONT, PROFILE, THREE_QUARTER

MESHES = ("glb", "obj", "ply")
COEFFICIENTS, PICTURE, PAGE = "coefficients", "picture", "page"
KINDS = (*MESHES, COEFFICIENTS, PICTURE, PAGE)
STEM = "face"
PICTURE_FILE, PAGE_FILE = f"{STEM}.jpg", "index.html"
PICTURE_SIZE = 256  # pixels, of each drawing
_VIEWS = (("front", FRONT), ("three-quarter", THREE_QUARTER), ("profile", PROFILE))


@dataclasses.dataclass(frozen=True)
class Source:
    """Where a head comes from.

    Attributes:
      title: what to call it.
      photographs: the files it was read from.
      run: what read it, in words.
    """

    title: str
    photographs: tuple[str, ...]
    run: str


def write_face(
    folder: Path,
    face: Face,
    photographed: Sequence[tuple[str, np.ndarray]],
    source: Source,
    kinds: Sequence[str] = KINDS,
) -> None:
    """Writes a head's files, each whole or not at all.

    Args:
      folder: to write into; it is made.
      face: the head.
      photographed: caption and picture, uint8 sRGB [`PICTURE_SIZE`, `PICTURE_SIZE`, 3], of what is
        shown before the drawings.
      source: what its page and coefficients say of it.
      kinds: which of `KINDS`.

    Raises:
      OSError: a file cannot be written.
    """
    meshes = [kind for kind in MESHES if kind in kinds]
    for kind in meshes:
        write_mesh(folder / f"{STEM}.{kind}", face.mesh)
    if COEFFICIENTS in kinds:
        write_coefficients(folder, face, source)
    if PICTURE not in kinds and PAGE not in kinds:
        return
    strip = picture_strip([*photographed, *_drawings(face)])
    coded = io.BytesIO()
    strip.save(coded, "JPEG", quality=90)
    if PICTURE in kinds:
        with whole_file(folder / PICTURE_FILE) as temporary:
            temporary.write_bytes(coded.getvalue())
    if PAGE in kinds:
        files = [f"{STEM}.{kind}" for kind in meshes]
        shown = joined(face.surface, face.hair)
        page = face_page(source.title, shown, coded.getvalue(), facts(face, source), files)
        with whole_file(folder / PAGE_FILE) as temporary:
            temporary.write_text(page, encoding="utf-8")


def write_coefficients(folder: Path, face: Face, source: Source) -> None:
    """Writes `coefficients.json`, for people, and `coefficients.npz`, for programs."""
    arrays = {"shape": face.shape, "texture": face.texture}
    if face.found is not None:
        detected = face.found.detected
        arrays |= {
            "alignment": face.found.alignment,
            "five_points": detected.five_points,
            "box": detected.box,
        }
    arrays |= _view(face)
    keep_arrays(folder / "coefficients.npz", "coefficients", **arrays)
    described = {
        "photographs": source.photographs,
        "run": source.run,
        "units": "standard deviations of the face model; pixels of the upright photograph; radians",
    } | {name: _rounded(values) for name, values in arrays.items()}
    with whole_file(folder / "coefficients.json") as temporary:
        temporary.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


def _view(face: Face) -> dict[str, np.ndarray]:
    """What was fitted to the photograph, by name."""
    if face.fitted is None:
        return {}
    fields = dataclasses.asdict(face.fitted)
    return {name: np.asarray(value) for name, value in fields.items() if value is not None}


def facts(face: Face, source: Source) -> list[tuple[str, object]]:
    """What a page says of a head."""
    return [
        ("photographs", ", ".join(source.photographs)),
        ("read by", source.run),
        (
            "mesh",
            f"{len(face.surface.vertices):,} vertices, {len(face.surface.triangles):,} triangles",
        ),
        ("coefficients", f"{len(face.shape)} of shape, {len(face.texture)} of colour"),
        *_fitted_facts(face),
    ]


def _fitted_facts(face: Face) -> list[tuple[str, object]]:
    if face.fitted is None:
        return []
    degrees = np.degrees(face.fitted.yaw_pitch_roll)
    return [
        ("yaw, pitch, roll", ", ".join(f"{angle:.1f}°" for angle in degrees)),
        ("landmarks off by", f"{face.fitted.landmark_error:.1f} % of the distance of the eyes"),
    ]


def _drawings(face: Face) -> list[tuple[str, np.ndarray]]:
    names, poses = zip(*_VIEWS, strict=True)
    return list(zip(names, face.render_poses(poses, PICTURE_SIZE), strict=True))


def _rounded(values: np.ndarray) -> list:
    return np.round(values.astype(float), 6).tolist()
