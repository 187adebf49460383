"""dlib's face recognition network (Davis King 2017): a ResNet of 29 convolutions, 128 numbers.

Its affine layers, batch normalisations as they ended their training, are part of the convolutions
before them here. Its author compares embeddings by Euclidean distance, 0.6 and less for one person:
they are not centred, cosines between different people are about 0.9. `centred` takes off the mean
embedding that comes with this, so that cosines tell people apart.
"""

import functools
import importlib.resources
from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np
from keras.layers import (
    Activation,
    Add,
    AveragePooling2D,
    Conv2D,
    Dense,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Rescaling,
)

from tf_morph.recognition.architectures.architecture import Architecture, frozen_model
from tf_morph.recognition.layers import scaled_channels
from tf_morph.recognition.network import InputConvention

_GROUPS = ((32, 3), (64, 4), (128, 3), (256, 3), (256, 1))  # channels and blocks of each
EMBEDDING_SIZE = 128
_MEAN_FILE = "dlib_mean_embedding.npy"


class Convolution(NamedTuple):
    """A convolution with the affine layer behind it.

    Attributes:
      name: of its layer here.
      channels: what it gives.
      kernel: height and width.
      stride: in both directions.
      padding: rows and columns of zeros on each side.
    """

    name: str
    channels: int
    kernel: int
    stride: int = 1
    padding: int = 0


class Block(NamedTuple):
    """Two convolutions around which a shortcut leads; one that halves does so in the first."""

    name: str
    first: Convolution
    second: Convolution

    @property
    def halves(self) -> bool:
        return self.first.stride == 2


def _block(group: int, number: int, channels: int) -> Block:
    name = f"group{group}_block{number}"
    stride, padding = (2, 0) if number == 1 and group > 1 else (1, 1)
    return Block(
        name,
        Convolution(f"{name}_conv1", channels, 3, stride, padding),
        Convolution(f"{name}_conv2", channels, 3, 1, 1),
    )


STEM = Convolution("conv1", 32, 7, 2)
GROUPS = tuple(
    tuple(_block(group, number, channels) for number in range(1, blocks + 1))
    for group, (channels, blocks) in enumerate(_GROUPS, 1)
)


@functools.cache
def mean_embedding() -> np.ndarray:
    """float32 [128], read-only: the mean embedding of photographs of many people.

    That of 2,886 people of Labeled Faces in the Wild, each one's own mean weighing alike, their
    4,201 photographs aligned as dlib does; tf_morph/recognition/mean_embedding.py made it.
    """
    file = importlib.resources.files(__package__) / _MEAN_FILE
    with file.open("rb") as opened:
        mean = np.load(opened, allow_pickle=False)
    mean.flags.writeable = False
    return mean


def build_dlib_resnet(
    *, width: float = 1.0, input_size: int = 150, mean: Sequence[float] | None = None
) -> keras.Model:
    """dlib's network, frozen, its weights nought until they are assigned.

    Args:
      width: factor of the channels, for small copies.
      input_size: height and width of the pictures, pixels, at least 103.
      mean: [128], taken off in `centred`; `mean_embedding()` when None.

    Returns:
      image [B, S, S, 3] -> {"embedding": [B, 128] as dlib gives it; "centred": the same minus the
      mean; "pooled": [B, 256], the last map's mean, before the matrix; "group1_pooled" [B, 32],
      "group2_pooled" [B, 64], "group3_pooled" [B, 128], "group4_pooled" [B, 256]: means of the maps
      that earlier groups of blocks end in}, float32, none normalised.
    """
    image = keras.Input((input_size, input_size, 3), name="image", dtype="float32")
    x = MaxPooling2D(3, 2, name="pool1")(_convolved(image, STEM, width, activated=True))
    outputs = {}
    for number, blocks in enumerate(GROUPS, 1):
        for block in blocks:
            x = _residual(x, block, width)
        name = "pooled" if number == len(GROUPS) else f"group{number}_pooled"
        outputs[name] = GlobalAveragePooling2D(name=name)(x)
    embedding = Dense(EMBEDDING_SIZE, use_bias=False, kernel_initializer="zeros", name="embedding")(
        outputs["pooled"]
    )
    offset = -np.asarray(mean_embedding() if mean is None else mean, np.float64)
    centred = Rescaling(1.0, offset.tolist(), name="centred")(embedding)
    outputs = {"embedding": embedding, "centred": centred, **outputs}
    return frozen_model(image, outputs, "dlib_resnet")


def _convolved(x, convolution: Convolution, width: float, activated: bool):
    return Conv2D(
        scaled_channels(convolution.channels, width),
        convolution.kernel,
        convolution.stride,
        padding="same" if convolution.padding else "valid",
        activation="relu" if activated else None,
        kernel_initializer="zeros",
        name=convolution.name,
    )(x)


def _residual(x, block: Block, width: float):
    branch = _convolved(x, block.first, width, activated=True)
    branch = _convolved(branch, block.second, width, activated=False)
    if block.halves:
        x = AveragePooling2D(2, name=f"{block.name}_pool")(x)
    shape = [max(sizes) for sizes in zip(x.shape[1:], branch.shape[1:], strict=True)]
    total = Add(name=f"{block.name}_add")([_padded(x, shape), _padded(branch, shape)])
    return Activation("relu", name=block.name)(total)


def _padded(x, shape: Sequence[int]):
    """[B, h, w, c] with zeros below, to the right and in further channels, as dlib adds maps."""
    missing = [(0, wanted - size) for wanted, size in zip(shape, x.shape[1:], strict=True)]
    return keras.ops.pad(x, [(0, 0), *missing]) if any(after for _, after in missing) else x


DLIB_RESNET = Architecture(
    name="dlib_resnet",
    build=build_dlib_resnet,
    convention=InputConvention(
        input_size=150, mean=(122.782, 117.001, 104.298), std=(256.0, 256.0, 256.0)
    ),
    variant={},
    outputs=(
        *("embedding", "centred", "pooled"),
        *(f"group{number}_pooled" for number in range(1, len(GROUPS))),
    ),
    source="dlib 20.0.1, dnn_face_recognition_ex.cpp; github.com/davisking/dlib-models (CC0)",
    compared="centred",
)
