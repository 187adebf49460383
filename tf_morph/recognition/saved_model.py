"""Networks stored as TensorFlow SavedModels."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from tf_morph.errors import InputError
from tf_morph.recognition.fingerprint import fingerprint_files
from tf_morph.recognition.graph_operations import check_saved_model
from tf_morph.recognition.network import Source, one_line

SIGNATURE = "serving_default"
_FILE = "saved_model.pb"
_OTHER_FORMS = ("saved_model.cpb", "saved_model.pbtxt")  # which TensorFlow might read in its place


def open_source(
    path: Path, *, input_name: str, outputs: Mapping[str, str], constants: Mapping
) -> tuple[Source, str]:
    """Opens the `serving_default` signature of a SavedModel.

    Args:
      path: the folder that holds saved_model.pb.
      input_name: the signature's input for pictures, [B, s, s, 3].
      outputs: from the names used here to the signature's outputs.
      constants: further inputs of the signature and the values they are given.

    Returns:
      The source function and the hash of its files and names.

    Raises:
      InputError: no such folder, no SavedModel, one whose operations do more than compute
        (graph_operations.py), no such signature, input or output, an input left unfed, or one that
        is not floating point.
    """
    signature, loaded = _signature(path)
    _check_names(path, "input", [input_name, *constants], signature.structured_input_signature[1])
    _check_names(path, "output", outputs.values(), signature.structured_outputs)
    unfed = set(signature.structured_input_signature[1]) - {input_name, *constants}
    if unfed:
        raise InputError(
            f"{path}: its inputs {sorted(unfed)} need values; give them in `constants`"
        )
    dtype = signature.structured_input_signature[1][input_name].dtype
    if not dtype.is_floating:
        raise InputError(f"{path}: input {input_name!r} is {dtype.name}; no gradient reaches it")
    fed = {name: tf.constant(value) for name, value in constants.items()}

    def source(images: tf.Tensor) -> dict[str, tf.Tensor]:
        results = signature(**{input_name: images}, **fed)
        return {name: results[theirs] for name, theirs in outputs.items()}

    source.keep_alive = loaded  # the signature holds its variables only weakly
    names = [input_name, dict(outputs), {k: repr(v) for k, v in constants.items()}]
    files = sorted(p for p in path.rglob("*") if p.is_file())
    return source, fingerprint_files(files, names)


def _signature(path: Path):
    if not path.exists():
        raise InputError(f"{path}: no such folder; give a SavedModel's (docs/assets.md)")
    if path.is_file():
        raise InputError(f"{path}: a file, no SavedModel's folder; set kind='auto' to recognise it")
    check_saved_model(path, read_saved_model(path))
    try:
        loaded = tf.saved_model.load(str(path))
    except Exception as error:  # TensorFlow raises many kinds on a damaged model
        raise InputError(
            f"{path}: not a SavedModel TensorFlow can load ({one_line(error)})"
        ) from error
    if SIGNATURE not in loaded.signatures:
        raise InputError(
            f"{path}: no signature {SIGNATURE!r}; it has {sorted(loaded.signatures) or 'none'}"
        )
    return loaded.signatures[SIGNATURE], loaded


def read_saved_model(path: Path) -> SavedModel:
    """What a SavedModel's folder says of it, as data: nothing is loaded.

    Raises:
      InputError: there is no saved_model.pb, it is damaged, or not the only one of its kind.
    """
    if not (path / _FILE).is_file():
        raise InputError(f"{path}: no {_FILE} in it; give the folder of a SavedModel")
    for name in _OTHER_FORMS:
        if (path / name).exists():
            raise InputError(f"{path}: holds {name} beside {_FILE}; leave one of them")
    content = SavedModel()
    try:
        content.ParseFromString((path / _FILE).read_bytes())
    except DecodeError as error:
        raise InputError(f"{path}: not a SavedModel TensorFlow can load") from error
    if not content.meta_graphs:
        raise InputError(f"{path}: not a SavedModel TensorFlow can load; it is empty")
    return content


def _check_names(path: Path, what: str, wanted, available) -> None:
    for name in wanted:
        if name not in available:
            raise InputError(f"{path}: no {what} {name!r}; it has {sorted(available)}")
