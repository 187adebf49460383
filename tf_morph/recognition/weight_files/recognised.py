"""What a weight file is, told by what is inside it, without reading its numbers."""

import re
from pathlib import Path
from typing import Any, NamedTuple

from tf_morph.errors import InputError
from tf_morph.recognition.tfjs.model_file import read_model_file
from tf_morph.recognition.weight_files import (
    catalogue,
    dlib_file,
    facenet_graph,
    file_kind,
    keras_hdf5,
    keras_vars,
    matconvnet,
)
from tf_morph.recognition.weight_files.hdf5_file import opened
from tf_morph.recognition.weight_files.stored import StoredLayers

# Layers that an architecture has and the others have not, as a pattern, and how many they are.
# SE-ResNet-50 has all of ResNet-50's and more, so it stands first.
_TELLING_LAYERS = {
    "dlib_resnet": (r"group[1-5]_block\d_conv[12]", 28),
    "senet50": (r"conv[2-5]_\d_1x1_(down|up)", 32),
    "resnet50": (r"conv[2-5]_\d_1x1_(reduce|increase)", 32),
    "vgg16": (r"conv[1-5]_[1-3]", 13),
    "inception_resnet_v1": (r"Block(35|17|8)_\d+_.*Conv2d_.*", 110),
}
_ENOUGH = 0.5  # of the telling layers: a file that lacks some is named for what it was to be


class Recognised(NamedTuple):
    """What was found out about a file.

    Attributes:
      path: the file or folder.
      kind: "hdf5", "keras", "matlab", "dlib", "frozen_graph", "saved_model" or "tfjs"
        (`file_kind`).
      format: the same for people.
      architecture: the key in `ARCHITECTURES` of the network it holds, or looks like; "" for
        others.
      variant: the arguments of the architecture's `build` that the file decides.
      convention: the fields of `InputConvention` in which the file differs from its architecture
        and variant.
      layers: its layers with weights, not read yet; empty for graphs.
      graph: of a frozen graph, what it is.
    """

    path: Path
    kind: str
    format: str
    architecture: str = ""
    variant: dict[str, Any] = {}
    convention: dict[str, Any] = {}
    layers: StoredLayers = {}
    graph: facenet_graph.Graph | None = None


def recognise(path: Path) -> Recognised:
    """Looks into a file or a SavedModel's folder.

    Raises:
      InputError: no such file, a failed download, a damaged file, one of no known layout, or one
        that would have to be unpickled.
    """
    path = Path(path)
    kind = file_kind.file_kind(path)
    if kind == file_kind.SAVED_MODEL:
        return Recognised(path, kind, "TensorFlow SavedModel")
    if kind == file_kind.TFJS:
        read_model_file(path)  # an error where it is other JSON
        return Recognised(path, kind, "TensorFlow.js graph model")
    if kind == file_kind.FROZEN_GRAPH:
        return _graph(path)
    if kind == file_kind.MATLAB:
        layers, convention = matconvnet.read_layers(path)
        return _layered(path, kind, "MatConvNet network", layers, convention)
    if kind == file_kind.DLIB:
        return _layered(path, kind, "dlib network", dlib_file.read_layers(path))
    if kind == file_kind.KERAS_ARCHIVE:
        return _layered(path, kind, "Keras model (.keras)", keras_vars.read_archive(path))
    return _hdf5(path)


def _graph(path: Path) -> Recognised:
    graph = facenet_graph.read_graph(path)
    recognised = Recognised(path, file_kind.FROZEN_GRAPH, "TensorFlow frozen graph", graph=graph)
    if not graph.is_facenet:
        return recognised
    return recognised._replace(
        architecture="inception_resnet_v1",
        variant={"embedding_size": graph.embedding_size} if graph.embedding_size else {},
    )


def _hdf5(path: Path) -> Recognised:
    with opened(path) as file:
        is_older = keras_hdf5.is_keras_hdf5(file)
        is_newer = keras_vars.is_keras_vars(file)
        groups = sorted(file)[:4]
    if is_older:
        whole = keras_hdf5.holds_model(path)
        name = "Keras model (HDF5)" if whole else "Keras weights (HDF5)"
        return _layered(path, file_kind.KERAS_HDF5, name, keras_hdf5.read_layers(path))
    if is_newer:
        name = "Keras weights (.weights.h5)"
        return _layered(path, file_kind.KERAS_HDF5, name, keras_vars.read_layers(path))
    raise InputError(
        f"{path}: an HDF5 file, but no weights of Keras' in it "
        f"(it has {', '.join(groups) or 'nothing'}); {catalogue.fetch_again(path)}"
    )


def _layered(path, kind, name, layers, convention=None) -> Recognised:
    architecture = looks_like(layers)
    variant = _variant(architecture, layers)
    return Recognised(path, kind, name, architecture, variant, convention or {}, layers)


def looks_like(layers) -> str:
    """The architecture whose telling layers are there, or "" for none."""
    for architecture, (pattern, count) in _TELLING_LAYERS.items():
        if sum(bool(re.fullmatch(pattern, name)) for name in layers) >= _ENOUGH * count:
            return architecture
    return ""


def _variant(architecture: str, layers: StoredLayers) -> dict[str, Any]:
    if architecture == "inception_resnet_v1":
        size = _last_size(layers, "Bottleneck")
        return {"embedding_size": size} if size else {}
    if architecture not in ("vgg16", "resnet50", "senet50"):
        return {}
    last = "fc8" if architecture == "vgg16" else "classifier"
    if not any(name in layers for name in ("fc6", "fc7", last)):
        return {"include_top": False}
    classes = _last_size(layers, last)
    return {"include_top": True, **({"classes": classes} if classes else {})}


def _last_size(layers: StoredLayers, name: str) -> int:
    kernel = layers.get(name, {}).get("kernel")
    return kernel.shape[-1] if kernel is not None and kernel.shape else 0
