"""VGGFace2's SE-ResNet-50 (Cao et al. 2018): channels weighed by squeeze and excitation."""

import functools

from keras.layers import Activation, Conv2D, GlobalAveragePooling2D, Multiply, Reshape

from tf_morph.recognition.architectures.architecture import Architecture, keras_name
from tf_morph.recognition.architectures.residual import (
    CLASSES,
    VGGFACE2_CONVENTION,
    build_residual,
)

_SQUEEZE = 16  # a block's channels over those of its excitation


def _excited(x, block):
    """Squeeze and excitation (Hu et al. 2018): [B, H, W, C] times weights [B, 1, 1, C]."""
    channels = x.shape[-1]
    weights = GlobalAveragePooling2D(name=keras_name(f"{block}/mean"))(x)
    weights = Reshape((1, 1, channels), name=keras_name(f"{block}/squeezed"))(weights)
    weights = _connected(weights, max(channels // _SQUEEZE, 1), f"{block}_1x1_down", "relu")
    weights = _connected(weights, channels, f"{block}_1x1_up", "sigmoid")
    return Multiply(name=keras_name(f"{block}/excited"))([x, weights])


def _connected(x, channels, name, activation):
    x = Conv2D(channels, 1, kernel_initializer="zeros", name=keras_name(name))(x)
    return Activation(activation, name=keras_name(f"{name}/{activation}"))(x)


SENET50 = Architecture(
    name="senet50",
    build=functools.partial(build_residual, "senet50", epsilon=1e-4, gate=_excited),
    convention=VGGFACE2_CONVENTION,
    variant={"include_top": False, "classes": CLASSES},
    outputs=("pooled",),
    source="Cao et al. 2018, VGGFace2; github.com/rcmalli/keras-vggface 0.6",
)
