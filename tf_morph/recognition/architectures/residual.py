"""The 50 layers that VGGFace2's two networks share (Cao et al. 2018), named as keras-vggface does.

Where this departs from the usual ResNet: a block's stride lies in its first 1x1 convolution, the
first maximum is taken without padding, and convolutions have no bias.
"""

from collections.abc import Callable

from keras import KerasTensor, Model
from keras.layers import (
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    MaxPooling2D,
)

from tf_morph.recognition.architectures.architecture import frozen_model, keras_name
from tf_morph.recognition.layers import scaled_channels
from tf_morph.recognition.network import InputConvention

CLASSES = 8631  # people VGGFace2 is trained on
_CHANNELS = (64, 128, 256, 512)  # of each stage's 3x3 convolutions; its blocks give four times that
_BLOCKS = (3, 4, 6, 3)
_LAST_POOL = 7

VGGFACE2_CONVENTION = InputConvention(
    input_size=224, color_order="BGR", mean=(91.4953, 103.8827, 131.0912)
)

# What is done to a block's branch before the shortcut is added: (branch, block's name) -> branch.
Gate = Callable[[KerasTensor, str], KerasTensor]


def build_residual(
    name: str,
    *,
    epsilon: float,
    include_top: bool = False,
    classes: int = CLASSES,
    width: float = 1.0,
    input_size: int = 224,
    gate: Gate = lambda branch, block: branch,
) -> Model:
    """A network of 50 layers, frozen, its weights nought until they are assigned.

    Args:
      name: of the model.
      epsilon: of the batch normalisations.
      include_top: whether the classifier follows.
      classes: people told apart by the classifier.
      width: factor of the channels, for small copies.
      input_size: height and width of the pictures, pixels, at least 32.
      gate: see `Gate`.

    Returns:
      image [B, S, S, 3] -> {"pooled": [B, 2048]}, with the top also "probabilities"; float32.
    """
    image = Input((input_size, input_size, 3), name="image", dtype="float32")
    layers = _Layers(width, epsilon, gate)
    x = layers.normalized(layers.convolved(image, 64, 7, "conv1/7x7_s2", 2), "conv1/7x7_s2")
    x = MaxPooling2D(3, 2, name="pool1")(x)
    for stage, (channels, blocks) in enumerate(zip(_CHANNELS, _BLOCKS, strict=True), 2):
        for block in range(1, blocks + 1):
            stride = 2 if block == 1 and stage > 2 else 1
            x = layers.block(x, channels, f"conv{stage}_{block}", stride, projected=block == 1)
    x = AveragePooling2D(min(_LAST_POOL, x.shape[1]), name="avg_pool")(x)
    outputs = {"pooled": GlobalAveragePooling2D(name="pooled")(x)}
    if include_top:
        x = Flatten(name="flatten")(x)
        classifier = Dense(
            classes, activation="softmax", kernel_initializer="zeros", name="classifier"
        )
        outputs["probabilities"] = classifier(x)
    return frozen_model(image, outputs, name)


class _Layers:
    """Makes the layers of one network."""

    def __init__(self, width: float, epsilon: float, gate: Gate):
        self._width, self._epsilon, self._gate = width, epsilon, gate

    def convolved(self, x, channels: int, kernel: int, name: str, stride: int = 1):
        return Conv2D(
            scaled_channels(channels, self._width),
            kernel,
            stride,
            padding="same",
            use_bias=False,
            kernel_initializer="zeros",
            name=keras_name(name),
        )(x)

    def normalized(self, x, name: str, activated: bool = True):
        x = BatchNormalization(epsilon=self._epsilon, name=keras_name(f"{name}/bn"))(x)
        return Activation("relu", name=keras_name(f"{name}/relu"))(x) if activated else x

    def block(self, x, channels: int, name: str, stride: int, projected: bool):
        """1x1, 3x3, 1x1, and the shortcut, with a 1x1 of its own where channels change."""
        branch = x
        for size, kernel, step in (("1x1_reduce", 1, stride), ("3x3", 3, 1)):
            branch = self.convolved(branch, channels, kernel, f"{name}_{size}", step)
            branch = self.normalized(branch, f"{name}_{size}")
        branch = self._linear(branch, 4 * channels, f"{name}_1x1_increase", 1)
        branch = self._gate(branch, name)
        if projected:
            x = self._linear(x, 4 * channels, f"{name}_1x1_proj", stride)
        total = Add(name=keras_name(f"{name}/add"))([branch, x])
        return Activation("relu", name=keras_name(f"{name}/relu"))(total)

    def _linear(self, x, channels: int, name: str, stride: int):
        return self.normalized(self.convolved(x, channels, 1, name, stride), name, activated=False)
