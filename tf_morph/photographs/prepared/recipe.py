"""How photographs were prepared: the crop, and the networks whose features were kept."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tf_morph.errors import InputError
from tf_morph.photographs.decode import Crop
from tf_morph.photographs.detection import detector_fingerprint

LAYOUT_VERSION = 1  # raised whenever the same photographs are written down in another way


@dataclasses.dataclass(frozen=True)
class NetworkRecord:
    """A network whose features are kept.

    Attributes:
      name: what tables call it.
      fingerprint: hex; another one where it may give other features.
      outputs: {name of an output that is kept: its length}.
    """

    name: str
    fingerprint: str
    outputs: Mapping[str, int]


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What decides the contents of prepared photographs, but for the photographs.

    Attributes:
      crop: as `load_aligned` takes it.
      size: side of the images, pixels.
      mirrored: whether the features of each photograph's mirror image are kept as well.
      networks: whose features are kept.
    """

    crop: Crop | str | None
    size: int
    mirrored: bool
    networks: tuple[NetworkRecord, ...]

    @property
    def detector(self) -> str | None:
        """The fingerprint of what finds the faces; None for a fixed crop."""
        return detector_fingerprint() if isinstance(self.crop, str) else None

    @property
    def variants(self) -> int:
        """How many pictures of each photograph there are features of: itself, and mirrored."""
        return 2 if self.mirrored else 1

    @property
    def feature_sizes(self) -> dict[str, int]:
        """{key of a feature in a record: its length}."""
        return {
            feature_key(number, output): size
            for number, network in enumerate(self.networks)
            for output, size in network.outputs.items()
        }

    @property
    def digest(self) -> str:
        """Hex; another one where prepared photographs may come out differently."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Plain data, as the manifest has it."""
        return {
            "layout_version": LAYOUT_VERSION,
            "crop": plain_crop(self.crop),
            "detector": self.detector,
            "size": self.size,
            "mirrored": self.mirrored,
            "networks": [
                {"name": n.name, "fingerprint": n.fingerprint, "outputs": dict(n.outputs)}
                for n in self.networks
            ],
        }

    @staticmethod
    def from_json(written: Mapping[str, Any]) -> "Recipe":
        """The recipe that `as_json` wrote.

        Raises:
          KeyError, TypeError: it is none.
        """
        crop = written["crop"]
        networks = tuple(
            NetworkRecord(n["name"], n["fingerprint"], dict(n["outputs"]))
            for n in written["networks"]
        )
        crop = tuple(crop) if isinstance(crop, list) else crop
        return Recipe(crop, written["size"], written["mirrored"], networks)

    def network_number(self, fingerprint: str) -> int | None:
        """Which of `networks` has this fingerprint; None where none has."""
        numbers = [i for i, n in enumerate(self.networks) if n.fingerprint == fingerprint]
        return numbers[0] if numbers else None


def feature_key(network: int, output: str) -> str:
    """The name of a network's output in a record; `network` counts as `Recipe.networks`."""
    return f"{network}/{output}"


def plain_crop(crop: Crop | str | None) -> str | list[float] | None:
    """A crop as JSON reads it back, so that equal crops are equal."""
    return crop if crop is None or isinstance(crop, str) else [float(edge) for edge in crop]


def check_pictures(recipe: Recipe, crop: Crop | str | None, size: int, where: str) -> None:
    """Checks that prepared photographs are cropped as wanted.

    Args:
      recipe: theirs.
      crop, size: what is wanted, as in `Recipe`.
      where: the prepared folder, for the error.

    Raises:
      InputError: they are not; the line names what differs.
    """
    for name, prepared, wanted in (
        ("crop", plain_crop(recipe.crop), plain_crop(crop)),
        ("size", recipe.size, size),
    ):
        if prepared != wanted:
            raise InputError(
                f"{where}: prepared with photographs.{name} {prepared!r}, but the config has "
                f"{wanted!r}; prepare the photographs anew, in another folder, or set it to that"
            )
