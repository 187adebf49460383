"""A regressor as a Keras file of Keras' own layers, which needs none of this package's code."""

from pathlib import Path

import keras
import numpy as np

from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.recognition.keras_file import read_model
from tf_morph.recognition.layers import SQUARE_POOLING_LEAST, SquarePooling
from tf_morph.recognition.network import WHOLE_PICTURE, InputConvention
from tf_morph.reconstruction.run_parts import RunParts
from tf_morph.regression.decoder import Decoder

SUFFIX = ".keras"


def write_keras_file(path: Path, parts: RunParts) -> None:
    """Writes a Keras file, whole or not at all.

    Its input `image` is [B, S, S, 3], crops as the config has them, sRGB in 0..255; its outputs are
    those of the SavedModel (saved_model.py).

    Raises:
      InputError: the encoder is not made of Keras' own layers, or wants its pictures prepared in a
        way that they cannot do.
      OSError: it cannot be written.
    """
    size = parts.config.photographs.size
    image = keras.Input((size, size, 3), name="image")
    features = _encoder(parts)(_prepared(image, parts.encoder.network.convention))
    wanted = [parts.config.encoder.outputs[name] for name in parts.encoder.outputs]
    joined = keras.layers.Concatenate()([features[name] for name in wanted])
    shape, texture = _coefficients(joined, parts.decoder)
    model = parts.model
    offset = 0.0 if model.expression is None else model.expression.mean
    outputs = {
        "shape": shape,
        "texture": texture,
        "vertices": _linear(shape, model.shape, "vertices", offset),
        "colors": keras.layers.ReLU(max_value=1.0, name="colors")(
            _linear(texture, model.color, "albedo")
        ),
    }
    with whole_file(path) as temporary:
        named = temporary.with_name(f"{temporary.name}{SUFFIX}")  # Keras goes by the suffix
        try:
            keras.Model(image, outputs, name="regressor").save(named)
            named.replace(temporary)
        finally:
            named.unlink(missing_ok=True)


def _encoder(parts: RunParts) -> keras.Model:
    config = parts.config.encoder
    if config.kind != "keras":
        raise InputError(
            f"the encoder {config.name} is of kind {config.kind}, whose operations are no Keras "
            "layers; export a SavedModel (a name without suffix)"
        )
    encoder = _by_keras_own(read_model(expand_path(config.path)))
    foreign = {type(part).__name__ for part in encoder.layers if not _is_keras_own(part)}
    if foreign:
        raise InputError(
            f"the encoder {config.name} has layers that are not Keras' own ({', '.join(foreign)}); "
            "export a SavedModel (a name without suffix)"
        )
    return encoder


def _by_keras_own(network: keras.Model) -> keras.Model:
    """The same network, its layers that are written here put as Keras' own operations."""

    def called(layer, *inputs, **arguments):
        if isinstance(layer, SquarePooling):
            mean = keras.ops.average_pool(keras.ops.square(*inputs), 3, 1, "same")
            return keras.ops.sqrt(mean + SQUARE_POOLING_LEAST)
        return layer(*inputs, **arguments)

    # Layers without weights alone are put otherwise, so that the order of the weights stays.
    cloned = keras.models.clone_model(network, call_function=called)
    cloned.set_weights(network.get_weights())
    return cloned


def _is_keras_own(layer: keras.layers.Layer) -> bool:
    return type(layer).__module__.split(".")[0] == "keras"


def _prepared(image, convention: InputConvention):
    """What `InputConvention.prepare` does, as a scaling and a convolution of single pixels."""
    if convention.crop != WHOLE_PICTURE or convention.per_image_standardization:
        raise InputError(
            "the encoder looks at a part of the picture, or standardises it by itself, which a "
            "Keras file cannot say; export a SavedModel (a name without suffix)"
        )
    size = convention.input_size
    if image.shape[1] != size:
        image = keras.ops.image.resize(image, (size, size), "bilinear", antialias=True)
    low, high = convention.input_range
    order = np.eye(3)[::-1] if convention.color_order == "BGR" else np.eye(3)
    kernel = order * (high - low) / 255.0 / np.array(convention.std)
    bias = (low - np.array(convention.mean)) / np.array(convention.std)
    layer = keras.layers.Conv2D(3, 1, trainable=False, name="prepared")
    return _with_weights(layer, image, kernel[np.newaxis, np.newaxis], bias)


def _coefficients(features, decoder: Decoder):
    mean, deviation = decoder.feature_mean.numpy(), decoder.feature_deviation.numpy()
    values = keras.layers.Normalization(mean=mean, variance=deviation**2)(features)
    for number, layer in enumerate((*decoder.hidden, decoder.coefficients)):
        activation = None if layer is decoder.coefficients else "relu"
        dense = keras.layers.Dense(layer.units, activation=activation, name=f"decoder_{number}")
        values = _with_weights(dense, values, *(weight.numpy() for weight in layer.weights))
    count = decoder.shape_components
    return values[:, :count], values[:, count:]


def _linear(coefficients, basis: LinearBasis, name: str, offset=0.0):
    count = coefficients.shape[-1]
    kernel = (basis.basis * basis.standard_deviations).T[:count]
    dense = keras.layers.Dense(basis.mean.size, trainable=False, name=f"{name}_basis")
    flat = _with_weights(dense, coefficients, kernel, (basis.mean + offset).ravel())
    return keras.layers.Reshape(basis.mean.shape, name=name)(flat)


def _with_weights(layer, inputs, *weights):
    outputs = layer(inputs)
    layer.set_weights(weights)
    return outputs
