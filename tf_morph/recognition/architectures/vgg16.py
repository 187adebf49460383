"""VGG-Face (Parkhi et al. 2015), the 16-layer network, in the layers keras-vggface names."""

import keras
from keras.layers import Activation, Conv2D, Dense, Flatten, GlobalAveragePooling2D, MaxPooling2D

from tf_morph.recognition.architectures.architecture import (
    Architecture,
    frozen_model,
    keras_name,
)
from tf_morph.recognition.layers import scaled_channels
from tf_morph.recognition.network import InputConvention

# Channels of the 3x3 convolutions of each block, and how many there are.
_BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
_CONNECTED = 4096


def build_vgg16(
    *,
    include_top: bool = True,
    classes: int = 2622,
    width: float = 1.0,
    input_size: int = 224,
) -> keras.Model:
    """VGG-Face, frozen, its weights nought until they are assigned.

    Args:
      include_top: whether the fully connected layers follow; published files come in both forms.
      classes: people told apart by fc8.
      width: factor of the channels, for small copies.
      input_size: height and width of the pictures, pixels, at least 32.

    Returns:
      image [B, S, S, 3] -> {"pooled": [B, 512], "fc6", "fc6_relu", "fc7", "fc7_relu": [B, 4096]},
      float32; `pooled` alone without the top. `fc6` and `fc7` are the layers' own, linear outputs;
      their rectified values have names of their own. `pooled` is the mean of pool5 over the
      picture.
    """
    image = keras.Input((input_size, input_size, 3), name="image", dtype="float32")
    x = _convolutions(image, width)
    outputs = {"pooled": GlobalAveragePooling2D(name="pooled")(x)}
    if include_top:
        outputs = {**_top(x, scaled_channels(_CONNECTED, width), classes), **outputs}
    return frozen_model(image, outputs, "vgg16")


def _convolutions(x, width):
    for block, (channels, count) in enumerate(_BLOCKS, 1):
        for number in range(1, count + 1):
            x = Conv2D(
                scaled_channels(channels, width),
                3,
                padding="same",
                activation="relu",
                kernel_initializer="zeros",
                name=f"conv{block}_{number}",
            )(x)
        x = MaxPooling2D(2, name=f"pool{block}")(x)
    return x


def _top(x, units, classes):
    x = Flatten(name="flatten")(x)
    fc6, fc6_relu = _connected(x, units, "fc6", "relu")
    fc7, fc7_relu = _connected(fc6_relu, units, "fc7", "relu")
    _, probabilities = _connected(fc7_relu, classes, "fc8", "softmax")
    return {
        "fc7": fc7,
        "fc7_relu": fc7_relu,
        "fc6": fc6,
        "fc6_relu": fc6_relu,
        "probabilities": probabilities,
    }


def _connected(x, units, name, activation):
    linear = Dense(units, kernel_initializer="zeros", name=name)(x)
    return linear, Activation(activation, name=keras_name(f"{name}/{activation}"))(linear)


VGG16 = Architecture(
    name="vgg16",
    build=build_vgg16,
    convention=InputConvention(
        input_size=224, color_order="BGR", mean=(93.5940, 104.7624, 129.1863)
    ),
    variant={"include_top": True, "classes": 2622},
    outputs=("fc7", "fc7_relu", "fc6", "fc6_relu", "pooled", "probabilities"),
    source="Parkhi et al. 2015, Deep Face Recognition; github.com/rcmalli/keras-vggface 0.6",
)
