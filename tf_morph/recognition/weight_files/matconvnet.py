"""MatConvNet's networks, `vgg-face.mat`: a list of layers, each with filters and biases.

Filters are [h, w, in, out] and multiplied as they are, as TensorFlow does. A fully connected layer
is a convolution over the whole map, here a dense kernel of the same numbers: a map [H, W, C]
flattens in the order of its filters. The published network takes RGB: the means in its file are
red, green, blue, where Keras' files of the same network take BGR.

Source: vlfeat.org/matconvnet, SimpleNN's layers; its page on pretrained models (pictures as MATLAB
reads them, minus the file's average).
"""

from pathlib import Path
from typing import Any

import numpy as np
import scipy.io

from tf_morph.errors import InputError
from tf_morph.recognition.weight_files import catalogue
from tf_morph.recognition.weight_files.matlab_elements import check_elements
from tf_morph.recognition.weight_files.stored import Stored, StoredLayers

_FULLY_CONNECTED = "fc"  # begins the names of these layers
_AVERAGE_RGB = (129.1863, 104.7624, 93.5940)  # the published file's, where a file has none


def read_layers(path: Path) -> tuple[StoredLayers, dict[str, Any]]:
    """The layers with weights, and what the file says of its input.

    Returns:
      The layers in the file's order, and the fields of `InputConvention` in which it differs from
      the Keras files of the same network: `color_order` and `mean`.

    Raises:
      InputError: a truncated or damaged file, or no network of MatConvNet.
    """
    try:
        check_elements(path)
        content = scipy.io.loadmat(path, struct_as_record=False)
    except Exception as error:  # SciPy raises many kinds on a damaged file
        raise InputError(
            f"{path}: a truncated or damaged MATLAB file; {catalogue.fetch_again(path)}"
        ) from error
    network = _only(content["net"]) if "net" in content else None
    entries = getattr(network, "layers", content.get("layers"))
    if entries is None:
        names = sorted(name for name in content if not name.startswith("__"))
        raise InputError(f"{path}: no network of MatConvNet: no `layers`, but {names}")
    layers = {}
    for entry in map(_only, np.ravel(entries)):
        arrays = _arrays(entry)
        if arrays:
            name = str(_only(entry.name))
            layers[name] = _weights(path, name, arrays)
    return layers, _convention(getattr(network, "meta", content.get("meta")), content)


def _only(value):
    """What MATLAB's nested 1x1 arrays hold."""
    while isinstance(value, np.ndarray) and value.size == 1 and value.dtype == object:
        value = value.reshape(-1)[0]
    return value.reshape(-1)[0] if isinstance(value, np.ndarray) and value.size == 1 else value


def _arrays(entry) -> list[np.ndarray]:
    """[filters, biases] of a layer, by the newer name or the older ones; empty without them."""
    weights = getattr(entry, "weights", None)
    if weights is not None and np.size(weights):
        return [np.asarray(array) for array in np.ravel(weights)]
    if hasattr(entry, "filters"):
        return [np.asarray(entry.filters), np.asarray(entry.biases)]
    return []


def _weights(path: Path, name: str, arrays: list[np.ndarray]) -> dict[str, Stored]:
    if len(arrays) < 2 or any(array.dtype.kind != "f" for array in arrays):
        raise InputError(f"{path}: layer {name!r} has no filters and biases that are numbers")
    # MATLAB drops axes of length one at the end.
    kernel = arrays[0].reshape(arrays[0].shape + (1,) * (4 - arrays[0].ndim))
    if name.startswith(_FULLY_CONNECTED):
        kernel = kernel.reshape(-1, kernel.shape[-1])
    return {"kernel": _held(kernel), "bias": _held(arrays[1].reshape(-1))}


def _held(values: np.ndarray) -> Stored:
    return Stored(values.shape, lambda: values)


def _convention(meta, content) -> dict[str, Any]:
    normalization = _only(getattr(_only(meta), "normalization", content.get("normalization")))
    average = getattr(normalization, "averageImage", None)
    mean = _AVERAGE_RGB
    if average is not None and np.ndim(average) and np.shape(average)[-1] == 3:
        mean = np.reshape(average, (-1, 3)).mean(0)
    elif average is not None and np.size(average) == 3:
        mean = np.ravel(average)
    mean = tuple(round(float(m), 4) for m in mean)
    # Faces are redder than blue: which end of the means is red shows in the means.
    return {"color_order": "RGB" if mean[0] > mean[2] else "BGR", "mean": mean}
