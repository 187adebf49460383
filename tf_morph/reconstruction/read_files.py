"""Photographs' files to heads, by the batch."""

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from tf_morph.errors import InputError
from tf_morph.reconstruction.batches import batches
from tf_morph.reconstruction.face import Face
from tf_morph.reconstruction.finish import PLAIN, Finish
from tf_morph.reconstruction.found_faces import find_faces, no_face, open_photograph
from tf_morph.reconstruction.photograph_list import NamedPhotograph
from tf_morph.reconstruction.regressor import Regressor


@dataclasses.dataclass(frozen=True)
class Read:
    """A photograph's heads, from left to right; none where `fault` says why."""

    photograph: NamedPhotograph
    picture: Image.Image | None
    heads: tuple[Face, ...] = ()
    fault: str = ""


def read_heads(
    regressor: Regressor,
    photographs: Sequence[NamedPhotograph],
    pool: ThreadPoolExecutor,
    *,
    every_face: bool,
    fit: bool,
    finish: Finish = PLAIN,
) -> Iterator[list[Read]]:
    """The heads of photographs, by the batch.

    Args:
      pool: which decodes.
      every_face: all faces, not the prominent one alone.
      fit: see `Regressor.reconstruct`.
      finish: what is made of each.
    """
    for batch in batches(photographs):
        opened = list(pool.map(lambda photograph: _opened(photograph.path), batch))
        usable = [picture for picture in opened if not isinstance(picture, InputError)]
        found = iter(find_faces(usable, regressor.crop_rule, regressor.crop_size, every_face))
        faces = [() if isinstance(picture, InputError) else next(found) for picture in opened]
        heads = iter(regressor.heads(list(itertools.chain.from_iterable(faces)), fit))
        yield [
            _read(
                photograph,
                picture,
                tuple(
                    regressor.finished(head, picture, finish)
                    for head in itertools.islice(heads, len(some))
                ),
            )
            for photograph, picture, some in zip(batch, opened, faces, strict=True)
        ]


def _read(photograph: NamedPhotograph, picture, heads: tuple[Face, ...]) -> Read:
    if not isinstance(picture, InputError) and not heads:
        picture = no_face(photograph.path)
    if isinstance(picture, InputError):
        return Read(photograph, None, fault=str(picture).removeprefix(f"{photograph.path}: "))
    return Read(photograph, picture, heads)


def _opened(path: str):
    try:
        return open_photograph(path)
    except InputError as error:
        return error
