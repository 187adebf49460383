"""A file's weights put into a network, layer by layer and kind by kind."""

from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from tf_morph.errors import InputError
from tf_morph.recognition.architectures import ARCHITECTURES, weighted_layers
from tf_morph.recognition.weight_files.recognised import Recognised, recognise
from tf_morph.recognition.weight_files.stored import read_all

_NAMED_AT_MOST = 3  # in an error line


class WeightFile(NamedTuple):
    """A file's weights.

    Attributes:
      format: what kind of file it was, for people.
      architecture: the key in `ARCHITECTURES` of its network; "" for others.
      variant: the arguments of the architecture's `build` that the file decides.
      weights: {layer's published name: {kind: float32 array}}; kinds are `kernel`, `bias`,
        `gamma`, `beta`, `moving_mean`, `moving_variance`, `depthwise_kernel`.
      path: the file.
      convention: the fields of `InputConvention` in which it differs from its architecture.
    """

    format: str
    architecture: str
    variant: dict[str, Any]
    weights: dict[str, dict[str, np.ndarray]]
    path: Path
    convention: dict[str, Any]


def read_weights(path: Path) -> WeightFile:
    """Reads a weight file, recognised by what is inside it.

    Raises:
      InputError: what `recognise` raises; or the file holds a graph, no layers, or numbers that
        are not finite.
    """
    found = recognise(path)
    if not found.layers:
        raise InputError(f"{path}: a {found.format}, which holds no layers with weights")
    try:
        weights = read_all(found.layers)
    except InputError as error:
        raise InputError(_at(found.path, error)) from error
    return WeightFile(
        found.format, found.architecture, found.variant, weights, found.path, found.convention
    )


def assign(model: keras.Model, file: WeightFile) -> None:
    """Sets every weight of a network.

    Args:
      model: a network whose layers are named as published (`keras_name`).
      file: what `read_weights` gives.

    Raises:
      InputError: a layer or an array is missing or one too many, or has another shape. Nothing is
        set then.
    """
    wanted = _wanted(model)
    _check(model.name, file, wanted)
    for layer, variables in wanted.items():
        for kind, variable in variables.items():
            variable.assign(file.weights[layer][kind])


def check_fit(found: Recognised) -> None:
    """What `assign` checks, without reading a number: the file against its own architecture."""
    model = ARCHITECTURES[found.architecture].build(**found.variant)
    file = WeightFile(
        found.format, found.architecture, found.variant, found.layers, found.path, found.convention
    )
    _check(model.name, file, _wanted(model))


def _wanted(model: keras.Model) -> dict[str, dict[str, keras.Variable]]:
    return {
        layer: {variable.name: variable for variable in kept.weights}
        for layer, kept in weighted_layers(model).items()
    }


def _check(network: str, file: WeightFile, wanted) -> None:
    _check_names(network, file, "layer", wanted, file.weights)
    for layer, variables in wanted.items():
        _check_names(network, file, f"layer {layer!r},", variables, file.weights[layer])
    _check_shapes(network, file, wanted)


def _check_names(network: str, file: WeightFile, what: str, wanted, found) -> None:
    missing = [name for name in wanted if name not in found]
    if missing:
        raise InputError(
            f"{file.path}: {what} {_listed(missing)} of {network} is missing; {_looks(file)}"
        )
    superfluous = [name for name in found if name not in wanted]
    if superfluous:
        raise InputError(
            f"{file.path}: {what} {_listed(superfluous)} is none of {network}'s; {_looks(file)}"
        )


def _check_shapes(network: str, file: WeightFile, wanted) -> None:
    wrong = [
        (layer, kind, tuple(variable.shape), file.weights[layer][kind].shape)
        for layer, variables in wanted.items()
        for kind, variable in variables.items()
        if tuple(variable.shape) != file.weights[layer][kind].shape
    ]
    if not wrong:
        return
    layer, kind, expected, found = wrong[0]
    more = f" (and {len(wrong) - 1} more arrays differ)" if len(wrong) > 1 else ""
    raise InputError(
        f"{file.path}: layer {layer!r}: its {kind} is {list(found)}, {network} expects "
        f"{list(expected)}{more}; {_looks(file)}"
    )


def _listed(names: list[str]) -> str:
    rest = len(names) - _NAMED_AT_MOST
    listed = ", ".join(repr(name) for name in names[:_NAMED_AT_MOST])
    return f"{listed} and {rest} more" if rest > 0 else listed


def _looks(file: WeightFile) -> str:
    if file.architecture:
        options = ", ".join(f"{name} {value}" for name, value in file.variant.items())
        return f"the file looks like {file.architecture} ({options})"
    layers = list(file.weights)
    return (
        f"the file looks like none of the networks known here ({len(layers)} layers, "
        f"{layers[0]!r} to {layers[-1]!r})"
    )


def _at(path: Path, error: InputError) -> str:
    message = str(error)
    return message if message.startswith(str(path)) else f"{path}: {message}"
