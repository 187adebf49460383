"""Photographs' files to heads' files."""

import dataclasses
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from tf_morph.errors import InputError
from tf_morph.reconstruction.batches import batches
from tf_morph.reconstruction.face import Face
from tf_morph.reconstruction.face_files import KINDS, Source, write_face
from tf_morph.reconstruction.found_faces import find_faces, no_face, open_photograph
from tf_morph.reconstruction.photograph_list import NamedPhotograph
from tf_morph.reconstruction.regressor import Regressor


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is made of each photograph.

    Attributes:
      kinds: of files, of `KINDS`.
      every_face: heads of all faces in a photograph, not of the prominent one alone.
    """

    kinds: tuple[str, ...] = KINDS
    every_face: bool = True


@dataclasses.dataclass(frozen=True)
class Done:
    """A photograph, and the folders of its heads, relative; or why there are none."""

    photograph: NamedPhotograph
    folders: tuple[str, ...] = ()
    reason: str = ""


def reconstruct_files(
    regressor: Regressor,
    photographs: Sequence[NamedPhotograph],
    out: Path,
    settings: Settings = Settings(),  # noqa: B008 - it is immutable
) -> list[Done]:
    """Writes the heads of photographs; one that cannot be used stops none of the others.

    Raises:
      OSError: a file cannot be written.
    """
    done = []
    bar = tqdm(total=len(photographs), desc="heads", unit="photo", disable=None)
    with bar, ThreadPoolExecutor(os.cpu_count()) as pool:
        for batch in batches(photographs):
            done += _of_batch(regressor, batch, out, settings, pool)
            bar.update(len(batch))
    return done


def _of_batch(regressor, batch, out: Path, settings: Settings, pool) -> list[Done]:
    opened = list(pool.map(lambda photograph: _opened(photograph.path), batch))
    usable = [picture for picture in opened if not isinstance(picture, InputError)]
    found = iter(find_faces(usable, regressor.crop_rule, regressor.crop_size, settings.every_face))
    found = [() if isinstance(picture, InputError) else next(found) for picture in opened]
    heads = iter(regressor.heads([face for faces in found for face in faces]))
    heads = [[next(heads) for _ in faces] for faces in found]
    work = zip(batch, opened, heads, strict=True)
    return list(pool.map(lambda one: _written(*one, out, settings, regressor.name), work))


def _written(
    photograph: NamedPhotograph, picture, heads: list[Face], out: Path, settings: Settings, run: str
) -> Done:
    if isinstance(picture, InputError):
        return Done(photograph, reason=_reason(photograph, picture))
    if not heads:
        return Done(photograph, reason=_reason(photograph, no_face(photograph.path)))
    folders = [photograph.name]
    if len(heads) > 1:
        folders = [f"{photograph.name}/{number}" for number in range(1, len(heads) + 1)]
    for folder, head in zip(folders, heads, strict=True):
        source = Source(folder, (photograph.path,), run)
        write_face(out / folder, head, picture, source, settings.kinds)
    return Done(photograph, tuple(folders))


def _reason(photograph: NamedPhotograph, error: InputError) -> str:
    return str(error).removeprefix(f"{photograph.path}: ")


def _opened(path: str):
    try:
        return open_photograph(path)
    except InputError as error:
        return error
