"""The TensorFlow operations a TensorFlow.js file may use, and those taken apart into others.

All of them are functions of their inputs alone: no file, no network, no state, no Python, no random
numbers, no loops and no other graphs. How large their results get is `sizes`' concern.
"""

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
SpaceToDepth Split SplitV Squeeze StopGradient StridedSlice Tile Transpose Unpack ZerosLike
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
