"""What every recognition network looks like from outside: pictures in, named features out."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping

import tensorflow as tf

# Source function: preprocessed images [B, s, s, 3] -> raw outputs, one per wanted output name.
Source = Callable[[tf.Tensor], Mapping[str, tf.Tensor]]


@dataclasses.dataclass(frozen=True)
class InputConvention:
    """How a network wants its picture.

    A picture of sRGB-coded RGB in [0, 1] becomes
    `(input_range[0] + (input_range[1] - input_range[0]) * picture - mean) / std`, its channels
    first put in `color_order`; or, with `per_image_standardization`, that picture minus its own
    mean over its own standard deviation (FaceNet's convention).

    Attributes:
      input_size: height and width, pixels.
      color_order: "RGB" or "BGR".
      input_range: what 0 and 1 become before the mean is taken off.
      mean: subtracted, one a channel, in the order of `color_order`.
      std: divided by, one a channel, in the order of `color_order`.
      per_image_standardization: whether each picture is standardised by itself.
      crop: (left, top, right, bottom) of the part of the picture the network looks at, as
        fractions of its width and height.
    """

    input_size: int
    color_order: str = "RGB"
    input_range: tuple[float, float] = (0.0, 255.0)
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    per_image_standardization: bool = False
    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)

    def prepare(self, images: tf.Tensor) -> tf.Tensor:
        """Pictures as the network wants them.

        Args:
          images: [B, h, w, 3] sRGB-coded RGB in [0, 1], row 0 on top.

        Returns:
          float32 [B, input_size, input_size, 3].
        """
        images = self._resize(tf.convert_to_tensor(images, tf.float32))
        if self.color_order == "BGR":
            images = images[..., ::-1]
        low, high = self.input_range
        images = low + (high - low) * images
        if self.per_image_standardization:
            images = _standardized(images)
        return (images - tf.constant(self.mean)) / tf.constant(self.std)

    def _resize(self, images: tf.Tensor) -> tf.Tensor:
        size = (self.input_size, self.input_size)
        if self.crop == (0.0, 0.0, 1.0, 1.0):
            if tuple(images.shape[1:3]) == size:
                return images
            return tf.image.resize(images, size, method="bilinear", antialias=True)
        height, width = (tf.cast(n, tf.float32) for n in tf.unstack(tf.shape(images)[1:3]))
        left, top, right, bottom = self.crop
        rows = tf.cast(tf.round(tf.stack([top, bottom]) * height), tf.int32)
        columns = tf.cast(tf.round(tf.stack([left, right]) * width), tf.int32)
        images = images[:, rows[0] : rows[1], columns[0] : columns[1]]
        return tf.image.resize(images, size, method="bilinear", antialias=True)


def _standardized(images: tf.Tensor) -> tf.Tensor:
    # tf.image.per_image_standardization has no gradient for a flat picture; this one does.
    mean, variance = tf.nn.moments(images, axes=[1, 2, 3], keepdims=True)
    pixels = tf.cast(tf.reduce_prod(tf.shape(images)[1:]), tf.float32)
    return (images - mean) * tf.math.rsqrt(tf.maximum(variance, 1.0 / pixels))


class RecognitionNetwork:
    """A frozen, differentiable network from pictures to features named by their use.

    Calling it works eagerly and inside `tf.function` with an unknown batch size. Nothing in it is
    trainable; gradients flow to the pictures.
    """

    def __init__(
        self,
        name: str,
        convention: InputConvention,
        source: Source,
        output_names: tuple[str, ...],
        files_fingerprint: str,
    ):
        """Wraps a source.

        Args:
          name: what tables call the network.
          convention: how pictures are prepared for it.
          source: prepared pictures [B, s, s, 3] -> {output name: [B, ...]}.
          output_names: the names by which this project asks for outputs, such as "embedding".
          files_fingerprint: a hash over the network's files and the choice of outputs.
        """
        self.name = name
        self.convention = convention
        self.output_names = output_names
        self._source = source
        described = json.dumps([files_fingerprint, dataclasses.asdict(convention)])
        self.fingerprint = hashlib.sha256(described.encode()).hexdigest()

    @property
    def input_size(self) -> int:
        """Height and width of the network's own input, pixels."""
        return self.convention.input_size

    def __call__(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """Features of pictures.

        Args:
          images: [B, h, w, 3] sRGB-coded RGB in [0, 1], any size; resized where it differs.

        Returns:
          {output name: float32 [B, D]}, not normalised.
        """
        outputs = self._source(self.convention.prepare(images))
        return {name: _flat(outputs[name]) for name in self.output_names}


def _flat(features: tf.Tensor) -> tf.Tensor:
    if features.shape.rank == 2:
        return features
    return tf.keras.layers.Flatten()(features)
