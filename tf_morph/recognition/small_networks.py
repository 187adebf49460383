"""Small recognition networks that two cores train in a minute or two (ours)."""

from typing import NamedTuple

import keras
import tensorflow as tf


class _Stage(NamedTuple):
    """Convolutions of one resolution."""

    channels: int  # in units of the network's width
    convolutions: int
    kernel: int
    stride: int  # of the first convolution
    pooled: bool  # by the maximum of 2x2, after the last


_ARCHITECTURES = {
    # Strided convolutions; each place of the last map enters by a learned share of its own.
    "strided": (
        (_Stage(1, 1, 5, 2, False), _Stage(2, 1, 3, 2, False), _Stage(4, 2, 3, 2, False)),
        0,
    ),
    # VGG's manner: pairs of 3x3 and maxima, a fully connected layer (in widths) at the end.
    "stacked": (
        (_Stage(1, 1, 3, 2, False), _Stage(2, 2, 3, 1, True), _Stage(4, 2, 3, 1, True)),
        8,
    ),
}
ARCHITECTURES = tuple(_ARCHITECTURES)


def build_network(
    architecture: str, width: int, embedding_size: int, input_size: int, seed: int
) -> keras.Model:
    """An untrained network; the same weights for the same seed.

    Args:
      architecture: one of `ARCHITECTURES`.
      width: channels of the first stage.
      embedding_size: length of the embedding.
      input_size: height and width of the pictures, pixels; at least 16.
      seed: of the initial weights.

    Returns:
      image [B, S, S, 3] sRGB-coded RGB in 0..255 -> {"embedding": [B, D], "pooled": [B, P]},
      float32, neither normalised.
    """
    stages, dense = _ARCHITECTURES[architecture]
    layers = _Layers(seed)
    image = keras.Input((input_size, input_size, 3), name="image", dtype="float32")
    x = keras.layers.Rescaling(1 / 64.0, offset=-2.0)(image)
    for stage in stages:
        x = _stage(layers, x, stage, width)
    if dense:
        x = keras.layers.Flatten()(x)
        x = layers.activated(layers.dense(dense * width)(x))
    else:
        pooling = layers.depthwise(x.shape[1])
        x = keras.layers.Flatten()(pooling(x))
    # A name of its own for each output, which the exported signature keeps.
    pooled = keras.layers.Identity(name="pooled")(x)
    embedding = layers.dense(embedding_size, name="embedding")(pooled)
    return keras.Model(image, {"embedding": embedding, "pooled": pooled})


def export_network(model: keras.Model, folder: str) -> None:
    """Writes a SavedModel: `image` [B, S, S, 3] 0..255 in, `embedding` and `pooled` out."""
    module = tf.Module()
    module.model = model

    @tf.function(input_signature=[tf.TensorSpec([None, *model.input_shape[1:]], name="image")])
    def serve(image):
        return model(image, training=False)

    tf.saved_model.save(module, folder, signatures={"serving_default": serve})


def _stage(layers, x, stage, width):
    for i in range(stage.convolutions):
        stride = stage.stride if i == 0 else 1
        x = layers.activated(layers.convolution(stage.channels * width, stage.kernel, stride)(x))
    return keras.layers.MaxPooling2D()(x) if stage.pooled else x


class _Layers:
    """Layers whose initial weights come from one seed, in the order of their making."""

    def __init__(self, seed):
        self._seed, self._made = seed, 0

    def _initializer(self):
        self._made += 1
        return keras.initializers.HeNormal(seed=1000 * self._seed + self._made)

    def convolution(self, channels, kernel, stride):
        return keras.layers.Conv2D(
            channels,
            kernel,
            stride,
            padding="same",
            use_bias=False,
            kernel_initializer=self._initializer(),
        )

    def depthwise(self, size):
        share = keras.initializers.RandomNormal(1 / size**2, 0.3 / size**2, self._made)
        return keras.layers.DepthwiseConv2D(size, depthwise_initializer=share)

    def dense(self, units, name=None):
        return keras.layers.Dense(units, kernel_initializer=self._initializer(), name=name)

    def activated(self, x):
        return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.95)(x))
