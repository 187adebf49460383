"""Networks stored as Keras files: `.keras`, opened in safe mode."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import keras
import tensorflow as tf

from tf_morph.errors import InputError

# Its layers are known to Keras once imported.
from tf_morph.recognition import layers  # noqa: F401
from tf_morph.recognition.fingerprint import fingerprint_files
from tf_morph.recognition.network import Source, one_line


def open_source(
    path: Path, *, input_name: str, outputs: Mapping[str, str], constants: Mapping
) -> tuple[Source, str]:
    """Opens a Keras model of one picture, as it is in use, not in training.

    Args:
      path: the .keras file.
      input_name: the model's input for pictures, [B, s, s, 3].
      outputs: from the names used here to the model's named outputs.
      constants: must be empty; a Keras file has no other inputs.

    Returns:
      The source function and the hash of its file and names.

    Raises:
      InputError: no such file, no Keras file, one that runs code of its own, no such input or
        output.
    """
    model = read_model(path)
    if constants:
        raise InputError(f"{path}: a Keras file takes no `constants`; leave them out")
    _check_names(path, "input", [input_name], [tensor.name for tensor in model.inputs])
    _check_names(path, "output", outputs.values(), model.output)
    model.trainable = False

    def source(images: tf.Tensor) -> dict[str, tf.Tensor]:
        results = model(images, training=False)
        return {name: results[theirs] for name, theirs in outputs.items()}

    return source, fingerprint_files([path], [input_name, dict(outputs)])


def read_model(path: Path) -> keras.Model:
    """The model in a .keras file, its outputs named.

    Raises:
      InputError: no such file, no Keras file, one that runs code of its own, or of outputs without
        names.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; give a .keras file (docs/assets.md)")
    if not zipfile.is_zipfile(path):
        raise InputError(f"{path}: not a Keras file, or only a part of one")
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds on a damaged file
        raise InputError(f"{path}: not a network Keras can load ({one_line(error)})") from error
    if not isinstance(model.output, dict):
        raise InputError(f"{path}: its outputs have no names; save a model with a dict of outputs")
    return model


def _check_names(path: Path, what: str, wanted, available) -> None:
    for name in wanted:
        if name not in available:
            raise InputError(f"{path}: no {what} {name!r}; it has {sorted(available)}")
