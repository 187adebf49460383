"""The features training compares with: computed once from the photographs, kept on disk."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from tf_morph.config import expand_path
from tf_morph.recognition.feature_computation import compute_features
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.face_colors import FaceColors

CACHE_FOLDER = "~/.cache/tf_morph/features"


class Compared(Protocol):
    """What training compares of photographs and drawings: an `IdentityNetwork`, `ComparedColors`.

    Attributes:
      role: the config's field that asks for it.
      network: what gives its features, or stands for such: a `RecognitionNetwork` or `FaceColors`.
      outputs: of the network, those compared.
    """

    role: str
    network: RecognitionNetwork | FaceColors
    outputs: tuple[str, ...]

    def key(self, output: str) -> str:
        """The name of an output in a training batch."""


def cached_features(
    network: RecognitionNetwork | FaceColors, images: np.ndarray, key: str
) -> dict[str, np.ndarray]:
    """Output name to features [N, D] of sRGB photographs [N, S, S, 3] uint8."""
    return compute_features(network, images, expand_path(CACHE_FOLDER), key)


def encoder_features(encoder: Encoder, images: np.ndarray, key: str) -> np.ndarray:
    """The encoder's features [N, E] of sRGB photographs [N, S, S, 3] uint8."""
    return encoder.select(cached_features(encoder.network, images, key)).numpy()


def training_features(
    encoder: Encoder,
    compared: Sequence[Compared],
    images: np.ndarray,
    mirrored: bool,
) -> dict[str, np.ndarray]:
    """What `training_batches` gathers from: `encoder`, and what is compared, each by its key.

    Args:
      compared: of photographs and drawings.
      images: [N, S, S, 3] uint8 sRGB.
      mirrored: whether each photograph's mirror image follows as a photograph of its own.

    Returns:
      Arrays of N, or 2 N, rows.
    """
    variants = {"training": images}
    if mirrored:
        variants["training-mirrored"] = images[:, :, ::-1]
    features = {}
    for key, variant in variants.items():
        parts = {"encoder": encoder_features(encoder, variant, key)}
        for each in compared:
            outputs = cached_features(each.network, variant, key)
            parts |= {each.key(name): outputs[name] for name in each.outputs}
        for name, values in parts.items():
            features.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in features.items()}
