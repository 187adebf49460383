"""The networks a user asks to be verified."""

from collections.abc import Sequence

import ml_collections

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.load import load_network
from tf_morph.recognition.named import named_network

_EMBEDDING = "embedding"


def asked_networks(
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
            f"asked, {', '.join(taking) or 'none'}: a file each, in their order"
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
