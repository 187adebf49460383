"""The networks the identity loss compares by: their entries in a config, and they themselves."""

import dataclasses
from collections.abc import Callable

import ml_collections

from tf_morph.config import IDENTITY_FIELDS
from tf_morph.errors import InputError
from tf_morph.recognition.network import RecognitionNetwork


def identity_entries(config: ml_collections.ConfigDict) -> dict[str, ml_collections.ConfigDict]:
    """The networks that a config's identity loss compares by: entries of weight above 0, by name.

    They are in the order of their names, as a config that was saved has them, too.

    Raises:
      InputError: there is none, or an entry is not as `identity_config` makes it.
    """
    for name in sorted(config.identity):
        entry = config.identity[name]
        if not isinstance(entry, ml_collections.ConfigDict) or set(entry) != set(IDENTITY_FIELDS):
            raise InputError(
                f"config: identity.{name} is no network to compare by; set config.identity.NAME = "
                "identity_config(network) for each (tf_morph/config.py)"
            )
    entries = {name: config.identity[name] for name in sorted(config.identity)}
    compared = {name: entry for name, entry in entries.items() if entry.weight > 0}
    if not compared:
        raise InputError(
            "config: identity names no network of weight above 0; set config.identity.NAME = "
            "identity_config(network) for one or several (tf_morph/config.py)"
        )
    return compared


@dataclasses.dataclass(frozen=True)
class IdentityNetwork:
    """A network the identity loss compares by.

    Attributes:
      name: of its entry in the config.
      network: loaded; the encoder's own where the config says the same of both.
      outputs: the names of what is compared.
      share: of the whole identity loss; those of all networks sum to 1.
    """

    name: str
    network: RecognitionNetwork
    outputs: tuple[str, ...]
    share: float

    @property
    def role(self) -> str:
        """Where the config has it."""
        return f"identity.{self.name}"

    def key(self, output: str) -> str:
        """The name of one of its outputs in a training batch."""
        return f"identity/{self.name}/{output}"

    @property
    def feature_sizes(self) -> dict[str, int]:
        """{name in a training batch: length} of all that is compared."""
        return {self.key(name): self.network.output_sizes[name] for name in self.outputs}


def make_identity_networks(
    config: ml_collections.ConfigDict,
    load: Callable[[ml_collections.ConfigDict], RecognitionNetwork],
) -> tuple[IdentityNetwork, ...]:
    """The networks of a config's `identity_entries`.

    Args:
      config: of a run.
      load: makes a network of its config.
    """
    entries = identity_entries(config)
    total = sum(entry.weight for entry in entries.values())
    return tuple(
        IdentityNetwork(name, load(entry.network), tuple(entry.outputs), entry.weight / total)
        for name, entry in entries.items()
    )
