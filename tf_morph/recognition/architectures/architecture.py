"""What a published network's definition consists of, and how its layers are named and reached."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import keras

from tf_morph.errors import InputError
from tf_morph.photographs.crop_rules import aligned_for
from tf_morph.recognition.network import InputConvention

# Keras 3 allows no slash in a layer's name, and the published names have no dot.
_SLASH, _IN_PLACE_OF_SLASH = "/", "."
_NAMED_AT_MOST = 8  # layers, in an error line


class Architecture(NamedTuple):
    """A published network: its definition and what its publishers fed it.

    Attributes:
      name: its key in `ARCHITECTURES`.
      build: makes the network with weights of nought, to be filled from a file; takes the fields
        of `variant`, and `width` and `input_size` for small copies. Gives a model from `image`
        [B, s, s, 3] float32, already prepared by `convention`, to {output: tensor}.
      convention: how pictures are prepared for the default variant; see `convention_of`.
      variant: arguments of `build` in which published files differ, and their defaults.
      outputs: names of what the default variant gives, the usual one first.
      source: where the definition and the convention were published.
      other_conventions: (part of a variant, the convention of files of that variant).
      compared: the output whose cosines tell people apart, where that is not the usual one.
    """

    name: str
    build: Callable[..., keras.Model]
    convention: InputConvention
    variant: Mapping[str, Any]
    outputs: tuple[str, ...]
    source: str
    other_conventions: tuple[tuple[Mapping[str, Any], InputConvention], ...] = ()
    compared: str = ""

    @property
    def crop_rule(self) -> str:
        """The rule of photographs/crop_rules.py that cuts a face out as its publishers did."""
        return aligned_for(self.name)

    def convention_of(self, variant: Mapping[str, Any]) -> InputConvention:
        """How pictures are prepared for a file of `variant`, which may name a part of it."""
        for part, convention in self.other_conventions:
            if part.items() <= dict(variant).items():
                return convention
        return self.convention


def keras_name(published: str) -> str:
    """The name a layer has here: `fc6/relu` is called `fc6.relu`."""
    return published.replace(_SLASH, _IN_PLACE_OF_SLASH)


def published_name(name: str) -> str:
    """The name a layer has in published files: the inverse of `keras_name`."""
    return name.replace(_IN_PLACE_OF_SLASH, _SLASH)


def weighted_layers(model: keras.Model) -> dict[str, keras.layers.Layer]:
    """{published name: layer} of the layers that have weights, in the order of published files."""
    return {published_name(layer.name): layer for layer in model.layers if layer.weights}


def with_outputs(model: keras.Model, names: Iterable[str]) -> keras.Model:
    """The same network with other outputs; weights are shared.

    Args:
      model: a network with a dict of outputs.
      names: each an output of the model or one of its layers, by its published name.

    Returns:
      A model from the same input to {name: tensor}.

    Raises:
      InputError: there is no such output or layer.
    """
    layers = {published_name(layer.name): layer for layer in model.layers}
    outputs = {}
    for name in names:
        if name not in model.output and name not in layers:
            raise InputError(
                f"{model.name}: no output or layer {name!r}; its outputs are "
                f"{sorted(model.output)}, and among its {len(layers)} layers are "
                f"{_some(list(layers), name)}"
            )
        outputs[name] = model.output[name] if name in model.output else layers[name].output
    return keras.Model(model.input, outputs, name=model.name)


def _some(layers: list[str], wanted: str) -> str:
    """Those whose names are nearest to the one wanted, or else the last."""
    near = difflib.get_close_matches(wanted, layers, _NAMED_AT_MOST)
    return ", ".join(near or layers[-_NAMED_AT_MOST:])


def frozen_model(image, outputs: Mapping[str, Any], name: str) -> keras.Model:
    """A model whose weights no optimiser changes, from `image` to the outputs by their names."""
    model = keras.Model(image, dict(outputs), name=name)
    model.trainable = False
    return model
