"""Photographs by the batch, so that any number of any size fits into memory."""

from collections.abc import Iterator, Sequence

from PIL import Image

from tf_morph.reconstruction.photograph_list import NamedPhotograph

_MOST_PHOTOGRAPHS = 32
_MOST_PIXELS = 60_000_000  # 180 MB of them decoded


def batches(photographs: Sequence[NamedPhotograph]) -> Iterator[list[NamedPhotograph]]:
    """Photographs in their order, few or small enough to be decoded all at once."""
    batch, pixels = [], 0
    for photograph in photographs:
        size = _pixels(photograph.path)
        if batch and (len(batch) == _MOST_PHOTOGRAPHS or pixels + size > _MOST_PIXELS):
            yield batch
            batch, pixels = [], 0
        batch.append(photograph)
        pixels += size
    if batch:
        yield batch


def _pixels(path: str) -> int:
    """By the file's head; 0 where it is no picture, which is said when it is decoded."""
    try:
        with Image.open(path) as opened:
            return opened.width * opened.height
    except Exception:  # noqa: BLE001 - Pillow's decoders raise nearly anything on broken files
        return 0
