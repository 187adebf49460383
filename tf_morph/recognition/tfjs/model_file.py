"""A TensorFlow.js graph model's JSON: the graph, its signature, and what weights lie beside it.

Such a file holds `modelTopology`, a GraphDef in protobuf's JSON form whose constants have no
values, and `weightsManifest`: groups of weights (`name`, `shape`, `dtype`, maybe `quantization`),
each group's bytes one after the other in its files, `paths`.

Source: github.com/tensorflow/tfjs, tfjs-core/src/io/types.ts and tfjs-converter.
"""

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf
from google.protobuf.json_format import ParseDict, ParseError

from tf_morph.errors import InputError
from tf_morph.recognition.network import one_line

LARGEST_JSON = 16 * 2**20  # bytes; the largest in npm's human-models is 0.9 MB
MOST_NODES = 20_000
_DAMAGED = (
    ParseError,
    ArithmeticError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RecursionError,
)


class WeightGroup(NamedTuple):
    """Weights that lie one after the other in files.

    Attributes:
      weights: an entry each, as the JSON has it.
      paths: of the files, in order, relative to the JSON's folder; nothing is known of them yet.
    """

    weights: tuple[dict[str, Any], ...]
    paths: tuple[str, ...]


class ModelFile(NamedTuple):
    """What a TensorFlow.js graph model's JSON says.

    Attributes:
      path: the JSON's.
      graph_def: the graph; its constants have no values.
      groups: the weights that are the constants' values.
      outputs: from the signature's names of outputs to tensors; empty where it has none.
    """

    path: Path
    graph_def: tf.compat.v1.GraphDef
    groups: tuple[WeightGroup, ...]
    outputs: dict[str, str]

    @property
    def nodes(self) -> dict[str, Any]:
        """The graph's nodes by name."""
        return {node.name: node for node in self.graph_def.node}

    @property
    def ends(self) -> tuple[str, ...]:
        """Names of the nodes that no other node reads."""
        read = {node_of(name) for node in self.graph_def.node for name in node.input}
        names = (n.name for n in self.graph_def.node if n.op not in ("Placeholder", "NoOp"))
        return tuple(name for name in names if name not in read)


def node_of(tensor: str) -> str:
    """The node a tensor comes from."""
    return tensor.removeprefix("^").split(":")[0]


def read_model_file(path: Path) -> ModelFile:
    """Reads the JSON, not the weights.

    Raises:
      InputError: no such file, no JSON, a layers model, or no graph model.
    """
    content = _json(path)
    topology, manifest = content.get("modelTopology"), content.get("weightsManifest")
    if content.get("format") == "layers-model" or _has(topology, "model_config"):
        raise InputError(
            f"{path}: a TensorFlow.js layers model; only graph models are read: convert it with "
            "tensorflowjs_converter --output_format=tfjs_graph_model"
        )
    if not _has(topology, "node") or not isinstance(manifest, list):
        raise InputError(
            f"{path}: JSON, but no TensorFlow.js graph model (it has no modelTopology with nodes, "
            "or no weightsManifest)"
        )
    return ModelFile(
        path,
        _graph_def(path, topology),
        tuple(_group(path, group) for group in manifest),
        _signature_outputs(path, content),
    )


def _has(value: Any, key: str) -> bool:
    return isinstance(value, dict) and key in value


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; give a TensorFlow.js graph model's .json")
    if path.stat().st_size > LARGEST_JSON:
        raise InputError(
            f"{path}: {path.stat().st_size:,} bytes of JSON; a TensorFlow.js graph model's has at "
            f"most {LARGEST_JSON:,}"
        )
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path}: damaged JSON ({one_line(error)}); fetch the TensorFlow.js model again"
        ) from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: JSON, but no TensorFlow.js graph model")
    return content


def _graph_def(path: Path, topology: dict[str, Any]) -> tf.compat.v1.GraphDef:
    nodes = topology["node"]
    if not isinstance(nodes, list) or not 0 < len(nodes) <= MOST_NODES:
        raise InputError(f"{path}: not 1 to {MOST_NODES:,} nodes in its modelTopology")
    graph_def = tf.compat.v1.GraphDef()
    try:
        ParseDict({"node": [_usual_form(node) for node in nodes]}, graph_def, True)
    except _DAMAGED as error:
        raise InputError(
            f"{path}: its modelTopology is damaged ({one_line(error)}); fetch it again"
        ) from error
    names = [node.name for node in graph_def.node]
    if len(set(names)) < len(names) or "" in names:
        raise InputError(f"{path}: nodes without a name, or two of one name; fetch it again")
    # Versions of a file's own choice could have TensorFlow read its operations otherwise.
    graph_def.versions.producer = tf.version.GRAPH_DEF_VERSION
    for node in graph_def.node:
        _tidy(node)
    return graph_def


def _usual_form(node: dict[str, Any]) -> dict[str, Any]:
    """A node whose strings are all in base64; TensorFlow.js takes lists of characters, too."""
    attributes = {name: _usual_value(value) for name, value in (node.get("attr") or {}).items()}
    return {**node, "attr": attributes}


def _usual_value(value: dict[str, Any]) -> dict[str, Any]:
    if _has(value, "s"):
        return {**value, "s": _base64(value["s"])}
    strings = value["list"].get("s") if _has(value, "list") and value["list"] else None
    if strings:
        return {**value, "list": {**value["list"], "s": [_base64(s) for s in strings]}}
    return value


def _base64(string: str | list[int]) -> str:
    return string if isinstance(string, str) else base64.b64encode(bytes(string)).decode()


def _tidy(node) -> None:
    """Takes off what steers TensorFlow rather than says what is computed."""
    node.device = ""
    node.ClearField("experimental_debug_info")
    for name in [name for name in node.attr if name.startswith("_")]:
        del node.attr[name]  # such as _gradient_op_type or _class
    inputs = [name.removesuffix(":0") for name in node.input if not name.startswith("^")]
    del node.input[:]
    node.input.extend(inputs)


def _group(path: Path, group: Any) -> WeightGroup:
    if _has(group, "weights") and _has(group, "paths"):
        weights, paths = group["weights"], group["paths"]
        if _all_are(weights, dict) and _all_are(paths, str):
            return WeightGroup(tuple(weights), tuple(paths))
    raise InputError(
        f"{path}: its weightsManifest is damaged (a group is not `weights` and `paths`); "
        "fetch it again"
    )


def _all_are(values: Any, kind: type) -> bool:
    return isinstance(values, list) and all(isinstance(value, kind) for value in values)


def _signature_outputs(path: Path, content: dict[str, Any]) -> dict[str, str]:
    """Older converters put the signature below `userDefinedMetadata`."""
    places: Iterable[Any] = (content, content.get("userDefinedMetadata"))
    for place in places:
        signature = place.get("signature") if isinstance(place, dict) else None
        if _has(signature, "outputs"):
            outputs = signature["outputs"]
            if not isinstance(outputs, dict) or not all(
                _has(tensor, "name") and isinstance(tensor["name"], str)
                for tensor in outputs.values()
            ):
                raise InputError(f"{path}: its signature is damaged; fetch it again")
            return {name: tensor["name"] for name, tensor in outputs.items()}
    return {}
