"""Layers shared by the recognition networks; their initial weights come from one seed."""

import keras
import tensorflow as tf

PACKAGE = "tf_morph"
POOLINGS = ("average", "max", "depthwise", "flatten")
SQUARE_POOLING_LEAST = 1e-6  # under the root, which has no slope at nought
_CHANNEL_STEP = 8  # what the compiled convolutions work in; every published count is a multiple


def scaled_channels(channels: int, width: float) -> int:
    """A published number of channels times `width`, to the nearest eight, at least eight."""
    return max(_CHANNEL_STEP, _CHANNEL_STEP * round(channels * width / _CHANNEL_STEP))


@keras.saving.register_keras_serializable(PACKAGE)
class SquarePooling(keras.layers.Layer):
    """The root of the mean square over 3x3 neighbours, stride 1: FaceNet's "L2" pooling."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """[B, H, W, C] -> the same shape, not negative."""
        mean = tf.nn.avg_pool2d(tf.square(inputs), 3, 1, "SAME")
        return tf.sqrt(mean + SQUARE_POOLING_LEAST)


@keras.saving.register_keras_serializable(PACKAGE)
class LocalResponseNormalization(keras.layers.Layer):
    """Each channel over the energy of its neighbours in depth (Krizhevsky et al. 2012)."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """[B, H, W, C] -> the same shape."""
        return tf.nn.local_response_normalization(inputs, 2, bias=2.0, alpha=1e-4, beta=0.75)


class SeededLayers:
    """Makes layers whose initial weights depend on the seed and the order of the making alone.

    Attributes:
      batch_normalization: whether a normalisation follows each convolution and dense layer that
        is activated, in place of its bias.
    """

    def __init__(self, seed: int, batch_normalization: bool):
        self.batch_normalization = batch_normalization
        self._seed, self._made = seed, 0

    def image(self, input_size: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """The input, [B, S, S, 3] in 0..255, and the same in -2..2."""
        image = keras.Input((input_size, input_size, 3), name="image", dtype="float32")
        return image, keras.layers.Rescaling(1 / 64.0, offset=-2.0)(image)

    def convolved(
        self,
        x: keras.KerasTensor,
        channels: int,
        kernel: int,
        stride: int = 1,
        name: str | None = None,
    ):
        """A rectified convolution that keeps the picture's border; `name` is its layer's."""
        layer = keras.layers.Conv2D(
            channels,
            kernel,
            stride,
            padding="same",
            use_bias=not self.batch_normalization,
            kernel_initializer=self._initializer(),
            name=name,
        )
        return self._activated(layer(x), name)

    def connected(self, x: keras.KerasTensor, units: int):
        """A rectified fully connected layer."""
        layer = keras.layers.Dense(
            units,
            use_bias=not self.batch_normalization,
            kernel_initializer=self._initializer(),
        )
        return self._activated(layer(x))

    def embedded(self, x: keras.KerasTensor, size: int):
        """The last, linear layer, called `embedding`."""
        return keras.layers.Dense(size, kernel_initializer=self._initializer(), name="embedding")(x)

    def pooled(self, x: keras.KerasTensor, pooling: str):
        """A map [B, H, W, C] as a vector a picture, by one of `POOLINGS`.

        `depthwise` weighs each place by a share of its own, learnt for each channel.

        Raises:
          ValueError: there is no such pooling.
        """
        if pooling not in POOLINGS:
            raise ValueError(f"pooling {pooling!r}; use one of {', '.join(POOLINGS)}")
        if pooling == "average":
            return keras.layers.GlobalAveragePooling2D()(x)
        if pooling == "max":
            return keras.layers.GlobalMaxPooling2D()(x)
        if pooling == "depthwise":
            x = self._depthwise(x.shape[1:3])(x)
        return keras.layers.Flatten()(x)

    def _depthwise(self, size):
        self._made += 1
        places = size[0] * size[1]
        share = keras.initializers.RandomNormal(
            1 / places, 0.3 / places, 1000 * self._seed + self._made
        )
        return keras.layers.DepthwiseConv2D(size, depthwise_initializer=share)

    def _activated(self, x, name=None):
        if self.batch_normalization:
            x = keras.layers.BatchNormalization(momentum=0.95, name=name and f"{name}_bn")(x)
        return keras.layers.ReLU(name=name and f"{name}_relu")(x)

    def _initializer(self):
        self._made += 1
        return keras.initializers.HeNormal(seed=1000 * self._seed + self._made)
