"""Features of photographs by the content of their files: what was once computed is only read."""

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
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

_DIGEST_BYTES = 16


class FeatureStore:
    """Feature vectors of one output of one network under one crop, kept in one file.

    A file that is damaged, or of vectors of another length, counts as empty.

    Attributes:
      seconds: the time steps took that were timed.
      timed: the photographs in them.
    """

    def __init__(self, path: Path, length: int):
        """Opens the store.

        Args:
          path: the file, there or not.
          length: of each vector.
        """
        self._path, self._length = path, length
        self._rows: dict[bytes, np.ndarray] = {}
        self.seconds, self.timed = 0.0, 0
        stored = _read(path, length)
        if stored is not None:
            digests, features, (self.seconds, self.timed) = stored
            keys = (digest.tobytes() for digest in digests)
            self._rows = dict(zip(keys, features, strict=True))

    @property
    def images_per_second(self) -> float:
        """Of the network alone, without reading photographs; nan where nothing was timed."""
        return self.timed / self.seconds if self.seconds > 0 else float("nan")

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._rows

    def add(self, features: Mapping[bytes, np.ndarray]) -> None:
        """Takes {digest: finite float32 [D]}."""
        self._rows.update(features)

    def note(self, seconds: float, photographs: int) -> None:
        """Adds what one step took."""
        self.seconds, self.timed = self.seconds + seconds, self.timed + photographs

    def forget_speed(self) -> None:
        """Drops what was timed, so that a speed is that of one run."""
        self.seconds, self.timed = 0.0, 0

    def get(self, digests: Sequence[bytes]) -> np.ndarray:
        """[N, D] float32; a digest that is not in the store gives a row of nan."""
        empty = np.full(self._length, np.nan, np.float32)
        rows = [self._rows.get(digest, empty) for digest in digests]
        return np.array(rows, np.float32).reshape(len(digests), self._length)

    def save(self) -> None:
        """Writes the file.

        Raises:
          InputError: its folder cannot be written.
        """
        digests = np.frombuffer(b"".join(self._rows), np.uint8).reshape(-1, _DIGEST_BYTES)
        features = np.array(list(self._rows.values()), np.float32).reshape(-1, self._length)
        speed = np.array([self.seconds, self.timed])
        keep_arrays(self._path, "features", digests=digests, features=features, speed=speed)


def _read(path: Path, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    stored = read_arrays(path, ("digests", "features", "speed"))
    if stored is None:
        return None
    digests, features, speed = stored
    sound = (
        digests.dtype == np.uint8
        and digests.shape == (len(digests), _DIGEST_BYTES)
        and features.shape == (len(digests), length)
        and speed.shape == (2,)
        and np.isfinite(features).all()
    )
    return (digests, features, speed) if sound else None


_BATCH = 32  # photographs a step of the network
_BLOCK = 256  # photographs decoded at a time: 39 MB at 224 x 224
_VERSION = 1  # raised when the same file and crop give other pixels


class PhotographFeatures(NamedTuple):
    """Features of photographs.

    Attributes:
      features: float32 [N, D]; nan where a photograph was skipped.
      skipped: (path, reason) of photographs that cannot be decoded, or on which no face was found.
      images_per_second: what the network did when the features were computed, preparing pictures
        included and reading photographs not; nan where it was not timed.
    """

    features: np.ndarray
    skipped: tuple[tuple[str, str], ...]
    images_per_second: float


def photograph_features(
    network: RecognitionNetwork,
    output: str,
    files: Sequence[PhotographFile],
    crop: Crop | str | None,
    cache_folder: Path,
) -> PhotographFeatures:
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
    path = cache_folder / _file_name(network, output, crop)
    store = FeatureStore(path, network.output_sizes[output])
    missing = list({file.digest: file for file in files if file.digest not in store}.values())
    skipped = _fill(store, network, output, missing, crop, cache_folder) if missing else {}
    return PhotographFeatures(
        features=store.get([file.digest for file in files]),
        skipped=tuple(
            (file.path, skipped[file.digest]) for file in files if file.digest in skipped
        ),
        images_per_second=store.images_per_second,
    )


def _fill(store, network, output, missing, crop, cache_folder) -> dict[bytes, str]:
    """Adds the missing files' features to the store; the reasons for those that have none."""
    compute = _Computed(network, output, store, timing=len(missing) >= store.timed)
    skipped: dict[bytes, str] = {}
    bar = tqdm(total=len(missing), desc=f"{network.name} features", unit="photo", disable=None)
    try:
        for block in _blocks(missing, _BLOCK):
            paths = [file.path for file in block]
            loaded = load_aligned(paths, crop, network.input_size, cache_folder, progress=False)
            reasons = dict(loaded.skipped)
            skipped |= {file.digest: reasons[file.path] for file in block if file.path in reasons}
            store.add(compute([block[index] for index in loaded.kept], loaded.images))
            bar.update(len(block))
    finally:
        bar.close()
        store.save()
    return skipped


class _Computed:
    """Features by digest; where that is asked, what the steps take is noted in the store."""

    def __init__(self, network: RecognitionNetwork, output: str, store: FeatureStore, timing: bool):
        self._step = feature_step(network, network.input_size, network.input_size)
        self._name, self._output = network.name, output
        self._store, self._timing, self._compiled = store, timing, False

    def __call__(self, files: Sequence[PhotographFile], images) -> dict[bytes, np.ndarray]:
        batches = [self._batch(tf.constant(batch)) for batch in _blocks(images, _BATCH)]
        features = [row for batch in batches for row in batch]
        for file, row in zip(files, features, strict=True):
            if not np.isfinite(row).all():
                raise InputError(f"{file.path}: {self._name} gives features that are not finite")
        return {file.digest: row for file, row in zip(files, features, strict=True)}

    def _batch(self, batch: tf.Tensor) -> np.ndarray:
        if not self._timing:
            return self._step(batch)[self._output].numpy()
        if not self._compiled:  # the first call also compiles
            self._step(batch)
            self._store.forget_speed()
            self._compiled = True
        start = time.perf_counter()
        features = self._step(batch)[self._output].numpy()
        self._store.note(time.perf_counter() - start, len(features))
        return features


def _blocks(items: Sequence, size: int) -> Iterator[Sequence]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _file_name(network: RecognitionNetwork, output: str, crop: Crop | str | None) -> str:
    described = [_VERSION, network.fingerprint, output, crop]
    if crop in CROP_RULES:
        described += [repr(CROP_RULES[crop]), detector_fingerprint()]
    digest = hashlib.blake2b(json.dumps(described).encode(), digest_size=16).hexdigest()
    return f"pairs-{re.sub(r'[^A-Za-z0-9_-]+', '_', network.name)}-{digest}.npz"
