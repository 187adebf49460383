"""The TensorFlow operations that a network of somebody else's may use.

A graph is a program. TensorFlow has operations that read and write files, reach over the network,
call Python or load libraries, and a SavedModel runs some of its functions as soon as it is loaded.
So a graph is looked through before TensorFlow sees it, and every operation that it can come to
must be in a list of those that do nothing but compute.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tf_morph.errors import TRUST_VARIABLE, InputError
from tf_morph.recognition.tfjs import operations

_CALLS = """
Case If PartitionedCall StatefulPartitionedCall StatelessCase StatelessIf StatelessWhile While
"""

_CONTROL = """
Assert ControlTrigger Enter Exit LoopCond Merge NextIteration NoOp RefEnter RefExit RefIdentity
RefMerge RefNextIteration RefSwitch Switch
"""

_VARIABLES = """
Assign AssignAddVariableOp AssignSubVariableOp AssignVariableOp DisableCopyOnRead ReadVariableOp
ResourceGather ResourceGatherNd VarHandleOp VarIsInitializedOp Variable VariableShape VariableV2
"""

_RANDOM = """
Multinomial RandomStandardNormal RandomUniform RandomUniformInt StatelessRandomGetAlg
StatelessRandomGetKeyCounter StatelessRandomNormal StatelessRandomNormalV2 StatelessRandomUniform
StatelessRandomUniformV2 TruncatedNormal
"""

_MORE = """
Acos Acosh AdjustContrastv2 AdjustHue AdjustSaturation Angle ApproximateEqual Asin Asinh Atanh
AvgPool3D BatchMatMulV3 BatchToSpace Bincount Bitcast BroadcastArgs BroadcastGradientArgs
CheckNumerics Concat ConcatOffset Conv Conv2DBackpropFilter Conv3D Cosh CropAndResize
CropAndResizeGradImage Cross Cumprod Cumsum Diag DiagPart Digamma Dilation2D DynamicPartition
DynamicStitch Einsum EmptyTensorList EnsureShape Erfc Erfinv EuclideanNorm FakeQuantWithMinMaxArgs
FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel Gather HSVToRGB IdentityN
ImageProjectiveTransformV2 ImageProjectiveTransformV3 InTopKV2 Inv InvertPermutation IsFinite IsInf
IsNan L2Loss Lgamma LinSpace MatrixBandPart MatrixDiag MatrixDiagPartV3 MatrixDiagV3 MatrixInverse
MaxPool3D MaxPoolV2 MaxPoolWithArgmax Mod MulNoNan NextAfter NonMaxSuppressionV3 NonMaxSuppressionV4
NonMaxSuppressionV5 OneHot ParallelConcat PlaceholderWithDefault Polygamma PreventGradient
QuantizeAndDequantizeV2 QuantizeAndDequantizeV3 QuantizeV2 RGBToHSV ResizeArea ResizeBicubic Reverse
ReverseSequence RightShift Rint Roll ScaleAndTranslate ScatterNd SegmentMax SegmentMean SegmentMin
SegmentSum ShapeN Sinh SpaceToBatch SparseSoftmaxCrossEntropyWithLogits SplitV
StatelessTruncatedNormal StatelessTruncatedNormalV2 Tan TensorArrayCloseV3 TensorArrayConcatV3
TensorArrayGatherV3 TensorArrayReadV3 TensorArrayScatterV3 TensorArraySizeV3 TensorArraySplitV3
TensorArrayV3 TensorArrayWriteV3 TensorListConcatV2 TensorListElementShape TensorListFromTensor
TensorListGather TensorListGetItem TensorListLength TensorListPopBack TensorListPushBack
TensorListReserve TensorListResize TensorListSetItem TensorListSplit TensorListStack
TensorScatterAdd TensorScatterUpdate TopK TopKV2 Unique UniqueV2 UnravelIndex UnsortedSegmentMax
UnsortedSegmentSum UpperBound Where Xdivy Xlogy
"""

ALLOWED = operations.ALLOWED | frozenset(
    " ".join((_CALLS, _CONTROL, _VARIABLES, _RANDOM, _MORE)).split()
)


def are_trusted() -> bool:
    """Whether the user has said that graphs are their own: any operation is allowed then."""
    return os.environ.get(TRUST_VARIABLE, "") not in ("", "0")


def check_graph(path: Path, graph_def) -> None:
    """Checks all operations of a graph and of the functions in it.

    Args:
      path: of its file, for errors.
      graph_def: a GraphDef.

    Raises:
      InputError: one is not in the list, and the user has not said that the graph is trusted.
    """
    if not are_trusted():
        functions = _Functions(graph_def.library)
        _check(path, [*graph_def.node, *functions.nodes(functions.names)], functions)


def check_saved_model(path: Path, saved_model) -> None:
    """Checks all operations that loading and calling a SavedModel can come to.

    The functions by which a SavedModel was written and would be restored by TensorFlow 1 touch
    files; they are in every one, and loading does not run them.

    Args:
      path: its folder, for errors.
      saved_model: what its saved_model.pb holds.

    Raises:
      InputError: one is not in the list, or the model is of TensorFlow 1, and the user has not said
        that the graph is trusted.
    """
    if are_trusted():
        return
    graphs = saved_model.meta_graphs
    if len(graphs) != 1 or not graphs[0].HasField("object_graph_def"):
        raise InputError(
            f"{path}: a SavedModel of TensorFlow 1, which may do anything as it is loaded; give "
            f"its frozen graph, or, if it is your own, give --trust_graphs (docs/assets.md)"
        )
    graph_def = graphs[0].graph_def
    functions = _Functions(graph_def.library)
    begun = {
        *graphs[0].object_graph_def.concrete_functions,
        *(gradient.gradient_func for gradient in graph_def.library.gradient),
        *(gradient.gradient_func for gradient in graph_def.library.registered_gradients),
    }
    _check(path, functions.nodes(functions.reached(begun)), functions)


class _Functions:
    """The functions in a graph, and which of them call which."""

    def __init__(self, library):
        self._by_name = {function.signature.name: function for function in library.function}

    @property
    def names(self) -> Iterable[str]:
        return self._by_name.keys()

    def nodes(self, names: Iterable[str]) -> Iterator:
        return (node for name in names for node in self._by_name[name].node_def)

    def reached(self, begun: Iterable[str]) -> set[str]:
        """The functions of these names and all that they call, by whatever attribute."""
        seen: set[str] = set()
        waiting = [name for name in begun if name in self._by_name]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for node in self._by_name[name].node_def:
                called = {node.op, *_functions_named(node.attr.values())}
                waiting += [other for other in called if other in self._by_name]
        return seen


def _functions_named(values: Iterable) -> Iterator[str]:
    for value in values:
        for function in (value.func, *value.list.func):
            if function.name:
                yield function.name
                yield from _functions_named(function.attr.values())


def _check(path: Path, nodes: Iterable, functions: _Functions) -> None:
    for node in nodes:
        if node.op not in ALLOWED and node.op not in functions.names:
            raise InputError(
                f"{path}: its operation {node.op[:60]!r} ({node.name[:100]!r}) is none of those "
                "that only compute; a graph is a program and might read or write your files. If it "
                f"is your own, give --trust_graphs (docs/assets.md)"
            )
