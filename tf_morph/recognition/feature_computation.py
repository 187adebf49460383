"""Features of many photographs, computed once and kept on disk by content."""

import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tf_morph.array_cache import keep_arrays, read_arrays
from tf_morph.recognition.network import RecognitionNetwork


def compute_features(
    network: RecognitionNetwork,
    images: np.ndarray,
    cache_folder: str | Path | None = None,
    key: str = "features",
    *,
    batch_size: int = 64,
    progress: bool = True,
) -> dict[str, np.ndarray]:
    """Features of photographs; the second time, for the same photographs, read from disk.

    The cache is keyed by what matters alone: the pictures' bytes, and the network's files and
    input convention. A damaged cache file is computed again.

    Args:
      network: what to compute.
      images: uint8 [N, h, w, 3], sRGB-coded RGB in 0..255.
      cache_folder: where features are kept; None keeps none.
      key: a word for people that begins the cache file's name, such as "test".
      batch_size: pictures a step.
      progress: whether to show a progress bar.

    Returns:
      {output name: float32 [N, D]}.

    Raises:
      InputError: `cache_folder` cannot be written.
    """
    path = None
    if cache_folder is not None:
        digest = _content_hash(images, network.fingerprint)
        path = Path(cache_folder) / f"{_plain(f'{key}-{network.name}')}-{digest}.npz"
        cached = _read(path, network.output_names, len(images))
        if cached is not None:
            return cached
    features = _compute(network, images, batch_size, progress)
    if path is not None:
        keep_arrays(path, "features", **features)
    return features


# An evaluation asks a few networks many times; each asking anew would trace the step anew.
@functools.lru_cache(maxsize=8)
def feature_step(
    network: RecognitionNetwork, height: int, width: int
) -> Callable[[tf.Tensor], Mapping[str, tf.Tensor]]:
    """One compiled step: uint8 [B, height, width, 3] in 0..255 -> {output name: [B, D]}."""

    @tf.function(input_signature=[tf.TensorSpec([None, height, width, 3], tf.uint8)])
    def step(batch):
        return network(tf.cast(batch, tf.float32) / 255.0)

    return step


def _compute(network, images, batch_size: int, progress: bool) -> dict[str, np.ndarray]:
    step = feature_step(network, *images.shape[1:3])
    # At least one step, so that no photographs still give arrays of the right width.
    starts = range(0, max(len(images), 1), batch_size)
    bar = tqdm(starts, desc=f"{network.name} features", unit="batch", disable=not progress or None)
    parts = [step(tf.constant(images[i : i + batch_size])) for i in bar]
    return {
        name: np.concatenate([part[name].numpy() for part in parts])
        for name in network.output_names
    }


def _content_hash(images: np.ndarray, fingerprint: str) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{fingerprint} {images.dtype} {images.shape}".encode())
    digest.update(np.ascontiguousarray(images).data)
    return digest.hexdigest()


def _read(path: Path, names: tuple[str, ...], count: int) -> dict[str, np.ndarray] | None:
    features = read_arrays(path, names)
    if features is None:
        return None
    sound = all(len(f) == count and np.isfinite(f).all() for f in features)
    return dict(zip(names, features, strict=True)) if sound else None


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name)
