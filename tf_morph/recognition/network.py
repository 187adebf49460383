"""What every recognition network looks like from outside: pictures in, named features out."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError

WHOLE_PICTURE = (0.0, 0.0, 1.0, 1.0)

# A source: preprocessed images [B, s, s, 3] -> raw outputs, one per wanted output name.
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
    crop: tuple[float, float, float, float] = WHOLE_PICTURE

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
        if self.crop == WHOLE_PICTURE:
            if tuple(images.shape[1:3]) == size:
                return images
            return tf.image.resize(images, size, method="bilinear", antialias=True)
        height, width = (tf.cast(n, tf.float32) for n in tf.unstack(tf.shape(images)[1:3]))
        left, top, right, bottom = self.crop
        rows = tf.cast(tf.round(tf.stack([top, bottom]) * height), tf.int32)
        columns = tf.cast(tf.round(tf.stack([left, right]) * width), tf.int32)
        images = images[:, rows[0] : rows[1], columns[0] : columns[1]]
        return tf.image.resize(images, size, method="bilinear", antialias=True)


def one_line(error: Exception) -> str:
    """The first line of an error's message, or its kind where it has none."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _standardized(images: tf.Tensor) -> tf.Tensor:
    # tf.image.per_image_standardization has no gradient for a flat picture; this one does.
    mean, variance = tf.nn.moments(images, axes=[1, 2, 3], keepdims=True)
    pixels = tf.cast(tf.reduce_prod(tf.shape(images)[1:]), tf.float32)
    return (images - mean) * tf.math.rsqrt(tf.maximum(variance, 1.0 / pixels))


class RecognitionNetwork:
    """A frozen, differentiable network from pictures to features named by their use.

    Calling it works eagerly and inside `tf.function` with an unknown batch size. It is no Keras
    layer and hands out no variables, so nothing can train it; gradients flow to the pictures.

    Attributes:
      name: what tables call the network.
      convention: how pictures are prepared for it.
      output_names: what it gives, such as ("embedding", "features").
      output_sizes: {output name: its length}.
      fingerprint: hex; equal for the same files, outputs and convention, else different.
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

        Raises:
          InputError: the source takes no pictures of `convention.input_size`, or gives outputs
            that are not one vector of finite numbers a picture.
        """
        self.name = name
        self.convention = convention
        self.output_names = output_names
        self._source = source
        described = json.dumps([files_fingerprint, dataclasses.asdict(convention)])
        self.fingerprint = hashlib.sha256(described.encode()).hexdigest()
        self.output_sizes = self._try_out()

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
        return self.features_of_prepared(self.convention.prepare(images))

    def features_of_prepared(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """The same of pictures that `convention` has prepared, [B, input_size, input_size, 3]."""
        outputs = self._source(images)
        return {name: _flat(outputs[name]) for name in self.output_names}

    def _try_out(self) -> dict[str, int]:
        """The length of each output, learnt from two grey pictures."""
        pictures = tf.fill([2, self.input_size, self.input_size, 3], 0.5)
        try:
            outputs = self(pictures)
        except (ValueError, TypeError, tf.errors.OpError) as error:
            raise InputError(
                f"network {self.name}: takes no pictures of {self.input_size} pixels, 3 channels; "
                f"set input_size as the network wants it ({one_line(error)})"
            ) from error
        for name, values in outputs.items():
            if values.shape[0] != 2 or not values.dtype.is_floating:
                raise InputError(
                    f"network {self.name}: output {name!r} gives {values.dtype.name} "
                    f"{values.shape} for 2 pictures; name an output with one vector a picture"
                )
            if not np.isfinite(values).all():
                raise InputError(f"network {self.name}: output {name!r} is not finite on grey")
        return {name: int(values.shape[1]) for name, values in outputs.items()}


def _flat(features: tf.Tensor) -> tf.Tensor:
    """[B, ...] as [B, D], with D known where the network's own shape tells it."""
    if features.shape.rank == 2:
        return features
    size = features.shape[1:].num_elements() if features.shape.rank else None
    return tf.reshape(features, [-1, size] if size else [tf.shape(features)[0], -1])
