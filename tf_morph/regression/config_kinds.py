"""Of what kind each field of a config is: a saved config is a file, and may hold anything."""

import math
from collections.abc import Iterator

import ml_collections

from tf_morph.config import identity_config, network_config
from tf_morph.errors import InputError

_MANY = 10_000  # entries of a list or a group
_LONGEST = 4096  # characters of a text
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
# What a network's config may hold beside what `network_config` gives it.
_OPTIONAL = {"per_image_standardization": False, "crop": (0.0, 0.0, 1.0, 1.0)}
_FREE = ("constants", "variant")


def check_kinds(config: ml_collections.ConfigDict, defaults: ml_collections.ConfigDict) -> None:
    """Checks that the fields a config has are of the kind that the defaults have, and finite.

    Fields that are not among the defaults are passed over.

    Raises:
      InputError: one is not; the line names it.
    """
    for field, value, default in _fields("", config, defaults):
        _check(field, value, default)


def _fields(prefix: str, config, defaults) -> Iterator[tuple[str, object, object]]:
    if not isinstance(config, ml_collections.ConfigDict):
        raise InputError(f"config: {prefix.rstrip('.')} is {_shown(config)}; it must be a group")
    for name in config:
        field, value = f"{prefix}{name}", config[name]
        if field in ("identity", "stages") or name in _FREE:
            yield from _free_group(field, value)
        elif name == "outputs" and isinstance(defaults.get(name), ml_collections.ConfigDict):
            yield from ((f"{field}.{own}", text, "") for own, text in _group(field, value).items())
        elif name not in defaults:
            if name in _OPTIONAL:
                yield field, value, _OPTIONAL[name]
        elif isinstance(defaults[name], ml_collections.ConfigDict):
            yield from _fields(f"{field}.", value, defaults[name])
        else:
            yield field, value, defaults[name]


def _free_group(field: str, value) -> Iterator[tuple[str, object, object]]:
    """A group whose names are free."""
    for name, entry in _group(field, value).items():
        place = f"{field}.{name}"
        if field == "identity":
            if not isinstance(entry, ml_collections.ConfigDict):
                continue  # identity.py says what belongs there
            yield from _fields(f"{place}.", entry, identity_config(network_config("", "")))
        elif isinstance(entry, ml_collections.ConfigDict):
            yield from _free_group(place, entry)
        elif isinstance(entry, float):
            yield place, entry, 0.0


def _group(field: str, value) -> ml_collections.ConfigDict:
    if not isinstance(value, ml_collections.ConfigDict) or len(value) > _MANY:
        raise InputError(f"config: {field} is {_shown(value)}; it must be a group")
    return value


def _check(field: str, value, default) -> None:
    if default is None:
        sound = value is None or _is_text(value) or _is_list(value, (0.0,))
        wanted = "text, numbers or nothing"
    elif isinstance(default, tuple | list):
        sound, wanted = _is_list(value, default), "a list, of entries as the default's"
    else:
        sound, wanted = _is_one(value, default), f"{_WORDS[type(default)]}, and finite"
    if not sound:
        raise InputError(f"config: {field} is {_shown(value)}; it must be {wanted}")


def _is_list(value, default) -> bool:
    if not isinstance(value, tuple | list) or len(value) > _MANY:
        return False
    like = default[0] if default else ""
    if isinstance(like, tuple | list):
        return all(_is_list(entry, like) for entry in value)
    return all(_is_one(entry, like) for entry in value)


def _is_one(value, default) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, int | float):
        kinds = int if isinstance(default, int) else (int, float)
        is_number = isinstance(value, kinds) and not isinstance(value, bool)
        return is_number and abs(value) < 1e300 and math.isfinite(value)
    return _is_text(value)


def _is_text(value) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST and "\0" not in value


def _shown(value) -> str:
    text = repr(value.to_dict() if isinstance(value, ml_collections.ConfigDict) else value)
    return text if len(text) <= 60 else f"{text[:60]} …"
