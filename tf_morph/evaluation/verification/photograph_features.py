"""Features of the photographs of pairs, block by block, so that memory does not grow with them."""

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

from tf_morph.errors import InputError
from tf_morph.evaluation.verification.feature_store import FeatureStore
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
