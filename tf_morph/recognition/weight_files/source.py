"""A published network from its weight file, whatever the file's layout."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.recognition import frozen_graph
from tf_morph.recognition.architectures import ARCHITECTURES, with_outputs
from tf_morph.recognition.fingerprint import fingerprint_files
from tf_morph.recognition.network import Source
from tf_morph.recognition.weight_files import catalogue
from tf_morph.recognition.weight_files.assignment import assign, read_weights
from tf_morph.recognition.weight_files.recognised import Recognised, recognise

INPUT = "image"


def open_source(
    path: Path,
    *,
    architecture: str,
    variant: Mapping[str, Any],
    outputs: Mapping[str, str],
) -> tuple[Source, str]:
    """Builds a network, or opens its graph, with the weights of a file.

    Args:
      path: a weight file of any layout.
      architecture: a key of `ARCHITECTURES`.
      variant: arguments of its `build` beside those that the file decides.
      outputs: from the names used here to the network's: an output or, but for frozen graphs, any
        layer by its published name.

    Returns:
      The source function and the hash of its file and names.

    Raises:
      InputError: no such file, a damaged one, one of another network, or no such output.
    """
    if not path.exists():
        raise InputError(catalogue.missing(path, architecture))
    found = recognise(path)
    check_architecture(found, architecture)
    if found.graph is not None:
        return _open_graph(found, outputs)
    model = build_from(path, architecture, variant)
    chosen = with_outputs(model, dict.fromkeys(outputs.values()))

    def source(images: tf.Tensor) -> dict[str, tf.Tensor]:
        results = chosen(images, training=False)
        return {name: results[theirs] for name, theirs in outputs.items()}

    return source, fingerprint_files([path], [architecture, dict(variant), dict(outputs)])


def build_from(path: Path, architecture: str, variant: Mapping[str, Any]) -> keras.Model:
    """An architecture with the weights of a file; see `open_source`."""
    file = read_weights(path)
    fields = {**(file.variant if file.architecture == architecture else {}), **variant}
    model = ARCHITECTURES[architecture].build(**fields)
    assign(model, file)
    return model


def check_architecture(found: Recognised, architecture: str) -> None:
    """An InputError where a file holds another network than the one asked for."""
    if found.architecture and found.architecture != architecture:
        raise InputError(
            f"{found.path}: holds {found.architecture}, not {architecture}; name the network "
            f"{found.architecture}, or give a file of {architecture}{_usual(architecture)}"
        )
    if not found.architecture and not found.layers:
        raise InputError(
            f"{found.path}: a {found.format}, and none of {architecture}'s; give it by its path, "
            f"or a file of {architecture}{_usual(architecture)}"
        )


def _usual(architecture: str) -> str:
    files = catalogue.published_files(architecture)
    return f", such as {files[0].file_name}" if files else ""


def _open_graph(found: Recognised, outputs: Mapping[str, str]) -> tuple[Source, str]:
    theirs = found.graph.fields["outputs"]
    for name in outputs.values():
        if name not in theirs:
            raise InputError(
                f"{found.path}: a frozen graph has no output {name!r} here; it has {sorted(theirs)}"
            )
    return frozen_graph.open_source(
        found.path,
        input_name=found.graph.fields["input_name"],
        outputs={name: theirs[wanted] for name, wanted in outputs.items()},
        constants=found.graph.fields["constants"],
    )
