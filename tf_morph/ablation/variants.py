"""A variant of a run: its config with a few fields changed."""

from collections.abc import Mapping
from typing import NamedTuple

import ml_collections

from tf_morph.config import config_difference, field_names, flat_config
from tf_morph.errors import InputError

FULL = "full"  # the variant that every other is compared with
Value = float | int | str | tuple


class Variant(NamedTuple):
    """A run's name, what a table calls it, and the fields in which it differs from the base."""

    name: str
    shown: str
    overrides: Mapping[str, Value]


class LeftOut(NamedTuple):
    """A variant that the base config has no room for, and why."""

    name: str
    reason: str


def changed(
    base: ml_collections.ConfigDict, overrides: Mapping[str, Value]
) -> ml_collections.ConfigDict:
    """A copy of `base` with fields such as `loss.loopback` set.

    Raises:
      InputError: there is no such field, or the value is of another type than the field's.
    """
    unknown = sorted(overrides.keys() - field_names(base))
    if unknown:
        raise InputError(f"config: no field {', '.join(unknown)}")
    config = base.copy_and_resolve_references()
    try:
        config.update_from_flattened_dict(overrides)
    except TypeError as error:
        raise InputError(f"config: {error}") from error
    return config


def in_stages(base: ml_collections.ConfigDict, overrides: Mapping[str, Value]) -> dict[str, Value]:
    """The overrides, and the same wherever a stage of `base` sets one of their fields anew."""
    staged = [field.split(".", 2) for field in field_names(base) if field.startswith("stages.")]
    again = {
        ".".join(("stages", stage, field)): overrides[field]
        for _, stage, field in staged
        if field in overrides
    }
    return {**overrides, **dict(sorted(again.items()))}


def differs(
    base: ml_collections.ConfigDict, first: Mapping[str, Value], second: Mapping[str, Value]
) -> bool:
    """Whether two sets of overrides make two configs of `base`."""
    return bool(config_difference(changed(base, first), changed(base, second)))


def flat_values(config: ml_collections.ConfigDict) -> dict[str, Value]:
    """The values of a config by field, as overrides may set them again."""
    fields = flat_config(config).items()
    return {field: tuple(v) if isinstance(v, list) else v for field, v in fields}
