"""The networks a user asks to be verified."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import ml_collections

from tf_morph.config import expand_path, network_config
from tf_morph.errors import InputError

EMBEDDING = "embedding"


def asked_networks(
    networks: Sequence[str], weights: Sequence[str] = (), output: str | None = None
) -> list[ml_collections.ConfigDict]:
    """The configs of networks, each with the one output that is to be compared.

    Args:
      networks: names or paths, each maybe several apart by commas.
      weights: the weight files of those that are named, in their order.
      output: which output of every network; None takes each one's embedding, or its usual output
        where it has none.

    Raises:
      InputError: there is none, a network has no such output, or two have the same name.
    """
    names = [part.strip() for name in networks for part in name.split(",") if part.strip()]
    if not names:
        raise InputError("no network; give --network=NAME_OR_PATH, one or several")
    configs = list(_configs(names, [w for weight in weights for w in weight.split(",")]))
    for config in configs:
        config.outputs = _one_output(config, output)
    called = [config.name for config in configs]
    twice = next((name for name in called if called.count(name) > 1), None)
    if twice:
        raise InputError(f"two networks are called {twice}; rename the file or folder of one")
    return configs


def _configs(names: Sequence[str], weights: Sequence[str]) -> Iterator[ml_collections.ConfigDict]:
    for name in names:
        yield _shipped(name) if name in ("encoder", "judge") else _from_path(expand_path(name))


def _shipped(name: str) -> ml_collections.ConfigDict:
    path = f"package:embedded/networks/{name}.keras"
    return network_config(name, path, kind="keras", input_size=64)


def _from_path(path: Path) -> ml_collections.ConfigDict:
    if not path.exists():
        raise InputError(f"{path}: no such network; give a network's name, file or folder")
    kind = "saved_model" if path.is_dir() else "keras"
    return network_config(path.stem, str(path), kind=kind)


def _one_output(config: ml_collections.ConfigDict, output: str | None) -> dict[str, str]:
    outputs = dict(config.outputs)
    if output is None:
        output = EMBEDDING if EMBEDDING in outputs else next(iter(outputs))
    return {output: outputs.get(output, output)}
