"""The TensorFlow operations a TensorFlow.js file may use, and those taken apart into others.

All of them are functions of their inputs alone: no file, no network, no state, no Python, no random
numbers, no loops and no other graphs. How large their results get is `sizes`' concern.
"""

import math
from pathlib import Path

from tf_morph.errors import InputError

# TensorFlow has no gradient of these, or does not know them at all (`taken_apart`).
FUSED = frozenset({"_FusedConv2D", "_FusedMatMul", "FusedDepthwiseConv2dNative", "Prelu"})

NORMALIZATION = frozenset({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"})

_SOURCES = "Const Placeholder"

_ARITHMETIC = """
Abs Add AddN AddV2 Div DivNoNan Exp Expm1 Floor FloorDiv FloorMod Log Log1p Maximum Minimum Mul Neg
Pow RealDiv Reciprocal Round Rsqrt Sign Sqrt Square SquaredDifference Sub Sin Cos Atan Atan2 Tanh
Sigmoid Erf ClipByValue Ceil
"""

_LOGIC = """
Equal NotEqual Less LessEqual Greater GreaterEqual LogicalAnd LogicalNot LogicalOr Select SelectV2
"""

_ACTIVATIONS = "Elu LeakyRelu LogSoftmax Relu Relu6 Selu Softmax Softplus Softsign"

_LAYERS = """
AvgPool BatchMatMul BatchMatMulV2 BiasAdd Conv2D Conv2DBackpropInput DepthwiseConv2dNative LRN
MatMul MaxPool ResizeBilinear ResizeNearestNeighbor
"""

_REDUCTIONS = "All Any ArgMax ArgMin Max Mean Min Prod Sum"

_SHAPES = """
BatchToSpaceND BroadcastTo Cast ConcatV2 DepthToSpace ExpandDims Fill GatherNd GatherV2 Identity
MirrorPad OnesLike Pack Pad PadV2 Range Rank Reshape ReverseV2 Shape Size Slice SpaceToBatchND
SpaceToDepth Split Squeeze StopGradient StridedSlice Tile Transpose Unpack ZerosLike
"""

ALLOWED = (
    frozenset(
        " ".join(
            (_SOURCES, _ARITHMETIC, _LOGIC, _ACTIVATIONS, _LAYERS, _REDUCTIONS, _SHAPES)
        ).split()
    )
    | NORMALIZATION
    | FUSED
)

_LARGEST_INTEGER = 4096  # in an attribute; networks stay below 100
_POSITIVE = ("strides", "dilations", "ksize", "block_size")
_NOT_NEGATIVE = ("explicit_paddings", "depth_radius")
_PER_DIMENSION = ("strides", "dilations", "ksize")


def check_operation(path: Path, node) -> None:
    """Refuses operations that are not read here, and numbers that TensorFlow is not safe with.

    TensorFlow ends the whole process where a window of a convolution is of a mad size.

    Args:
      path: of the node's file, for errors.
      node: a NodeDef.

    Raises:
      InputError: such an operation.
    """
    if node.op not in ALLOWED:
        raise InputError(
            f"{path}: operation {node.op[:60]!r} of node {node.name[:100]!r} is not one that is "
            "read here"
        )
    if _is_dilated_by_channel(node):
        raise InputError(
            f"{path}: {node.op} {node.name[:100]!r} is dilated; TensorFlow has no gradient of that"
        )
    for name, value in node.attr.items():
        if not _is_sane(name, value):
            raise InputError(
                f"{path}: {node.op} {node.name[:100]!r}: its {name[:60]} makes no sense; "
                "fetch it again"
            )


def _is_dilated_by_channel(node) -> bool:
    dilations = node.attr["dilations"].list.i if "dilations" in node.attr else ()
    return "Depthwise" in node.op and any(dilation != 1 for dilation in dilations)


def _is_sane(name: str, value) -> bool:
    integers = list(value.list.i) if value.HasField("list") else [value.i]
    if name in _PER_DIMENSION and len(integers) != 4:
        return False
    least = 1 if name in _POSITIVE else 0 if name in _NOT_NEGATIVE else -_LARGEST_INTEGER
    within = all(least <= integer <= _LARGEST_INTEGER for integer in integers)
    return within and all(map(math.isfinite, (value.f, *value.list.f)))
