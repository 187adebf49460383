"""The files a config names: those that are not there are told all at once, before any is read."""

import os
from collections.abc import Iterator
from pathlib import Path

import ml_collections

from tf_morph.config import ASSETS_VARIABLE, expand_path
from tf_morph.errors import InputError, InputErrors
from tf_morph.morphable_model import official_files
from tf_morph.morphable_model.sources import source_of
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.named import AUTOMATIC
from tf_morph.recognition.weight_files import catalogue
from tf_morph.regression.identity import identity_entries

LFW_PAGE = "http://vis-www.cs.umass.edu/lfw"


def check_files(config: ml_collections.ConfigDict, converted: Path) -> None:
    """Checks that every file and folder a config names is there.

    What lies in the embedded world is left out: that is made where it is missing.

    Args:
      config: of a run.
      converted: where the run keeps the face model it once converted, if it did.

    Raises:
      InputErrors: some are missing; of each, a line says which, and where published files are to
        be had and where to put them. Where they lie below `TF_MORPH_ASSETS` and that variable is
        not set, the first line says so.
    """
    missing = dict.fromkeys(
        line
        for path, line in _named_files(config, converted)
        if not _in_world(config, path) and not _is_there(path)
    )
    if not missing:
        return
    unset = any(line.startswith(f"${ASSETS_VARIABLE}") for line in missing)
    if unset and not os.environ.get(ASSETS_VARIABLE):
        raise InputErrors(
            f"the environment variable {ASSETS_VARIABLE} is not set; set it to the folder of your "
            "assets (docs/assets.md), in which the config looks for",
            list(missing),
        )
    raise InputErrors(f"missing, of the files the config names ({len(missing)})", list(missing))


def _named_files(config, converted: Path) -> Iterator[tuple[str, str]]:
    """(path as the config has it, the line for it if it is not there), for each that is set."""
    path = config.face_model.path
    if _is_read(path, converted):
        yield path, official_files.missing(_shown(path))
    compared = (entry.network for entry in identity_entries(config).values())
    for network in (config.encoder, *compared, config.judge):
        if network.path:
            yield network.path, _missing_network(network)
    folder = config.photographs.folder
    yield (
        folder,
        f"{_shown(folder)}: no such folder; a folder of photographs, a subfolder a person, such as "
        f"Labeled Faces in the Wild's: get it from {LFW_PAGE} and unpack it there",
    )
    for path, what in (
        (config.photographs.split, "the CSV file of each person's set"),
        (config.truth, "the folder of the true faces"),
    ):
        if path:
            yield path, f"{_shown(path)}: no such file or folder; give {what} (docs/assets.md)"


def _is_read(face_model: str, converted: Path) -> bool:
    """Whether a file or folder must be there for the face model."""
    try:
        source = source_of(face_model)
    except InputError:  # the assets' folder is not set
        return True
    return source.is_path and not (source.is_converted and converted.exists())


def _missing_network(network: ml_collections.ConfigDict) -> str:
    path = _shown(network.path)
    published = network.kind in ARCHITECTURES or network.kind in AUTOMATIC
    if published or catalogue.by_file_name(path):
        return catalogue.missing(path, network.kind)
    return f"{path}: no such file or folder; give {network.name}'s, a {network.kind}"


def _shown(path: str) -> str:
    """The path as error lines show it, expanded where that can be."""
    try:
        return str(expand_path(path))
    except InputError:
        return path


def _is_there(path: str) -> bool:
    try:
        return expand_path(path).exists()
    except InputError:  # the assets' folder is not set, or the package has no such file
        return False


def _in_world(config: ml_collections.ConfigDict, path: str) -> bool:
    world = config.embedded_world
    return bool(world) and Path(_shown(path)).is_relative_to(_shown(world))
