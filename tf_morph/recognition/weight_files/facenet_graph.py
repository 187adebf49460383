"""FaceNet's public frozen graphs, `20180402-114759.pb` and its elders, known by their node names.

They are run as they are (recognition/frozen_graph.py); here they are only recognised, and what a
config has to say of them is read off them.

Source: github.com/davidsandberg/facenet: the names its scripts feed and fetch.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tf_morph.errors import InputError
from tf_morph.recognition import frozen_graph

SCOPE = "InceptionResnetV1/"
INPUT, TRAINING, EMBEDDING = "input", "phase_train", "embeddings"
_POOLED = SCOPE + "Logits/AvgPool_1a_8x8/"
_BOTTLENECK = SCOPE + "Bottleneck/weights"


class Graph(NamedTuple):
    """What a frozen graph is.

    Attributes:
      is_facenet: whether it is a FaceNet of the scripts named above.
      fields: of its config: `input_name`, `outputs`, `constants`; empty for other graphs.
      embedding_size: of a FaceNet; 0 where it cannot be told.
      inputs: names of its placeholders.
      ends: names of the nodes that no other node reads.
      constants: {name: shape} of the arrays in it.
    """

    is_facenet: bool
    fields: dict[str, Any]
    embedding_size: int
    inputs: tuple[str, ...]
    ends: tuple[str, ...]
    constants: dict[str, tuple[int, ...]]


def read_graph(path: Path) -> Graph:
    """Looks at a frozen graph.

    Raises:
      InputError: no GraphDef, or one without nodes.
    """
    try:
        nodes = frozen_graph.read_graph_def(path).node
    except InputError as error:
        raise InputError(
            f"{path}: none of the files known here (Keras .h5 or .keras, MatConvNet .mat, frozen "
            "graph .pb, SavedModel folder, TensorFlow.js .json)"
        ) from error
    names = {node.name for node in nodes}
    constants = {n.name: _shape(n) for n in nodes if n.op == "Const"}
    is_facenet = {INPUT, EMBEDDING} <= names and any(name.startswith(SCOPE) for name in names)
    return Graph(
        is_facenet,
        _fields(nodes, names) if is_facenet else {},
        (constants.get(_BOTTLENECK) or (0,))[-1],
        tuple(node.name for node in nodes if node.op.startswith("Placeholder")),
        tuple(_ends(nodes)),
        {name: shape for name, shape in constants.items() if shape},
    )


def _fields(nodes: Iterable, names: set[str]) -> dict[str, Any]:
    pooled = [n.name for n in nodes if n.name.startswith(_POOLED) and n.op in ("AvgPool", "Mean")]
    outputs = {"embedding": f"{EMBEDDING}:0"}
    if pooled:
        outputs["pooled"] = f"{pooled[0]}:0"
    return {
        "input_name": f"{INPUT}:0",
        "outputs": outputs,
        "constants": {f"{TRAINING}:0": False} if TRAINING in names else {},
    }


def _shape(node) -> tuple[int, ...]:
    return tuple(d.size for d in node.attr["value"].tensor.tensor_shape.dim)


def _ends(nodes: Iterable) -> list[str]:
    read = {name.lstrip("^").split(":")[0] for node in nodes for name in node.input}
    return [n.name for n in nodes if n.name not in read and not n.op.startswith("Placeholder")]
