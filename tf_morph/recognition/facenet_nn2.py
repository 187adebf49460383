"""FaceNet's network NN2 (Schroff et al. 2015, table 2): Inception modules, with a width."""

from typing import NamedTuple

import keras

from tf_morph.recognition.layers import (
    LocalResponseNormalization,
    SeededLayers,
    SquarePooling,
    scaled_channels,
)


class _Inception(NamedTuple):
    """A row of the paper's table: channels of its branches, 0 where a branch is missing."""

    single: int  # 1x1
    reduce_3: int
    conv_3: int
    reduce_5: int
    conv_5: int
    pooling: str  # "max" or "square"; the table's m and L2
    projected: int  # 1x1 behind the pooling
    stride: int = 1


_MODULES = (
    _Inception(64, 96, 128, 16, 32, "max", 32),  # 3a
    _Inception(64, 96, 128, 32, 64, "square", 64),  # 3b
    _Inception(0, 128, 256, 32, 64, "max", 0, 2),  # 3c
    _Inception(256, 96, 192, 32, 64, "square", 128),  # 4a
    _Inception(224, 112, 224, 32, 64, "square", 128),  # 4b
    _Inception(192, 128, 256, 32, 64, "square", 128),  # 4c
    _Inception(160, 144, 288, 32, 64, "square", 128),  # 4d
    _Inception(0, 160, 256, 64, 128, "max", 0, 2),  # 4e
    _Inception(384, 192, 384, 48, 128, "square", 128),  # 5a
    _Inception(384, 192, 384, 48, 128, "max", 128),  # 5b
)


def build_facenet_nn2(
    *,
    width: float = 1.0,
    input_size: int = 224,
    embedding_size: int = 128,
    pooling: str = "average",
    batch_normalization: bool = False,
    first_stride: int = 2,
    seed: int = 0,
) -> keras.Model:
    """An untrained NN2; by default the paper's. The last map is 1/16 of the input over the stride.

    Args:
      width: factor of the paper's channels.
      input_size: height and width of the pictures, pixels, at least 16.
      embedding_size: length of the embedding.
      pooling: of the last map, one of `POOLINGS`; the paper's is "average".
      batch_normalization: after every convolution, in place of the paper's two normalisations of
        local responses; thin networks train in minutes with it.
      first_stride: of the first convolution; 1 leaves small pictures of 64 pixels a map of 4x4.
      seed: of the initial weights.

    Returns:
      image [B, S, S, 3] sRGB-coded RGB in 0..255 -> {"embedding": [B, D], "pooled": [B, P]},
      float32; neither is normalised, while the paper's embedding is put on the unit sphere.
    """
    layers = SeededLayers(seed, batch_normalization)

    def channels(published):
        return scaled_channels(published, width)

    image, x = layers.image(input_size)
    x = layers.convolved(x, channels(64), 7, first_stride)
    x = _normalized(_halved(x), batch_normalization)
    x = layers.convolved(x, channels(64), 1)
    x = layers.convolved(x, channels(192), 3)
    x = _halved(_normalized(x, batch_normalization))
    for module in _MODULES:
        x = _inception(layers, x, module, channels)
    pooled = keras.layers.Identity(name="pooled")(layers.pooled(x, pooling))
    embedding = layers.embedded(pooled, embedding_size)
    return keras.Model(image, {"embedding": embedding, "pooled": pooled}, name="facenet_nn2")


def _inception(layers, x, module, channels):
    branches = []
    if module.single:
        branches.append(layers.convolved(x, channels(module.single), 1))
    for reduced, wide, kernel in (
        (module.reduce_3, module.conv_3, 3),
        (module.reduce_5, module.conv_5, 5),
    ):
        branch = layers.convolved(x, channels(reduced), 1)
        branches.append(layers.convolved(branch, channels(wide), kernel, module.stride))
    pooled = SquarePooling()(x) if module.pooling == "square" else _max(x, module.stride)
    if module.projected:
        pooled = layers.convolved(pooled, channels(module.projected), 1)
    return keras.layers.Concatenate()([*branches, pooled])


def _max(x, stride):
    return keras.layers.MaxPooling2D(3, stride, padding="same")(x)


def _halved(x):
    return _max(x, 2)


def _normalized(x, batch_normalization):
    return x if batch_normalization else LocalResponseNormalization()(x)
