"""Photographs cropped to the face on each: by a fixed crop, or where a detector finds it."""

import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from tf_morph.errors import InputError
from tf_morph.photographs.crop_rules import CROP_RULES, BoxCrop, CropRule, FivePointCrop
from tf_morph.photographs.decode import (
    Crop,
    LoadedPhotographs,
    decompression_bombs_refused,
    each_photograph,
    gathered,
    load_photographs,
    read_upright,
)
from tf_morph.photographs.detection import DetectedFace, detect_faces, shrink
from tf_morph.photographs.face_choice import CHOICES, DEFAULT_CHOICE, choose_face
from tf_morph.photographs.face_store import FaceStore, content_digest

NO_FACE = "no face found"
_CHUNK = 64  # photographs that are read, and held scaled down, at once
_SAVE_EVERY = 1024  # photographs

Faces = tuple[DetectedFace, ...]


def load_aligned(
    paths: Sequence[str],
    crop_rule: str | Crop | CropRule,
    size: int,
    cache_folder: str | Path | None = None,
    *,
    choice: str = DEFAULT_CHOICE,
    threads: int | None = None,
    progress: bool = True,
) -> LoadedPhotographs:
    """Decodes photographs and crops each to its face.

    Args:
      paths: image files, as `load_photographs` takes them.
      crop_rule: the name of a rule of `CROP_RULES`, for which the face is detected, such as
        "aligned", or such a rule; or the fixed crop (left, top, right, bottom), in pixels of the
        upright photograph.
      size: side of the images, pixels.
      cache_folder: where detected faces are kept, by the contents of the photographs' files; None
        keeps none.
      choice: which of several faces is taken (photographs/face_choice.py).
      threads: decoder threads; the number of cores when None.
      progress: whether to show progress bars.

    Returns:
      The images; `kept` says which path each is of; `skipped` names the photographs that cannot be
      decoded and, where faces are detected, those without one.

    Raises:
      InputError: there is no such rule or choice, or `cache_folder` cannot be written.
    """
    if not isinstance(crop_rule, (str, FivePointCrop, BoxCrop)):
        return load_photographs(paths, crop_rule, size, threads=threads, progress=progress)
    rule = _rule_of(crop_rule)
    if choice not in CHOICES:
        raise InputError(f"choice of face {choice!r}: no such rule; give {' or '.join(CHOICES)}")

    def cut(photograph: tuple[str, Faces | str]) -> np.ndarray | str:
        path, faces = photograph
        if not faces or isinstance(faces, str):
            return faces or NO_FACE
        image = read_upright(path)
        if isinstance(image, str):
            return image
        try:
            return rule.cut(image, choose_face(faces, *image.size, choice), size)
        except ValueError as error:
            return str(error)

    found = faces_in_files(paths, cache_folder, threads=threads, progress=progress)
    work = list(zip(paths, found, strict=True))
    return gathered(paths, each_photograph(cut, work, threads=threads, progress=progress), size)


def _rule_of(crop_rule: str | CropRule) -> CropRule:
    if not isinstance(crop_rule, str):
        return crop_rule
    if crop_rule not in CROP_RULES:
        raise InputError(
            f"crop {crop_rule!r}: no such rule; give {', '.join(CROP_RULES)} "
            "or left, top, right, bottom in pixels"
        )
    return CROP_RULES[crop_rule]


def faces_in_files(
    paths: Sequence[str],
    cache_folder: str | Path | None = None,
    *,
    threads: int | None = None,
    progress: bool = True,
) -> list[Faces | str]:
    """The faces in each photograph, in pixels of the upright one; or why it cannot be decoded.

    Raises:
      InputError: `cache_folder` cannot be written.
    """
    store = FaceStore(cache_folder)
    bar = tqdm(total=len(paths), desc="faces", unit="photo", disable=None if progress else True)
    found: list[Faces | str] = []
    with bar, decompression_bombs_refused(), ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        try:
            for start in range(0, len(paths), _CHUNK):
                chunk = list(
                    pool.map(lambda path: _read(path, store), paths[start : start + _CHUNK])
                )
                found += _detected(chunk, store)
                bar.update(len(chunk))
                if start % _SAVE_EVERY == 0:
                    store.save()
        finally:  # so that a run that is broken off keeps what it found
            store.save()
    return found


class _Small(NamedTuple):
    """A photograph as the detector looks at it, unless its faces are known."""

    digest: str
    picture: np.ndarray | None = None
    factor: tuple[float, float] = (1.0, 1.0)  # back to the photograph


def _read(path: str, store: FaceStore) -> _Small | str:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        return "no such file" if isinstance(error, FileNotFoundError) else f"{error.strerror}"
    digest = content_digest(content)
    if digest in store:
        return _Small(digest)
    image = read_upright(io.BytesIO(content))
    if isinstance(image, str):
        return image
    picture = shrink(image)
    height, width = picture.shape[:2]
    return _Small(digest, picture, (image.width / width, image.height / height))


def _detected(chunk: Sequence[_Small | str], store: FaceStore) -> list[Faces | str]:
    new = [p for p in chunk if not isinstance(p, str) and p.picture is not None]
    for small, faces in zip(new, detect_faces([p.picture for p in new]), strict=True):
        store[small.digest] = [face.scaled(small.factor) for face in faces]
    return [p if isinstance(p, str) else store[p.digest] for p in chunk]
