"""Fused operations as the plain ones they stand for, so that gradients flow.

TensorFlow.js' converter puts a convolution or product, its bias and its activation into one
operation. TensorFlow has no gradient of `_FusedConv2D` and `_FusedMatMul`, and does not know
`FusedDepthwiseConv2dNative` and `Prelu` at all. The last of the plain operations keeps the fused
one's name, so that what reads it need not be touched.

Source: github.com/tensorflow/tfjs, tfjs-converter/src/operations/executors/convolution_executor.ts
and matrices_executor.ts.
"""

from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.recognition.tfjs.model_file import node_of
from tf_morph.recognition.tfjs.operations import FUSED, NORMALIZATION

NodeDef = tf.compat.v1.NodeDef

_CONVOLUTION = ("T", "strides", "padding", "explicit_paddings", "data_format", "dilations")
# The plain operation, and what it needs of the fused one's attributes.
_CORES = {
    "_FusedConv2D": ("Conv2D", _CONVOLUTION),
    "FusedDepthwiseConv2dNative": ("DepthwiseConv2dNative", _CONVOLUTION),
    "_FusedMatMul": ("MatMul", ("T", "transpose_a", "transpose_b")),
}
_ACTIVATIONS = {
    name.lower(): name for name in ("Relu", "Relu6", "Elu", "Selu", "Sigmoid", "Tanh", "LeakyRelu")
}
_USUAL_LEAK = 0.2  # of a LeakyRelu whose slope is not told, in TensorFlow and TensorFlow.js


def taken_apart(path: Path, graph_def: tf.compat.v1.GraphDef) -> tf.compat.v1.GraphDef:
    """The graph with plain operations only.

    Args:
      path: of its file, for errors.
      graph_def: a graph of operations of `operations.ALLOWED`.

    Raises:
      InputError: a fused operation of unknown parts, or with too few or too many inputs.
    """
    names = {node.name for node in graph_def.node}
    before_others = _read_by_others_than_convolutions(graph_def)
    whole = tf.compat.v1.GraphDef(versions=graph_def.versions)
    for node in graph_def.node:
        if node.op in FUSED:
            whole.node.extend(_Fused(path, node, names).parts())
        elif node.op in NORMALIZATION:
            whole.node.append(_by_stored_statistics(node))
        elif node.op == "Pad" and node.name in before_others:
            whole.node.extend(_with_value(node, names))
        else:
            whole.node.append(node)
    return whole


def _by_stored_statistics(node: NodeDef) -> NodeDef:
    """Normalised by the batch's own mean and variance, no picture would be seen by itself."""
    stored = NodeDef()
    stored.CopyFrom(node)
    stored.attr["is_training"].b = False
    return stored


def _read_by_others_than_convolutions(graph_def: tf.compat.v1.GraphDef) -> set[str]:
    convolutions = ("Conv2D", "DepthwiseConv2dNative", *_CORES)
    others = (node for node in graph_def.node if node.op not in convolutions)
    return {node_of(name) for node in others for name in node.input}


def _with_value(node: NodeDef, names: set[str]) -> list[NodeDef]:
    """A `PadV2`: TensorFlow 2.21 crashes when it fuses convolution + bias + `Pad` to one."""
    zero = NodeDef(name=_new_name(f"{node.name}/zero", names), op="Const")
    zero.attr["dtype"].CopyFrom(node.attr["T"])
    dtype = tf.as_dtype(node.attr["T"].type)
    zero.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(0, dtype))
    padded = NodeDef()
    padded.CopyFrom(node)
    padded.op = "PadV2"
    padded.input.append(zero.name)
    return [zero, padded]


def _new_name(wanted: str, names: set[str]) -> str:
    while wanted in names:
        wanted += "_"
    names.add(wanted)
    return wanted


class _Fused:
    """One fused node, whose inputs are used up one after the other by its parts."""

    def __init__(self, path: Path, node: NodeDef, names: set[str]):
        self._path = path
        self._node = node
        self._names = names
        self._inputs = list(node.input)
        self._nodes: list[NodeDef] = []

    def parts(self) -> list[NodeDef]:
        """The plain nodes, the last of the fused one's name."""
        steps = list(self._steps())
        for step, *details in steps:
            step(*details)
        if self._inputs:
            raise InputError(f"{self._where()} has more inputs than its parts take")
        self._nodes[-1].name = self._node.name
        return self._nodes

    def _steps(self) -> Iterator[tuple]:
        if self._node.op == "Prelu":
            yield self._value, self._take("its input")
            yield (self._prelu,)
            return
        yield self._core, *_CORES[self._node.op]
        for fused in self._node.attr["fused_ops"].list.s:
            name = fused.decode(errors="replace")
            if name.lower() == "biasadd":
                yield (self._bias,)
            elif name.lower() == "fusedbatchnorm":
                yield (self._normalization,)
            elif name.lower() == "prelu":
                yield (self._prelu,)
            elif name.lower() in _ACTIVATIONS:
                yield self._activation, _ACTIVATIONS[name.lower()]
            elif name.lower() not in ("", "linear"):
                raise InputError(
                    f"{self._where()} has a part {name[:60]!r}, which is not known here"
                )

    def _where(self) -> str:
        return f"{self._path}: {self._node.op} {self._node.name[:100]!r}"

    def _take(self, what: str) -> str:
        if not self._inputs:
            raise InputError(f"{self._where()} lacks {what}")
        return self._inputs.pop(0)

    def _last(self) -> str:
        return self._nodes[-1].name

    def _add(self, op: str, inputs: list[str], attributes=("T",)) -> str:
        name = _new_name(f"{self._node.name}/{op}", self._names)
        node = NodeDef(name=name, op=op, input=inputs)
        node.attr["T"].type = tf.float32.as_datatype_enum  # a Prelu does not say it
        for attribute in attributes:
            if attribute in self._node.attr:
                node.attr[attribute].CopyFrom(self._node.attr[attribute])
        self._nodes.append(node)
        return name

    def _value(self, tensor: str) -> None:
        self._add("Identity", [tensor])

    def _core(self, op: str, attributes: tuple[str, ...]) -> None:
        self._add(op, [self._take("its input"), self._take("its weights")], attributes)

    def _bias(self) -> None:
        self._add("BiasAdd", [self._last(), self._take("its bias")], ("T", "data_format"))

    def _normalization(self) -> None:
        statistics = [self._take(what) for what in ("a scale", "an offset", "a mean", "a variance")]
        self._add("FusedBatchNormV3", [self._last(), *statistics], ("T", "data_format", "epsilon"))
        self._nodes[-1].attr["U"].CopyFrom(self._node.attr["T"])
        self._nodes[-1].attr["is_training"].b = False

    def _activation(self, op: str) -> None:
        self._add(op, [self._last()])
        if op == "LeakyRelu":
            alpha = self._node.attr.get("leakyrelu_alpha")
            self._nodes[-1].attr["alpha"].f = alpha.f if alpha else _USUAL_LEAK

    def _prelu(self) -> None:
        """`max(x, 0) - slope * max(-x, 0)`."""
        slope, value = self._take("its slope"), self._last()
        positive = self._add("Relu", [value])
        negative = self._add("Relu", [self._add("Neg", [value])])
        self._add("Sub", [positive, self._add("Mul", [slope, negative])])
