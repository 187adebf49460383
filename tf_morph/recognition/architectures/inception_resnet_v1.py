"""FaceNet's public network: Inception-ResNet-v1 (Szegedy et al. 2016) as David Sandberg trained it.

Layers are named as in its Keras form, facenet_keras.h5. Block scales are those of his definition;
the last block has neither scale nor activation.
"""

import keras
from keras.layers import (
    Activation,
    Add,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Rescaling,
)

from tf_morph.recognition.architectures.architecture import Architecture, frozen_model
from tf_morph.recognition.layers import scaled_channels
from tf_morph.recognition.network import InputConvention

# Layers of the stem: name, channels, kernel, stride, padding; a maximum follows the third.
_STEM = (
    ("Conv2d_1a_3x3", 32, 3, 2, "valid"),
    ("Conv2d_2a_3x3", 32, 3, 1, "valid"),
    ("Conv2d_2b_3x3", 64, 3, 1, "same"),
    ("MaxPool_3a_3x3", None, 3, 2, "valid"),
    ("Conv2d_3b_1x1", 80, 1, 1, "valid"),
    ("Conv2d_4a_3x3", 192, 3, 1, "valid"),
    ("Conv2d_4b_3x3", 256, 3, 2, "valid"),
)
# Branches of a block: each a chain of (name, channels, kernel), all "same".
_BLOCK35 = (
    (("Conv2d_1x1", 32, 1),),
    (("Conv2d_0a_1x1", 32, 1), ("Conv2d_0b_3x3", 32, 3)),
    (("Conv2d_0a_1x1", 32, 1), ("Conv2d_0b_3x3", 32, 3), ("Conv2d_0c_3x3", 32, 3)),
)
_BLOCK17 = (
    (("Conv2d_1x1", 128, 1),),
    (("Conv2d_0a_1x1", 128, 1), ("Conv2d_0b_1x7", 128, (1, 7)), ("Conv2d_0c_7x1", 128, (7, 1))),
)
_BLOCK8 = (
    (("Conv2d_1x1", 192, 1),),
    (("Conv2d_0a_1x1", 192, 1), ("Conv2d_0b_1x3", 192, (1, 3)), ("Conv2d_0c_3x1", 192, (3, 1))),
)
# Branches of a reduction: the last convolution of each halves the map. A maximum is one more.
_MIXED_6A = (
    (("Conv2d_1a_3x3", 384, 3),),
    (("Conv2d_0a_1x1", 192, 1), ("Conv2d_0b_3x3", 192, 3), ("Conv2d_1a_3x3", 256, 3)),
)
_MIXED_7A = (
    (("Conv2d_0a_1x1", 256, 1), ("Conv2d_1a_3x3", 384, 3)),
    (("Conv2d_0a_1x1", 256, 1), ("Conv2d_1a_3x3", 256, 3)),
    (("Conv2d_0a_1x1", 256, 1), ("Conv2d_0b_3x3", 256, 3), ("Conv2d_1a_3x3", 256, 3)),
)


def build_inception_resnet_v1(
    *, embedding_size: int = 128, width: float = 1.0, input_size: int = 160
) -> keras.Model:
    """FaceNet's Inception-ResNet-v1, frozen, its weights nought until they are assigned.

    Args:
      embedding_size: 128 for facenet_keras.h5 and Sandberg's models of 2017, 512 for those of 2018.
      width: factor of the channels, for small copies.
      input_size: height and width of the pictures, pixels, at least 75.

    Returns:
      image [B, S, S, 3] -> {"embedding": [B, D], "pooled": [B, 1792]}, float32. The embedding is
      the bottleneck's after its batch normalisation, as facenet_keras.h5 gives it; Sandberg's own
      models put it on the unit sphere besides.
    """
    image = keras.Input((input_size, input_size, 3), name="image", dtype="float32")
    layers = _Layers(width)
    x = layers.stem(image)
    for number in range(1, 6):
        x = layers.block(x, f"Block35_{number}", _BLOCK35, 0.17)
    x = layers.reduction(x, "Mixed_6a", _MIXED_6A)
    for number in range(1, 11):
        x = layers.block(x, f"Block17_{number}", _BLOCK17, 0.1)
    x = layers.reduction(x, "Mixed_7a", _MIXED_7A)
    for number in range(1, 6):
        x = layers.block(x, f"Block8_{number}", _BLOCK8, 0.2)
    x = layers.block(x, "Block8_6", _BLOCK8, 1.0, activated=False)
    pooled = GlobalAveragePooling2D(name="AvgPool")(x)
    x = Dropout(0.2, name="Dropout")(pooled)
    x = Dense(embedding_size, use_bias=False, kernel_initializer="zeros", name="Bottleneck")(x)
    outputs = {"embedding": _batch_normalized(x, "Bottleneck"), "pooled": pooled}
    return frozen_model(image, outputs, "inception_resnet_v1")


