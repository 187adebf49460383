"""Features of the photographs of pairs, kept by the content of their files.

They are computed block by block, so that memory does not grow with the photographs.
"""

import hashlib
import json
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tf_morph.array_cache import keep_arrays, read_arrays
from tf_morph.errors import InputError
from tf_morph.photographs.aligned import load_aligned
from tf_morph.photographs.crop_rules import CROP_RULES
from tf_morph.photographs.decode import Crop
from tf_morph.photographs.detection import detector_fingerprint
from tf_morph.recognition.feature_computation import feature_step
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.recognition.photograph_crop import PhotographFile

_BATCH = 32  # photographs a step of the network
_BLOCK = 256  # photographs decoded at a time: 39 MB at 224 x 224
_VERSION = 1  # raised when the same file and crop give other pixels
_DIGEST_BYTES = 16


class PairFeatures(NamedTuple):
    """Features of photographs.

    Attributes:
      features: float32 [N, D]; nan where a photograph was skipped.
      skipped: (path, reason) of photographs that cannot be decoded, or on which no face was found.
      images_per_second: what the network did when the features were computed, preparing images
        included and reading photographs not; nan where it was not timed.
    """

    features: np.ndarray
    skipped: tuple[tuple[str, str], ...]
    images_per_second: float


def compute_pair_features(
    network: RecognitionNetwork,
    output: str,
    files: Sequence[PhotographFile],
    crop: Crop | str | None,
    cache_folder: Path,
) -> PairFeatures:
    """Computes features, but for those that a former call left in `cache_folder`.

    They are kept by the bytes of the photographs, the network's files and convention, and the crop,
    also those of a call that is broken off.

    Args:
      network: what computes them.
      output: which of its outputs.
      files: N photographs.
      crop: as `load_aligned` takes it.
      cache_folder: made where it is missing.

    Raises:
      InputError: features are not finite, or `cache_folder` cannot be written.
    """
    store = _Store(cache_folder / _file_name(network, output, crop), network.output_sizes[output])
    missing = list({file.digest: file for file in files if file.digest not in store.rows}.values())
    skipped = _fill(store, network, output, missing, crop, cache_folder) if missing else {}
    return PairFeatures(
        features=store.get([file.digest for file in files]),
        skipped=tuple(
            (file.path, skipped[file.digest]) for file in files if file.digest in skipped
        ),
        images_per_second=store.timed / store.seconds if store.seconds > 0 else float("nan"),
    )


class _Store:
    """Feature vectors of one length in one file; one that is damaged, or of another length, counts
    as empty.

    Attributes:
      rows: {digest: float32 [D]}.
      seconds, timed: what the steps took that were timed, and the photographs in them.
    """

    def __init__(self, path: Path, length: int):
        self._path, self._length = path, length
        self.rows: dict[bytes, np.ndarray] = {}
        self.seconds, self.timed = 0.0, 0
        stored = read_arrays(path, ("digests", "features", "speed"))
        if stored is None:
            return
        digests, features, speed = stored
        if (
            digests.dtype == np.uint8
            and digests.shape == (len(digests), _DIGEST_BYTES)
            and features.shape == (len(digests), length)
            and speed.shape == (2,)
            and np.isfinite(features).all()
        ):
            self.rows = dict(zip((d.tobytes() for d in digests), features, strict=True))
            self.seconds, self.timed = speed

    def get(self, digests: Sequence[bytes]) -> np.ndarray:
        """[N, D] float32; a digest that is not in the store gives a row of nan."""
        empty = np.full(self._length, np.nan, np.float32)
        rows = [self.rows.get(digest, empty) for digest in digests]
        return np.array(rows, np.float32).reshape(len(digests), self._length)

    def save(self) -> None:
        """Writes the file. Raises `InputError`: its folder cannot be written."""
        keep_arrays(
            self._path,
            "features",
            digests=np.frombuffer(b"".join(self.rows), np.uint8).reshape(-1, _DIGEST_BYTES),
            features=self.get(list(self.rows)),
            speed=np.array([self.seconds, self.timed]),
        )


def _fill(store: _Store, network, output, missing, crop, cache_folder) -> dict[bytes, str]:
    """Adds the missing files' features to the store; the reasons for those that have none."""
    step = _timed_step(store, network, output, timing=len(missing) >= store.timed)
    skipped: dict[bytes, str] = {}
    bar = tqdm(total=len(missing), desc=f"{network.name} features", unit="photo", disable=None)
    try:
        for block in _blocks(missing, _BLOCK):
            paths = [file.path for file in block]
            loaded = load_aligned(paths, crop, network.input_size, cache_folder, progress=False)
            reasons = dict(loaded.skipped)
            skipped |= {file.digest: reasons[file.path] for file in block if file.path in reasons}
            features = [row for batch in _blocks(loaded.images, _BATCH) for row in step(batch)]
            found = {}
            for index, row in zip(loaded.kept, features, strict=True):
                if not np.isfinite(row).all():
                    raise InputError(
                        f"{block[index].path}: {network.name} gives features that are not finite"
                    )
                found[block[index].digest] = row
            store.rows |= found
            bar.update(len(block))
    finally:
        bar.close()
        store.save()
    return skipped


def _timed_step(store: _Store, network: RecognitionNetwork, output: str, timing: bool):
    """(images) to features; where `timing`, the store holds what the steps take of one run."""
    compute = feature_step(network, network.input_size, network.input_size)
    compiled = False

    def step(images: np.ndarray) -> np.ndarray:
        nonlocal compiled
        batch = tf.constant(images)
        if not timing:
            return compute(batch)[output].numpy()
        if not compiled:  # the first call also compiles
            compute(batch)
            store.seconds, store.timed, compiled = 0.0, 0, True
        start = time.perf_counter()
        features = compute(batch)[output].numpy()
        store.seconds += time.perf_counter() - start
        store.timed += len(features)
        return features

    return step


def _blocks(items: Sequence, size: int) -> Iterator[Sequence]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _file_name(network: RecognitionNetwork, output: str, crop: Crop | str | None) -> str:
    described = [_VERSION, network.fingerprint, output, crop]
    if crop in CROP_RULES:
        described += [repr(CROP_RULES[crop]), detector_fingerprint()]
    digest = hashlib.blake2b(json.dumps(described).encode(), digest_size=16).hexdigest()
    return f"pairs-{re.sub(r'[^A-Za-z0-9_-]+', '_', network.name)}-{digest}.npz"
