"""Networks stored as frozen graphs: one GraphDef whose variables are constants."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError

from tf_morph.errors import InputError
from tf_morph.recognition.fingerprint import fingerprint_files
from tf_morph.recognition.graph_operations import check_graph
from tf_morph.recognition.network import Source, one_line


def open_source(
    path: Path, *, input_name: str, outputs: Mapping[str, str], constants: Mapping
) -> tuple[Source, str]:
    """Opens a frozen graph as a differentiable function.

    Args:
      path: the .pb file.
      input_name: the tensor for pictures [B, s, s, 3], such as "input" or "input:0".
      outputs: from the names used here to tensors of the graph, with or without ":0".
      constants: further tensors of the graph and the values they are fed, such as
        {"phase_train:0": False}.

    Returns:
      The source function and the hash of its file and names.

    Raises:
      InputError: no such file, no GraphDef, one whose operations do more than compute
        (graph_operations.py), no such tensor in it, or an input left unfed.
    """
    source = source_of_graph(
        path, read_graph_def(path), input_name=input_name, outputs=outputs, constants=constants
    )
    names = [input_name, dict(outputs), {k: repr(v) for k, v in constants.items()}]
    return source, fingerprint_files([path], names)


def source_of_graph(
    path: Path,
    graph_def: tf.compat.v1.GraphDef,
    *,
    input_name: str,
    outputs: Mapping[str, str],
    constants: Mapping,
) -> Source:
    """The same of a graph that is read already, from the file `path`."""
    feeds, fetches = [input_name, *constants], list(outputs.values())
    _check_names(path, graph_def, feeds, fetches)
    needed = _needed(path, graph_def, feeds, fetches)
    # TensorFlow may compute parts of a graph as it takes it up: it gets to see nothing unchecked.
    check_graph(path, needed)
    pruned = _function(path, needed, feeds, fetches)
    fed = [
        tf.cast(tf.constant(value), tensor.dtype)
        for value, tensor in zip(constants.values(), pruned.inputs[1:], strict=True)
    ]

    def source(images: tf.Tensor) -> dict[str, tf.Tensor]:
        return dict(zip(outputs, pruned(images, *fed), strict=True))

    return source


def read_graph_def(path: Path) -> tf.compat.v1.GraphDef:
    """The graph in a .pb file; an InputError where there is none."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; give a frozen graph's .pb (docs/assets.md)")
    graph_def = tf.compat.v1.GraphDef()
    try:
        graph_def.ParseFromString(path.read_bytes())
    except DecodeError as error:
        raise InputError(f"{path}: not a frozen graph (no GraphDef can be read from it)") from error
    if not graph_def.node:
        raise InputError(f"{path}: not a frozen graph (it has no nodes)")
    return graph_def


def _check_names(path: Path, graph_def, feeds: list[str], fetches: list[str]) -> None:
    placeholders = [node.name for node in graph_def.node if node.op == "Placeholder"]
    names = {node.name for node in graph_def.node}
    read_by_others = {_node(i) for node in graph_def.node for i in node.input}
    for name in feeds:
        if _node(name) not in names:
            raise InputError(f"{path}: no input {name!r}; it has {sorted(placeholders)}")
    for name in fetches:
        if _node(name) not in names:
            ends = sorted(n for n in names - read_by_others if n not in placeholders)
            raise InputError(f"{path}: no output {name!r}; it ends in {ends}")


def _needed(path: Path, graph_def, feeds: list[str], fetches: list[str]):
    """The part of a graph that is computed; what is fed is computed from nothing."""
    nodes = {node.name: node for node in graph_def.node}
    fed = {_node(name) for name in feeds}
    needed = tf.compat.v1.GraphDef(versions=graph_def.versions, library=graph_def.library)
    seen, waiting = set(), [*fed, *map(_node, fetches)]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in nodes:
            continue
        seen.add(name)
        if name in fed:
            needed.node.append(_as_placeholder(nodes[name]))
            continue
        if nodes[name].op == "Placeholder":
            raise InputError(f"{path}: its input {name!r} needs a value; give it in `constants`")
        needed.node.append(nodes[name])
        waiting += [_node(read) for read in nodes[name].input]
    return needed


def _as_placeholder(node):
    if node.op == "Placeholder":
        return node
    placeholder = tf.compat.v1.NodeDef(name=node.name, op="Placeholder")
    types = [node.attr[name].type for name in ("dtype", "T") if name in node.attr]
    placeholder.attr["dtype"].type = (types or [tf.float32.as_datatype_enum])[0]
    return placeholder


def _node(tensor: str) -> str:
    return tensor.lstrip("^").split(":")[0]


def _function(path: Path, graph_def, feeds: list[str], fetches: list[str]):
    try:
        whole = tf.compat.v1.wrap_function(
            lambda: tf.compat.v1.import_graph_def(graph_def, name=""), []
        )
        tensors = [whole.graph.get_tensor_by_name(_tensor(name)) for name in feeds + fetches]
        return whole.prune(tensors[: len(feeds)], tensors[len(feeds) :])
    except (ValueError, KeyError, tf.errors.OpError) as error:
        raise InputError(f"{path}: not a graph TensorFlow can use ({one_line(error)})") from error


def _tensor(name: str) -> str:
    return name if ":" in name else f"{name}:0"