def _batch_normalized(x, name):
    return BatchNormalization(momentum=0.995, epsilon=1e-3, scale=False, name=f"{name}_BatchNorm")(
        x
    )


class _Layers:
    """Makes the layers of one network."""

    def __init__(self, width: float):
        self._width = width

    def stem(self, x):
        for name, channels, kernel, stride, padding in _STEM:
            if channels is None:
                x = MaxPooling2D(kernel, stride, name=name)(x)
            else:
                x = self._convolved(x, name, channels, kernel, stride, padding)
        return x

    def block(self, x, name: str, branches, scale: float, activated: bool = True):
        """x + scale * (branches, joined and brought to x's channels)."""
        joined = Concatenate(name=f"{name}_Concatenate")(
            [self._chain(x, f"{name}_Branch_{i}", chain) for i, chain in enumerate(branches)]
        )
        up = Conv2D(x.shape[-1], 1, kernel_initializer="zeros", name=f"{name}_Conv2d_1x1")(joined)
        scaled = Rescaling(scale, name=f"{name}_Scale")(up)
        x = Add(name=f"{name}_Add")([x, scaled])
        return Activation("relu", name=f"{name}_Activation")(x) if activated else x

    def reduction(self, x, name: str, branches):
        ends = [
            self._chain(x, f"{name}_Branch_{i}", chain, halved=True)
            for i, chain in enumerate(branches)
        ]
        ends.append(MaxPooling2D(3, 2, name=f"{name}_Branch_{len(ends)}_MaxPool_1a_3x3")(x))
        return Concatenate(name=name)(ends)

    def _chain(self, x, name: str, chain, halved: bool = False):
        for number, (layer, channels, kernel) in enumerate(chain, 1):
            stride, padding = (2, "valid") if halved and number == len(chain) else (1, "same")
            x = self._convolved(x, f"{name}_{layer}", channels, kernel, stride, padding)
        return x

    def _convolved(self, x, name: str, channels: int, kernel, stride: int, padding: str):
        x = Conv2D(
            scaled_channels(channels, self._width),
            kernel,
            stride,
            padding=padding,
            use_bias=False,
            kernel_initializer="zeros",
            name=name,
        )(x)
        return Activation("relu", name=f"{name}_Activation")(_batch_normalized(x, name))


# Of 2017 and facenet_keras.h5.
_STANDARDIZED = InputConvention(input_size=160, per_image_standardization=True)
# Of 2018: his README asks for --use_fixed_image_standardization.
_FIXED = InputConvention(input_size=160, mean=(127.5, 127.5, 127.5), std=(128.0, 128.0, 128.0))

INCEPTION_RESNET_V1 = Architecture(
    name="inception_resnet_v1",
    build=build_inception_resnet_v1,
    convention=_STANDARDIZED,
    variant={"embedding_size": 128},
    outputs=("embedding", "pooled"),
    source="github.com/davidsandberg/facenet; in Keras github.com/nyoki-mtl/keras-facenet",
    other_conventions=(({"embedding_size": 512}, _FIXED),),
)
