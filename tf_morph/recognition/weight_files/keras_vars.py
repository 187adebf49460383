"""The newer Keras layout, `.weights.h5`: `layers/<name>/vars/0`, alone or in a `.keras` archive.

The arrays of a layer have numbers in place of names, in the order in which Keras makes them. A
layer's group is named after its class; its own name is the attribute `name` of `vars`, which older
files lack. An archive's description of the model is not looked at.

Source of the layout: what Keras 3.15 writes.
"""

import io
import zipfile
from pathlib import Path
from typing import BinaryIO

import h5py

from tf_morph.errors import InputError
from tf_morph.recognition.weight_files import catalogue
from tf_morph.recognition.weight_files.hdf5_file import member, opened, stored
from tf_morph.recognition.weight_files.stored import Stored, StoredLayers
from tf_morph.recognition.weight_files.unnamed import is_unnamed, named_in_order

_ROOTS = ("layers", "_layer_checkpoint_dependencies")  # the second: Keras 2.13
_WITH_KERNEL = ("kernel", "bias")
# Of a normalisation, by how many arrays it has; with three it has no scale, as FaceNet's.
_NORMALISATIONS = {
    2: ("moving_mean", "moving_variance"),
    3: ("beta", "moving_mean", "moving_variance"),
    4: ("gamma", "beta", "moving_mean", "moving_variance"),
}


def is_keras_vars(file: h5py.File) -> bool:
    """Whether an open file has this layout."""
    return any(isinstance(file.get(root), h5py.Group) for root in _ROOTS)


def read_layers(path: Path) -> StoredLayers:
    """The layers with weights of a `.weights.h5` file.

    Raises:
      InputError: a truncated or damaged file, or one whose layers have no names of their own and
        fit no known network in their order.
    """
    with opened(path) as file:
        return _layers(path, file, None)


def read_archive(path: Path) -> StoredLayers:
    """The layers with weights of a `.keras` archive.

    Raises:
      InputError: a damaged archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            weights = io.BytesIO(archive.read("model.weights.h5"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: a damaged Keras file; {catalogue.fetch_again(path)}") from error
    with opened(path, weights) as file:
        return _layers(path, file, weights)


def _layers(path: Path, file: h5py.File, within: BinaryIO | None) -> StoredLayers:
    layers = {}
    for root in _ROOTS:
        group = file.get(root)
        for place, arrays in _with_vars(path, group) if isinstance(group, h5py.Group) else ():
            kinds = _kinds([stored(path, member(path, arrays, n), within) for n in _sorted(arrays)])
            if not kinds:
                continue
            name = _text(arrays.attrs.get("name", "")) or place
            layers[name.replace(".", "/")] = kinds
    if not is_unnamed(layers) or within is not None:
        return layers
    named = named_in_order(layers)
    if named is None:
        raise InputError(
            f"{path}: its layers have no names of their own ({', '.join(list(layers)[:2])}, …) and "
            "fit no network known here in their order; save the model again with Keras 3.15"
        )
    return named


def _with_vars(path: Path, group: h5py.Group):
    """(name of the layer's group, its `vars`) of every layer, nested models' included."""
    for name in sorted(group, key=_natural):
        child = member(path, group, name)
        if not isinstance(child, h5py.Group) or name == "seed_generator":
            continue
        if name == "vars":
            yield group.name.rpartition("/")[2], child
        else:
            yield from _with_vars(path, child)


def _natural(name: str) -> tuple[str, int]:
    """So that conv2d_2 comes before conv2d_10."""
    stem, _, number = name.rpartition("_")
    return (stem, int(number)) if number.isdigit() else (name, 0)


def _sorted(arrays: h5py.Group) -> list[str]:
    return sorted(arrays, key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0))


def _kinds(arrays: list[Stored]) -> dict[str, Stored]:
    if not arrays:
        return {}
    names = _WITH_KERNEL if len(arrays[0].shape) > 1 else _NORMALISATIONS.get(len(arrays), ())
    if len(arrays) > len(names):
        names = tuple(str(number) for number in range(len(arrays)))
    return dict(zip(names, arrays, strict=False))


def _text(value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
