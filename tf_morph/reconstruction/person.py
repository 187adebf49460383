"""One head of a person's photographs."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from tf_morph.hairstyles import NO_HAIR
from tf_morph.reconstruction.face import Face
from tf_morph.reconstruction.face_files import Source, write_face
from tf_morph.reconstruction.journal import Done, Journal
from tf_morph.reconstruction.photograph_list import NamedPhotograph
from tf_morph.reconstruction.photographed import several_photographed
from tf_morph.reconstruction.read_files import read_heads
from tf_morph.reconstruction.regressor import Regressor


def reconstruct_person(
    regressor: Regressor,
    photographs: Sequence[NamedPhotograph],
    out: Path,
    kinds: Sequence[str],
    hair: str = NO_HAIR,
) -> list[Done]:
    """Writes one head of the prominent faces of all photographs into `out`; pools what they give.

    `hair` is of `HAIR_CHOICES`.

    Raises:
      InputError: `out` holds something else.
      OSError: a file cannot be written.
    """
    settings = {"run": regressor.fingerprint, "pooled": True, "kinds": list(kinds), "hair": hair}
    Journal(out, settings)  # so that nothing else is written over
    heads: list[Face] = []
    done = []
    bar = tqdm(total=len(photographs), desc="photographs", unit="photo", disable=None)
    with bar, ThreadPoolExecutor(os.cpu_count()) as pool:
        for batch in read_heads(regressor, photographs, pool, every_face=False, fit=False):
            heads += [head for read in batch for head in read.heads]
            done += [Done(read.photograph, reason=read.fault) for read in batch]
            bar.update(len(batch))
    used = tuple(one.photograph.path for one in done if not one.reason)
    if used:
        source = Source(f"one head of {len(used)} photographs", used, regressor.name)
        shown = several_photographed([head.found.crop for head in heads])
        head = regressor.dressed(regressor.pooled(heads), hair)
        write_face(out, head, shown, source, kinds)
    return done
