"""Photographs' files to heads' files."""

import dataclasses
import itertools
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from tf_morph.errors import InputError
from tf_morph.reconstruction.batches import batches
from tf_morph.reconstruction.face import Face
from tf_morph.reconstruction.face_files import KINDS, Source, write_face
from tf_morph.reconstruction.found_faces import find_faces, no_face, open_photograph
from tf_morph.reconstruction.journal import Done, Journal
from tf_morph.reconstruction.photograph_list import NamedPhotograph
from tf_morph.reconstruction.photographed import photographed
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
class Read:
    """A photograph's heads, from left to right; none where `fault` says why."""

    photograph: NamedPhotograph
    picture: Image.Image | None
    heads: tuple[Face, ...] = ()
    fault: str = ""


def reconstruct_files(
    regressor: Regressor, photographs: Sequence[NamedPhotograph], out: Path, settings: Settings
) -> list[Done]:
    """Writes the heads of photographs; one that cannot be used stops none of the others.

    What `out` holds already, of the same photographs and settings, is not made again.

    Raises:
      InputError: `out` holds something else.
      OSError: a file cannot be written.
    """
    journal = Journal(out, {"run": regressor.fingerprint} | dataclasses.asdict(settings))
    done = {photograph: journal.find(photograph) for photograph in photographs}
    missing = [photograph for photograph, known in done.items() if known is None]
    bar = tqdm(
        total=len(photographs),
        initial=len(photographs) - len(missing),
        desc="heads",
        unit="photo",
        disable=None,
    )
    with bar, ThreadPoolExecutor(os.cpu_count()) as pool:
        for one in _written(read_heads(regressor, missing, settings.every_face, pool), out,
                            settings.kinds, regressor.name, pool):  # fmt: skip
            journal.add(one)
            done[one.photograph] = one
            bar.update()
    return list(done.values())


def read_heads(
    regressor: Regressor,
    photographs: Sequence[NamedPhotograph],
    every_face: bool,
    pool: ThreadPoolExecutor,
) -> Iterator[list[Read]]:
    """The heads of photographs, by the batch.

    Args:
      every_face: all faces, not the prominent one alone.
      pool: which decodes.
    """
    for batch in batches(photographs):
        opened = list(pool.map(lambda photograph: _opened(photograph.path), batch))
        usable = [picture for picture in opened if not isinstance(picture, InputError)]
        found = iter(find_faces(usable, regressor.crop_rule, regressor.crop_size, every_face))
        faces = [() if isinstance(picture, InputError) else next(found) for picture in opened]
        heads = iter(regressor.heads(list(itertools.chain.from_iterable(faces))))
        yield [
            _read(photograph, picture, tuple(itertools.islice(heads, len(some))))
            for photograph, picture, some in zip(batch, opened, faces, strict=True)
        ]


def _read(photograph: NamedPhotograph, picture, heads: tuple[Face, ...]) -> Read:
    if not isinstance(picture, InputError) and not heads:
        picture = no_face(photograph.path)
    if isinstance(picture, InputError):
        return Read(photograph, None, fault=str(picture).removeprefix(f"{photograph.path}: "))
    return Read(photograph, picture, heads)


def _written(batches_read: Iterator[list[Read]], out: Path, kinds, run: str, pool):
    """Writes a batch while the next one is read."""
    writing: list[Future] = []
    for batch in batches_read:
        yield from (future.result() for future in writing)
        writing = [pool.submit(_write, one, out, kinds, run) for one in batch]
    yield from (future.result() for future in writing)


def _write(read: Read, out: Path, kinds: Sequence[str], run: str) -> Done:
    if read.fault:
        return Done(read.photograph, reason=read.fault)
    name, count = read.photograph.name, len(read.heads)
    folders = (name,) if count == 1 else tuple(f"{name}/{i}" for i in range(1, count + 1))
    for folder, head in zip(folders, read.heads, strict=True):
        source = Source(folder, (read.photograph.path,), run)
        write_face(out / folder, head, photographed(head, read.picture), source, kinds)
    figures = tuple({"score": head.found.detected.score} for head in read.heads)
    return Done(read.photograph, folders, figures=figures)


def _opened(path: str):
    try:
        return open_photograph(path)
    except InputError as error:
        return error
