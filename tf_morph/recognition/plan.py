"""What decides a network of ours: its build and its training."""

from typing import NamedTuple

import keras

from tf_morph.recognition.architectures.facenet_nn2 import build_facenet_nn2
from tf_morph.recognition.contrastive import Schedule
from tf_morph.recognition.vgg_face import build_vgg_face

_BUILDERS = {"facenet_nn2": build_facenet_nn2, "vgg_face": build_vgg_face}
ARCHITECTURES = tuple(_BUILDERS)


class NetworkPlan(NamedTuple):
    """A network and its training.

    Attributes:
      architecture: one of `ARCHITECTURES`.
      width: factor of the published channels.
      embedding_size: length of the embedding.
      input_size: side of its pictures, pixels.
      pooling: of the last map, one of `layers.POOLINGS`.
      batch_normalization: see the architecture's builder.
      first_stride: of the first convolution.
      schedule: see `Schedule`; its seed also draws the initial weights.
      unseen_share: share of the people kept out of training to measure it, where no others are
        given.
      crop: (left, top, right, bottom) in pixels of the photographs it is trained and measured on,
        scaled to `input_size`; None: the largest centred square.
    """

    architecture: str = "facenet_nn2"
    width: float = 0.25
    embedding_size: int = 128
    input_size: int = 64
    pooling: str = "depthwise"
    batch_normalization: bool = True
    first_stride: int = 1
    schedule: Schedule = Schedule(steps=600)
    unseen_share: float = 0.1
    crop: tuple[float, float, float, float] | None = None


def build_network(plan: NetworkPlan) -> keras.Model:
    """The plan's network before training; the same weights for the same seed.

    Returns:
      image [B, S, S, 3] sRGB-coded RGB in 0..255 -> {"embedding": [B, D], "pooled": [B, P]},
      float32, neither normalised.
    """
    return _BUILDERS[plan.architecture](
        width=plan.width,
        input_size=plan.input_size,
        embedding_size=plan.embedding_size,
        pooling=plan.pooling,
        batch_normalization=plan.batch_normalization,
        first_stride=plan.first_stride,
        seed=plan.schedule.seed,
    )
