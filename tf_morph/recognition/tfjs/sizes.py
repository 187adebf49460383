"""How large a graph's tensors get, found out before any of them is made.

A file of a few bytes can ask for a tensor of any size: `Fill`, `Tile` or `Pad` with a large number
in a constant, or a product of a column and a row. So the graph is put together node by node, each
only when all it reads is known to be small: TensorFlow may have to work out parts of it to tell the
next one's shape.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.recognition.network import one_line
from tf_morph.recognition.tfjs.model_file import node_of
from tf_morph.recognition.tfjs.operations import NORMALIZATION

MOST_NUMBERS = 2**28  # in all tensors of two pictures, 1 GiB as float32; VGG-16 has 2**25
_KNOWN_VALUES = 4096  # a constant of more numbers can be no shape


def needed_nodes(
    path: Path, graph_def: tf.compat.v1.GraphDef, wanted: Sequence[str], given: Sequence[str]
) -> list:
    """The nodes that some depend on, each after all that it reads.

    Args:
      path: of the graph's file, for errors.
      graph_def: the graph.
      wanted: names of the nodes to be computed.
      given: names of the nodes that are fed; what these read is left out.

    Raises:
      InputError: one reads a node that is not there, or they go round in a circle.
    """
    nodes = {node.name: node for node in graph_def.node}
    order: dict[str, object] = {}
    open_nodes: set[str] = set()
    waiting = [(name, "") for name in reversed(wanted)]
    while waiting:
        name, reader = waiting[-1]
        if name not in nodes:
            raise InputError(
                f"{path}: node {reader[:100]!r} reads {name[:100]!r}, which is not there"
            )
        read = [] if name in given else [node_of(tensor) for tensor in nodes[name].input]
        ahead = [(other, name) for other in read if other not in order]
        if name in order or not ahead:
            order[name] = nodes[name]
            open_nodes.discard(name)
            waiting.pop()
        elif name in open_nodes:
            raise InputError(f"{path}: its operations go round in a circle at {name[:100]!r}")
        else:
            open_nodes.add(name)
            waiting += ahead
    return list(order.values())


def check_sizes(path: Path, nodes: Sequence, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuses a graph whose tensors are too large, or whose sizes only a run would tell.

    Args:
      path: of its file, for errors.
      nodes: plain nodes, each after all that it reads.
      shapes: of the nodes that are fed, for two pictures.

    Raises:
      InputError: such a graph, or one that TensorFlow does not take.
    """
    numbers = 0
    tensors: dict[str, tf.Tensor] = {}
    with tf.Graph().as_default():
        for node in nodes:
            outputs = _outputs(path, node, tensors, shapes.get(node.name))
            tensors.update({f"{node.name}:{i}": tensor for i, tensor in enumerate(outputs)})
            numbers += sum(_numbers(path, node, tensor) for tensor in outputs)
            if numbers > MOST_NUMBERS:
                raise InputError(
                    f"{path}: too large: up to {node.op} {node.name[:100]!r} its tensors hold "
                    f"{numbers:,} numbers for two pictures; at most {MOST_NUMBERS:,} are allowed"
                )


def _outputs(path: Path, node, tensors: Mapping[str, tf.Tensor], shape) -> list[tf.Tensor]:
    if shape is not None or _is_large_constant(node):
        shape = shape if shape is not None else _constant_shape(node)
        dtype = tf.as_dtype(node.attr["dtype"].type)
        return [tf.compat.v1.placeholder(dtype, shape)]
    reads = {name: tensors.get(name if ":" in name else f"{name}:0") for name in node.input}
    missing = [name for name, tensor in reads.items() if tensor is None]
    if missing:
        raise InputError(
            f"{path}: node {node.name[:100]!r} reads {missing[0][:100]!r}, which is not there"
        )
    try:
        single = tf.compat.v1.GraphDef(node=[node])
        single.versions.producer = tf.version.GRAPH_DEF_VERSION
        operation = tf.graph_util.import_graph_def(
            single, input_map=reads, return_elements=[node.name], name=""
        )[0]
    except (ValueError, TypeError, KeyError, OverflowError, tf.errors.OpError) as error:
        raise InputError(
            f"{path}: {node.op} {node.name[:100]!r} is none TensorFlow can use for two such "
            f"pictures ({one_line(error)})"
        ) from error
    # The others are a batch's statistics, of use to training only.
    return operation.outputs[:1] if node.op in NORMALIZATION else operation.outputs


def _is_large_constant(node) -> bool:
    if node.op != "Const":
        return False
    return tf.TensorShape(_constant_shape(node)).num_elements() > _KNOWN_VALUES


def _constant_shape(node) -> list[int]:
    return [dim.size for dim in node.attr["value"].tensor.tensor_shape.dim]


def _numbers(path: Path, node, tensor: tf.Tensor) -> int:
    count = tensor.shape.num_elements()
    if count is None:
        raise InputError(
            f"{path}: how large {node.op} {node.name[:100]!r} is only a run would tell; "
            "such graphs are not read"
        )
    return 0 if node.op == "Const" else count
