"""What a stored network says of itself: its input's name and size, and its outputs' names.

Descriptions are read as data; no network is made from them.
"""

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.recognition.network import one_line
from tf_morph.recognition.saved_model import SIGNATURE, read_saved_model
from tf_morph.recognition.tfjs.known import known_network
from tf_morph.recognition.tfjs.model_file import ModelFile, read_model_file
from tf_morph.recognition.tfjs.shards import stored_weights


class Described(NamedTuple):
    """A network as its file describes it.

    Attributes:
      input_name: of the input for pictures; "" where none is told.
      input_size: its height and width, pixels; 0 where any will do or none is told.
      outputs: their names.
      constants: names of the other inputs.
      name: what it calls itself, or what it is known as.
      convention: the fields of `InputConvention` in which it is known to differ from the usual.
    """

    input_name: str
    input_size: int
    outputs: tuple[str, ...]
    constants: tuple[str, ...] = ()
    name: str = ""
    convention: Mapping[str, Any] = {}


def saved_model(folder: Path) -> Described:
    """A SavedModel's `serving_default` signature.

    Raises:
      InputError: a damaged file, or no such signature.
    """
    signatures = read_saved_model(folder).meta_graphs[0].signature_def
    if SIGNATURE not in signatures:
        raise InputError(f"{folder}: no signature {SIGNATURE!r}; it has {sorted(signatures)}")
    signature = signatures[SIGNATURE]
    shapes = {
        name: [dim.size for dim in tensor.tensor_shape.dim]
        for name, tensor in signature.inputs.items()
    }
    name, size = _picture(shapes)
    others = tuple(sorted(shapes.keys() - {name}))
    return Described(name, size, tuple(sorted(signature.outputs)), others)


def saved_model_arrays(folder: Path) -> dict[str, tuple[int, ...]]:
    """{name: shape} of a SavedModel's variables, or of the constants in it where it has none.

    Raises:
      InputError: they are missing or damaged.
    """
    try:
        listed = tf.train.list_variables(str(folder / "variables" / "variables"))
    except (tf.errors.OpError, ValueError) as error:
        raise InputError(f"{folder}: its variables cannot be read ({one_line(error)})") from error
    variables = {
        name.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE"): tuple(shape)
        for name, shape in listed
        if not name.startswith("_CHECKPOINTABLE")
    }
    return variables or _constants(folder)


def _constants(folder: Path) -> dict[str, tuple[int, ...]]:
    graph = read_saved_model(folder).meta_graphs[0].graph_def
    nodes = [*graph.node, *(node for f in graph.library.function for node in f.node_def)]
    shapes = {
        node.name: tuple(d.size for d in node.attr["value"].tensor.tensor_shape.dim)
        for node in nodes
        if node.op == "Const"
    }
    return {name: shape for name, shape in shapes.items() if shape}


def keras_archive(path: Path) -> Described:
    """A `.keras` archive's model.

    Raises:
      InputError: a damaged archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))["config"]
        layers = [layer for layer in config["layers"] if layer["class_name"] == "InputLayer"]
        shapes = {
            layer["config"]["name"]: layer["config"].get("batch_shape") or [] for layer in layers
        }
        outputs = config.get("output_layers") or {}
        names = tuple(outputs) if isinstance(outputs, dict) else ()
    except (OSError, KeyError, TypeError, AttributeError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a network Keras can load; its description is damaged") from (
            error
        )
    name, size = _picture(shapes)
    return Described(name, size, names, name=str(config.get("name", "")))


def tfjs_model(path: Path) -> Described:
    """A TensorFlow.js graph model's placeholders and signature, and what is known of it.

    Raises:
      InputError: a damaged file, or no graph model.
    """
    model = read_model_file(path)
    known = known_network(model)
    shapes = {
        node.name: [dim.size for dim in node.attr["shape"].shape.dim]
        for node in model.graph_def.node
        if node.op == "Placeholder"
    }
    name, size = _picture(shapes)
    return Described(
        name,
        size,
        _tfjs_outputs(model, known.outputs if known else ()),
        tuple(sorted(shapes.keys() - {name})),
        known.what if known else "",
        known.convention if known else {},
    )


def _tfjs_outputs(model: ModelFile, known: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *model.outputs))) or model.ends


def tfjs_arrays(path: Path) -> dict[str, tuple[int, ...]]:
    """{name: shape} of a TensorFlow.js graph model's weights.

    Raises:
      InputError: a damaged file, or no graph model.
    """
    groups = stored_weights(read_model_file(path))
    return {weight.name: weight.shape for group in groups for weight in group if weight.shape}


def _picture(shapes: dict[str, Any]) -> tuple[str, int]:
    """(name, size) of the input [B, s, s, 3]; of the only one, where its shape is not told."""
    for name, shape in shapes.items():
        if len(shape) == 4 and shape[-1] == 3:
            return name, max(shape[1] or 0, 0)
    return (next(iter(shapes)), 0) if len(shapes) == 1 else ("", 0)
