"""Photographs' files to heads' files."""

import dataclasses
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from tf_morph.atomic import whole_file
from tf_morph.hairstyles import NO_HAIR
from tf_morph.reconstruction.face import Face
from tf_morph.reconstruction.face_files import KINDS, PAGE, PICTURE, Source, write_face
from tf_morph.reconstruction.finish import MODEL, Finish
from tf_morph.reconstruction.journal import Done, Journal
from tf_morph.reconstruction.photograph_list import NamedPhotograph
from tf_morph.reconstruction.photographed import photographed
from tf_morph.reconstruction.read_files import Read, read_heads
from tf_morph.reconstruction.regressor import Regressor

OVERLAY_FILE = "overlay.jpg"


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is made of each photograph.

    Attributes:
      kinds: of files, of `KINDS`.
      every_face: heads of all faces in a photograph, not of the prominent one alone.
      fit: pose, camera and light of the photograph, too.
      texture, expression, hair: as `Finish` has them.
    """

    kinds: tuple[str, ...] = KINDS
    every_face: bool = True
    fit: bool = True
    texture: str = MODEL
    expression: bool = False
    hair: str = NO_HAIR

    @property
    def finish(self) -> Finish:
        return Finish(self.texture, self.expression, self.hair)


def reconstruct_files(
    regressor: Regressor, photographs: Sequence[NamedPhotograph], out: Path, settings: Settings
) -> list[Done]:
    """Writes the heads of photographs; one that cannot be used stops none of the others.

    What `out` holds already, of the same photographs and settings, is not made again.

    Raises:
      InputError: `out` holds something else, or heads cannot be finished so.
      OSError: a file cannot be written.
    """
    regressor.check(settings.finish, settings.fit)
    journal = Journal(out, {"run": regressor.fingerprint} | dataclasses.asdict(settings))
    done = {photograph: journal.find(photograph) for photograph in photographs}
    missing = [photograph for photograph, known in done.items() if known is None]
    made = len(photographs) - len(missing)
    bar = tqdm(total=len(photographs), initial=made, desc="heads", unit="photo", disable=None)
    with bar, ThreadPoolExecutor(os.cpu_count()) as pool:
        writer = _Writer(regressor, out, settings, pool)
        batches = read_heads(
            regressor,
            missing,
            pool,
            every_face=settings.every_face,
            fit=settings.fit,
            finish=settings.finish,
        )
        for one in writer.written(batches):
            journal.add(one)
            done[one.photograph] = one
            bar.update()
    return list(done.values())


class _Writer:
    """Writes heads in threads."""

    def __init__(self, regressor: Regressor, out: Path, settings: Settings, pool):
        self._regressor, self._out, self._settings = regressor, out, settings
        self._pool = pool

    def written(self, batches: Iterator[list[Read]]) -> Iterator[Done]:
        """Writes each batch while the next one is read."""
        writing = []
        for batch in batches:
            yield from (future.result() for future in writing)
            writing = [self._pool.submit(self._write, read) for read in batch]
        yield from (future.result() for future in writing)

    def _write(self, read: Read) -> Done:
        if read.fault:
            return Done(read.photograph, reason=read.fault)
        name, count = read.photograph.name, len(read.heads)
        folders = (name,) if count == 1 else tuple(f"{name}/{i}" for i in range(1, count + 1))
        for folder, head in zip(folders, read.heads, strict=True):
            source = Source(folder, (read.photograph.path,), self._regressor.name)
            shown = photographed(head, read.picture, self._overlay(folder, head, read.picture))
            write_face(self._out / folder, head, shown, source, self._settings.kinds)
        return Done(read.photograph, folders, figures=tuple(map(_figures, read.heads)))

    def _overlay(self, folder: str, head: Face, photograph: Image.Image) -> Image.Image | None:
        if head.fitted is None or not {PICTURE, PAGE} & set(self._settings.kinds):
            return None
        overlay = self._regressor.overlay(photograph, head)
        if PICTURE in self._settings.kinds:
            with whole_file(self._out / folder / OVERLAY_FILE) as temporary:
                overlay.save(temporary, "JPEG", quality=90)
        return overlay


def _figures(head: Face) -> dict[str, float]:
    figures = {"score": head.found.detected.score}
    if head.fitted is not None:
        yaw, pitch, roll = map(float, head.fitted.yaw_pitch_roll)
        figures |= {"yaw": yaw, "pitch": pitch, "roll": roll}
        figures["landmark_error_percent"] = head.fitted.landmark_error
    return figures
