"""FaceNet's network NN2 (Schroff et al. 2015, table 2): Inception modules, with a width."""

from typing import NamedTuple

import keras

from tf_morph.recognition.architectures.architecture import Architecture
from tf_morph.recognition.layers import (
    LocalResponseNormalization,
    SeededLayers,
    SquarePooling,
    scaled_channels,
)
from tf_morph.recognition.network import InputConvention


class _Inception(NamedTuple):
    """A row of the paper's table: channels of its branches, 0 where a branch is missing."""

    name: str
    single: int  # 1x1
    reduce_3: int
    conv_3: int
    reduce_5: int
    conv_5: int
    pooling: str  # "max" or "square"; the table's m and L2
    projected: int  # 1x1 behind the pooling
    stride: int = 1


_MODULES = (
    _Inception("3a", 64, 96, 128, 16, 32, "max", 32),
    _Inception("3b", 64, 96, 128, 32, 64, "square", 64),
    _Inception("3c", 0, 128, 256, 32, 64, "max", 0, 2),
    _Inception("4a", 256, 96, 192, 32, 64, "square", 128),
    _Inception("4b", 224, 112, 224, 32, 64, "square", 128),
    _Inception("4c", 192, 128, 256, 32, 64, "square", 128),
    _Inception("4d", 160, 144, 288, 32, 64, "square", 128),
    _Inception("4e", 0, 160, 256, 64, 128, "max", 0, 2),
    _Inception("5a", 384, 192, 384, 48, 128, "square", 128),
    _Inception("5b", 384, 192, 384, 48, 128, "max", 128),
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
    x = layers.convolved(x, channels(64), 7, first_stride, "conv1")
    x = _normalized(_max(x, 2, "pool1"), batch_normalization, "norm1")
    x = layers.convolved(x, channels(64), 1, name="conv2_3x3_reduce")
    x = layers.convolved(x, channels(192), 3, name="conv2_3x3")
    x = _max(_normalized(x, batch_normalization, "norm2"), 2, "pool2")
    for module in _MODULES:
        x = _inception(layers, x, module, channels)
    pooled = keras.layers.Identity(name="pooled")(layers.pooled(x, pooling))
    embedding = layers.embedded(pooled, embedding_size)
    return keras.Model(image, {"embedding": embedding, "pooled": pooled}, name="facenet_nn2")


def _inception(layers, x, module, channels):
    name = f"inception_{module.name}"
    branches = []
    if module.single:
        branches.append(layers.convolved(x, channels(module.single), 1, name=f"{name}_1x1"))
    for reduced, wide, kernel in (
        (module.reduce_3, module.conv_3, 3),
        (module.reduce_5, module.conv_5, 5),
    ):
        branch = f"{name}_{kernel}x{kernel}"
        reduction = layers.convolved(x, channels(reduced), 1, name=f"{branch}_reduce")
        branches.append(layers.convolved(reduction, channels(wide), kernel, module.stride, branch))
    branches.append(_pooled(layers, x, module, channels, name))
    return keras.layers.Concatenate(name=name)(branches)


def _pooled(layers, x, module, channels, name):
    if module.pooling == "square":
        x = SquarePooling(name=f"{name}_pool")(x)
    else:
        x = _max(x, module.stride, f"{name}_pool")
    if not module.projected:
        return x
    return layers.convolved(x, channels(module.projected), 1, name=f"{name}_pool_proj")


def _max(x, stride, name):
    return keras.layers.MaxPooling2D(3, stride, padding="same", name=name)(x)


def _normalized(x, batch_normalization, name):
    return x if batch_normalization else LocalResponseNormalization(name=name)(x)


FACENET_NN2 = Architecture(
    name="facenet_nn2",
    build=build_facenet_nn2,
    convention=InputConvention(input_size=224),
    variant={"embedding_size": 128},
    outputs=("embedding", "pooled"),
    source="Schroff et al. 2015, FaceNet, table 2; no weights of it were ever published",
)
