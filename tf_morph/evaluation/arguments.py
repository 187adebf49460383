"""What a user names on the command line: data sets, other methods' results, networks."""

import os
from collections.abc import Sequence
from pathlib import Path

import ml_collections

from tf_morph.config import ASSETS_VARIABLE, expand_path
from tf_morph.errors import InputError
from tf_morph.evaluation.methods import METHODS
from tf_morph.evaluation.suites import DATA_SETS, FOUND_IN_ASSETS
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.load import load_network
from tf_morph.recognition.named import named_network

_EMBEDDING = "embedding"


def data_folders(given: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    """Folders by data set: those given as NAME:FOLDER, and those found among the assets.

    Raises:
      InputError: no such data set or folder.
    """
    folders: dict[str, tuple[Path, ...]] = {}
    for name, path in _pairs(given, "data"):
        if name not in DATA_SETS:
            raise InputError(f"--data={name}:…: no such data; give one of {', '.join(DATA_SETS)}")
        folders[name] = (*folders.get(name, ()), path)
    return _among_assets() | folders


def method_folders(given: Sequence[str]) -> tuple[tuple[str, Path], ...]:
    """(name, folder) of each method given as NAME:FOLDER.

    Raises:
      InputError: no such folder, or a name is given twice or is one of `METHODS`.
    """
    methods = tuple(_pairs(given, "method"))
    names = [name for name, _ in methods]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InputError(f"--method: two are called {twice}; rename one")
    taken = next((name for name in names if name in METHODS), None)
    if taken:
        raise InputError(f"--method={taken}:…: the tables have a method {taken}; give another name")
    return methods


def given_file(path: str | None, flag: str) -> Path | None:
    """The file given by a flag, if any, with `~` and environment variables expanded.

    Raises:
      InputError: there is no such file.
    """
    if not path:
        return None
    file = expand_path(path)
    if not file.is_file():
        raise InputError(f"--{flag}={path}: {file} is not there; name a file that is")
    return file


def _among_assets() -> dict[str, tuple[Path, ...]]:
    assets = os.environ.get(ASSETS_VARIABLE)
    if not assets:
        return {}
    places = {name: Path(assets) / name for name in FOUND_IN_ASSETS}
    return {name: (place,) for name, place in places.items() if place.is_dir()}


def _pairs(given: Sequence[str], flag: str) -> list[tuple[str, Path]]:
    pairs = []
    for text in given:
        name, colon, path = text.partition(":")
        if not (name and colon and path):
            raise InputError(f"--{flag}={text}: give a name and a folder, --{flag}=NAME:FOLDER")
        folder = expand_path(path)
        if not folder.exists():
            raise InputError(f"--{flag}={text}: {folder} is not there; name a folder that is")
        pairs.append((name, folder))
    return pairs


def named_networks(
    networks: Sequence[str], weights: Sequence[str] = (), output: str | None = None
) -> list[ml_collections.ConfigDict]:
    """The configs of networks, each with the one output that is to be compared.

    Args:
      networks: names or paths, as `named_network` takes them, each maybe several apart by commas.
      weights: the weight files of those that are keys of `ARCHITECTURES`, in their order; none
        where all are looked for in the assets.
      output: the output of every network, by its own name; None takes each one's usual one.

    Raises:
      InputError: there is no network, one is not known or its file is missing, or two have the same
        name.
    """
    names = _parts(networks)
    if not names:
        raise InputError("no network; give --network=NAME_OR_PATH, one or several")
    files = _weights_of(names, _parts(weights))
    configs = [_config(name, file, output) for name, file in zip(names, files, strict=True)]
    called = [config.name for config in configs]
    twice = next((name for name in called if called.count(name) > 1), None)
    if twice:
        raise InputError(f"two networks are called {twice}; rename the file or folder of one")
    return configs


def compared_output(kind: str) -> str:
    """The name by which the config of a network of that kind gives what is to be compared."""
    return (ARCHITECTURES[kind].compared if kind in ARCHITECTURES else "") or _EMBEDDING


def _parts(values: Sequence[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _weights_of(names: Sequence[str], weights: Sequence[str]) -> list[str | None]:
    taking = [name for name in names if name in ARCHITECTURES]
    if weights and len(weights) != len(taking):
        raise InputError(
            f"{len(weights)} --weights for {len(taking)} networks that take them; of the networks "
            f"given, {', '.join(taking) or 'none'}: a file each, in their order"
        )
    left = iter(weights)
    return [next(left, None) if name in ARCHITECTURES else None for name in names]


def _config(name: str, weights: str | None, output: str | None) -> ml_collections.ConfigDict:
    config = named_network(name, weights, None if output is None else [output])
    wanted = output or compared_output(config.kind)
    config.outputs = {config.outputs[wanted]: config.outputs[wanted]}
    if not expand_path(config.path).exists():
        load_network(config)  # says which file it is, and where it is to be had
    return config
