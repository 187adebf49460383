"""What is written of one head: meshes, coefficients, picture, page."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tf_morph.atomic import whole_file
from tf_morph.photographs.alignment import warp
from tf_morph.reconstruction.face import Face
from tf_morph.reconstruction.mesh_files import write_mesh
from tf_morph.reconstruction.page import face_page
from tf_morph.reconstruction.picture import picture_strip
from tf_morph.reconstruction.portraits import FRONT, PROFILE, THREE_QUARTER

MESHES = ("glb", "obj", "ply")
COEFFICIENTS, PICTURE, PAGE = "coefficients", "picture", "page"
KINDS = (*MESHES, COEFFICIENTS, PICTURE, PAGE)
STEM = "face"
PICTURE_SIZE = 320  # pixels, of each drawing
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
    photograph: Image.Image | None,
    source: Source,
    kinds: Sequence[str] = KINDS,
) -> None:
    """Writes a head's files, each whole or not at all.

    Args:
      folder: to write into; it is made.
      face: the head.
      photograph: it was read from, upright; None for one of several.
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
    strip = picture_strip([*_photograph(face, photograph), *_drawings(face)])
    if PICTURE in kinds:
        with whole_file(folder / f"{STEM}.png") as temporary:
            strip.save(temporary, "PNG")
    if PAGE in kinds:
        files = [f"{STEM}.{kind}" for kind in meshes]
        text = face_page(source.title, face.mesh, strip, facts(face, source), files)
        with whole_file(folder / "index.html") as temporary:
            temporary.write_text(text, encoding="utf-8")


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
    with whole_file(folder / "coefficients.npz") as temporary, open(temporary, "wb") as file:
        np.savez(file, **arrays)
    described = {
        "photographs": source.photographs,
        "run": source.run,
        "unit": "standard deviations of the face model; pixels of the upright photograph",
    } | {name: _rounded(values) for name, values in arrays.items()}
    with whole_file(folder / "coefficients.json") as temporary:
        temporary.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


def facts(face: Face, source: Source) -> list[tuple[str, object]]:
    """What a page says of a head."""
    return [
        ("photographs", ", ".join(source.photographs)),
        ("read by", source.run),
        ("mesh", f"{len(face.mesh.vertices):,} vertices, {len(face.mesh.triangles):,} triangles"),
        ("coefficients", f"{len(face.shape)} of shape, {len(face.texture)} of colour"),
    ]


def _photograph(face: Face, photograph: Image.Image | None) -> list[tuple[str, np.ndarray]]:
    if photograph is None or face.found is None:
        return []
    larger = PICTURE_SIZE / face.found.crop.shape[0]
    return [("photograph", warp(photograph, face.found.alignment * larger, PICTURE_SIZE))]


def _drawings(face: Face) -> list[tuple[str, np.ndarray]]:
    names, poses = zip(*_VIEWS, strict=True)
    return list(zip(names, face.render_poses(poses, PICTURE_SIZE), strict=True))


def _rounded(values: np.ndarray) -> list:
    return np.round(values.astype(float), 6).tolist()
