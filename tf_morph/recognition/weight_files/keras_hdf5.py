"""Keras' older HDF5 layout: weights alone or with the model, as Keras 1, 2 and 3 write `.h5`.

The root, or its group `model_weights`, has an attribute `layer_names`; each layer's group has one
`weight_names`, whose entries are paths of arrays in that group. Arrays are told apart by the last
part of these names, not by their order. A model's description (`model_config`) is read as text; no
layer is made from it, so that code it may hold (Lambda layers) is never looked at.

Source of the layout: what Keras 2.15 and 3.15 write, and the names Keras 1 gave.
"""

import re
from pathlib import Path

import h5py

from tf_morph.errors import InputError
from tf_morph.recognition.weight_files.hdf5_file import member, opened, stored
from tf_morph.recognition.weight_files.kernel_order import KernelOrder, in_order
from tf_morph.recognition.weight_files.stored import StoredLayers

# From what ends a weight's name to its kind here; the one-letter names are Keras 1's, whose
# `running_std` holds the variance.
_KINDS = {
    "kernel": "kernel",
    "bias": "bias",
    "gamma": "gamma",
    "beta": "beta",
    "moving_mean": "moving_mean",
    "moving_variance": "moving_variance",
    "depthwise_kernel": "depthwise_kernel",
    "W": "kernel",
    "b": "bias",
    "running_mean": "moving_mean",
    "running_std": "moving_variance",
}
_LONGEST_FIRST = "|".join(sorted(_KINDS, key=len, reverse=True))
# `conv1_1_W_1:0`: a name made unique by a number, and the number of the operation's output.
_KIND = re.compile(rf"(?:^|[_/])({_LONGEST_FIRST})(?:_\d+)?(?::\d+)?$")
_NO_WEIGHTS = ("seed_generator_state", "seed")
_CHANNELS_FIRST = re.compile(r'"data_format": *"channels_first"|"dim_ordering": *"th"')


def is_keras_hdf5(file: h5py.File) -> bool:
    """Whether an open file has this layout."""
    root = _root(file)
    return "layer_names" in root.attrs or "layer_names0" in root.attrs or bool(_bare(root))


def read_layers(path: Path) -> StoredLayers:
    """The layers with weights, in the file's order, kernels as [.., in, out].

    Raises:
      InputError: a truncated or damaged file, one of another layout, or one whose kernels are in
        an order it does not tell.
    """
    with opened(path) as file:
        root = _root(file)
        layers = {}
        for name in _names(root, "layer_names"):
            _add_layer(path, layers, name, member(path, root, name))
        if not layers:
            for dataset in _bare(root):
                parent, _, last = dataset.name.removeprefix(root.name).strip("/").rpartition("/")
                _add_weight(path, layers, _once(parent), last, dataset)
        return in_order(path, layers, _kernel_order(file, root))


def holds_model(path: Path) -> bool:
    """Whether the file holds a whole model, with its description, and not weights alone."""
    with opened(path) as file:
        return "model_config" in file.attrs


def _root(file: h5py.File) -> h5py.Group:
    root = file.get("model_weights", file)
    return root if isinstance(root, h5py.Group) else file


def _add_layer(path: Path, layers: dict, name: str, group) -> None:
    if not isinstance(group, h5py.Group):
        raise InputError(f"{path}: layer {name!r} is no group")
    names = _names(group, "weight_names")
    inner = {weight.rpartition("/")[0] for weight in names}
    for weight in names:
        # A model within the model: its layers' names are in the weights' names alone.
        layer = name if len(inner) == 1 else _once(weight.rpartition("/")[0])
        _add_weight(path, layers, layer, weight.rpartition("/")[2], member(path, group, weight))


def _add_weight(path: Path, layers: dict, layer: str, name: str, dataset) -> None:
    found = _KIND.search(name)
    kind = _KINDS[found[1]] if found else name.split(":")[0]
    if kind in _NO_WEIGHTS:
        return
    kinds = layers.setdefault(layer.replace(".", "/"), {})
    if kind in kinds:
        raise InputError(f"{path}: layer {layer!r} has its {kind} twice")
    kinds[kind] = stored(path, dataset)


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """An attribute's names; long lists are spread over `layer_names0`, `layer_names1` and on."""
    if attribute in group.attrs:
        values = list(group.attrs[attribute])
    else:
        values, chunk = [], 0
        while f"{attribute}{chunk}" in group.attrs:
            values += list(group.attrs[f"{attribute}{chunk}"])
            chunk += 1
    return [v.decode("utf-8") if isinstance(v, bytes) else str(v) for v in values]


def _bare(root: h5py.Group) -> list[h5py.Dataset]:
    """The arrays of a file that has lost its attributes: those with names that tell a kind."""
    found = []

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and _KIND.search(name.rpartition("/")[2]):
            found.append(item)

    root.visititems(visit)
    return found


def _once(name: str) -> str:
    """`conv1_1/conv1_1` as `conv1_1`, `a/b/a/b` as `a/b`."""
    parts = name.split("/")
    half = len(parts) // 2
    return "/".join(parts[:half]) if half and parts[:half] == parts[half:] else name


def _kernel_order(file: h5py.File, root: h5py.Group) -> KernelOrder:
    described = _text(file.attrs.get("model_config", ""))
    return KernelOrder(
        backend=_text(root.attrs.get("backend", file.attrs.get("backend", ""))),
        channels_first=bool(_CHANNELS_FIRST.search(described)),
    )


def _text(value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
