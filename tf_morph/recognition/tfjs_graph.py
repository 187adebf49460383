"""Networks stored as TensorFlow.js graph models: a .json and the weights beside it.

The files are not trusted: what they may use, where their weights lie and how large anything gets is
checked before TensorFlow sees it (recognition/tfjs).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.recognition import frozen_graph
from tf_morph.recognition.fingerprint import fingerprint_files
from tf_morph.recognition.network import Source
from tf_morph.recognition.tfjs.known import add_averages, known_network
from tf_morph.recognition.tfjs.model_file import ModelFile, node_of, read_model_file
from tf_morph.recognition.tfjs.operations import check_operation
from tf_morph.recognition.tfjs.shards import read_weights, shard_files
from tf_morph.recognition.tfjs.sizes import check_sizes, needed_nodes
from tf_morph.recognition.tfjs.taken_apart import taken_apart

_NAMES_SHOWN = 12
# What a weight's constant may be in the graph: TensorFlow.js itself has no wider numbers.
_WIDER = {
    np.dtype(np.float32): (tf.float32, tf.float64),
    np.dtype(np.int32): (tf.int32, tf.int64),
    np.dtype(np.bool_): (tf.bool,),
}


def open_source(
    path: Path,
    *,
    input_name: str,
    input_size: int,
    outputs: Mapping[str, str],
    constants: Mapping,
) -> tuple[Source, str]:
    """Opens a TensorFlow.js graph model as a differentiable function.

    Args:
      path: the .json; its weights lie beside it.
      input_name: the placeholder for pictures [B, s, s, 3].
      input_size: their height and width, pixels.
      outputs: from the names used here to the graph's: of a known network's outputs
        (`tfjs.known`), of its signature's, or any node's, with or without ":0".
      constants: further placeholders and the values they are fed.

    Returns:
      The source function and the hash of its files and names.

    Raises:
      InputError: no such file, no graph model or a damaged one, weights that are missing, too few
        or too many, no such input or output, an operation that is not allowed or not known, or
        tensors that are too large.
    """
    model = read_model_file(path)
    graph_def = _with_values(model, read_weights(model))
    tensors = _tensors(model, graph_def, outputs)
    feeds = _feeds(model, input_name, input_size, constants)
    needed = needed_nodes(
        path, graph_def, [node_of(name) for name in tensors.values()], list(feeds)
    )
    _check_nodes(path, needed, feeds)
    plain = taken_apart(path, tf.compat.v1.GraphDef(node=needed, versions=graph_def.versions))
    check_sizes(path, plain.node, feeds)
    _take_any_batch(plain, node_of(input_name), input_size)
    source = frozen_graph.source_of_graph(
        path, plain, input_name=input_name, outputs=tensors, constants=constants
    )
    names = [input_name, dict(outputs), {k: repr(v) for k, v in constants.items()}]
    return source, fingerprint_files([path, *shard_files(model)], names)


def _with_values(model: ModelFile, weights: Mapping[str, np.ndarray]) -> tf.compat.v1.GraphDef:
    """The graph with the weights in it; a constant without one has no value."""
    graph_def = tf.compat.v1.GraphDef()
    graph_def.CopyFrom(model.graph_def)
    for node in graph_def.node:
        if node.op == "Const":
            node.attr["value"].Clear()
            if node.name in weights:
                _set_value(model.path, node, weights[node.name])
    return graph_def


def _set_value(path: Path, node, array: np.ndarray) -> None:
    dtype = next(
        (d for d in _WIDER[array.dtype] if d.as_datatype_enum == node.attr["dtype"].type), None
    )
    if dtype is None:
        raise InputError(
            f"{path}: constant {node.name[:100]!r} is not {array.dtype}, as its weight is"
        )
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(array, dtype, array.shape))


def _tensors(model: ModelFile, graph_def, outputs: Mapping[str, str]) -> dict[str, str]:
    """From the names used here to tensors of the graph."""
    known = known_network(model)
    names = dict(model.outputs)
    names.update(add_averages(graph_def, known) if known else {})
    tensors = {ours: names.get(theirs, theirs) for ours, theirs in outputs.items()}
    nodes = {node.name for node in graph_def.node}
    for ours, tensor in tensors.items():
        if node_of(tensor) not in nodes:
            there = list(names) or list(model.ends)
            raise InputError(
                f"{model.path}: no output {outputs[ours]!r}; it has {there[:_NAMES_SHOWN]}, and "
                "any node's name is one"
            )
    return tensors


def _feeds(
    model: ModelFile, input_name: str, input_size: int, constants: Mapping
) -> dict[str, tuple[int, ...]]:
    """{placeholder: the shape it is fed}, for two pictures: some files take but one at a time."""
    shapes = {node_of(input_name): (2, input_size, input_size, 3)}
    shapes.update({node_of(name): np.shape(value) for name, value in constants.items()})
    nodes = model.nodes
    for name in shapes:
        if name not in nodes or nodes[name].op != "Placeholder":
            there = [node.name for node in nodes.values() if node.op == "Placeholder"]
            raise InputError(f"{model.path}: no input {name!r}; it has {there[:_NAMES_SHOWN]}")
    dtype = nodes[node_of(input_name)].attr["dtype"].type
    if dtype != tf.float32.as_datatype_enum:
        raise InputError(f"{model.path}: input {input_name!r} is not float32")
    return shapes


def _take_any_batch(graph_def, name: str, size: int) -> None:
    """Files may say that one picture comes at a time; gradients would be worked out for one."""
    shape = tf.TensorShape([None, size, size, 3]).as_proto()
    for node in graph_def.node:
        if node.name == name:
            node.attr["shape"].shape.CopyFrom(shape)


def _check_nodes(path: Path, nodes: Sequence, feeds: Mapping) -> None:
    for node in nodes:
        name = node.name[:100]
        check_operation(path, node)
        if node.op == "Placeholder" and node.name not in feeds:
            raise InputError(f"{path}: its input {name!r} needs a value; give it in `constants`")
        if node.op == "Const" and not node.attr["value"].HasField("tensor"):
            raise InputError(
                f"{path}: constant {name!r} has no weight in the weightsManifest; fetch it again"
            )
