"""The variants of a config by which the paper's claims are tried, in named families.

The claims are about three losses, identity, batch distribution and loopback, so these are alone in
every variant but those of `supervision`. Each makes as many steps as the others and draws as many
pictures in each, as far as it draws any.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import ml_collections

from tf_morph.ablation.networks import RANDOM_ROLES, swapped, with_random
from tf_morph.ablation.variants import (
    FULL,
    LeftOut,
    Value,
    Variant,
    differs,
    flat_values,
    in_stages,
)
from tf_morph.regression.losses import TERMS

VIEWS = 3
WITH_PARAMETER, SYNTHETIC_ONLY = "with_parameter", "synthetic_only"
_PARAMETER = "loss.parameter"
_IDENTITY_ONLY = {f"loss.{term}": 0.0 for term in TERMS if term != "identity"}
_NO_BATCH = {"loss.batch_shape": 0.0, "loss.batch_texture": 0.0}
# The paper's other loss, and two that are not the paper's.
_THREE_ALONE = {_PARAMETER: 0.0, "loss.batch_covariance": 0.0, "loss.low_frequency_color": 0.0}
# Light, background, hair and clothes still vary.
_FIXED_SCENE = {
    "scene.yaw_degrees": 0.0,
    "scene.pitch_degrees": 0.0,
    "scene.roll_degrees": 0.0,
    "scene.translation_mm": 0.0,
    "scene.translation_depth_mm": 0.0,
}
_LAYERS = ("no_hidden_layer", "one_hidden_layer", "two_hidden_layers", "three_hidden_layers")
_DEFAULT_UNITS, _DEFAULT_PARAMETER = 1024, 1.0  # where the config has none


class Family(NamedTuple):
    """Variants that answer one question together, and those left out; `FULL` belongs to all."""

    variants: Mapping[str, Variant]
    left_out: Sequence[LeftOut]


def make_families(base: ml_collections.ConfigDict, out: Path) -> dict[str, Family]:
    """All families of `base` by name; networks that they need are kept below `out`.

    A variant that does not apply to `base`, or changes nothing, is left out.
    """
    proposals = {
        "losses": _losses(base),
        "views": _views(base),
        "features": _features(base, out),
        "decoder": _decoder(base),
        "supervision": _supervision(base),
    }
    return {name: _family(base, proposed) for name, proposed in proposals.items()}


def full_variant(base: ml_collections.ConfigDict) -> Variant:
    """The three losses, and all else as it is."""
    faces, views = base.training.rendered_faces, base.training.views
    shown = f"the three losses: {faces} faces a step, each in {_random_views(views)}"
    return Variant(FULL, shown, _changes(base, _THREE_ALONE))


def _family(base, proposed: Iterator[Variant | LeftOut]) -> Family:
    variants, left_out = {}, []
    for proposal in proposed:
        if isinstance(proposal, LeftOut):
            left_out.append(proposal)
            continue
        overrides = _changes(base, _THREE_ALONE | dict(proposal.overrides))
        if differs(base, full_variant(base).overrides, overrides):
            variants[proposal.name] = proposal._replace(overrides=overrides)
        else:
            left_out.append(LeftOut(proposal.name, f"the same as {FULL}"))
    return Family(variants, left_out)


def _changes(base, overrides: Mapping[str, Value]) -> dict[str, Value]:
    """The overrides, in all stages, but those that change nothing."""
    before = flat_values(base)
    staged = in_stages(base, overrides)
    return {field: value for field, value in staged.items() if before.get(field) != value}


def _losses(base) -> Iterator[Variant | LeftOut]:
    yield Variant("no_batch", "without batch distribution loss", _NO_BATCH)
    yield Variant("no_loopback", "without loopback loss", {"loss.loopback": 0.0})
    yield Variant("identity_only", "identity loss alone", _IDENTITY_ONLY)
    yield Variant(
        "identity_only_fixed_view",
        "identity loss alone, drawn once, from the front",
        _IDENTITY_ONLY | _fixed_view(base),
    )


def _views(base) -> Iterator[Variant | LeftOut]:
    yield from _drawn_times(base, "one_view", 1)
    yield from _drawn_times(base, "three_views", VIEWS)
    yield Variant("fixed_view", "drawn once, from the front", _fixed_view(base))


def _features(base, out: Path) -> Iterator[Variant | LeftOut]:
    yield swapped(base)
    for role in RANDOM_ROLES:
        yield with_random(base, out, role)


def _decoder(base) -> Iterator[Variant | LeftOut]:
    units = tuple(base.decoder.hidden_units) or (_DEFAULT_UNITS,)
    for layers, name in enumerate(_LAYERS):
        shown = f"decoder: {name.replace('_', ' ')}" + (f" of {units[0]}" if layers else "")
        yield Variant(name, shown, {"decoder.hidden_units": (units[0],) * layers})


def _supervision(base) -> Iterator[Variant | LeftOut]:
    weight = base.loss.parameter
    if weight:
        shown = "the three losses, and the parameter loss on drawings of known faces"
        yield Variant(WITH_PARAMETER, shown, {_PARAMETER: weight})
    else:
        yield LeftOut(WITH_PARAMETER, "the config has no parameter loss")
    # No photograph's face is read: only their features' mean and spread, which the decoder scales
    # by, are the photographs'.
    alone = {f"loss.{term}": 0.0 for term in TERMS} | {_PARAMETER: weight or _DEFAULT_PARAMETER}
    shown = "supervised: the parameter loss alone, on drawings of known faces, no photograph"
    yield Variant(SYNTHETIC_ONLY, shown, alone)


def _drawn_times(base, name: str, views: int) -> Iterator[Variant | LeftOut]:
    faces = max(_pictures(base) // views, 1)
    if faces > base.training.decoded_faces:
        yield LeftOut(name, f"it would draw {faces} faces a step, more than are read")
    else:
        overrides = {"training.rendered_faces": faces, "training.views": views}
        yield Variant(name, f"{faces} faces a step, each in {_random_views(views)}", overrides)


def _fixed_view(base) -> dict[str, Value]:
    faces = min(_pictures(base), base.training.decoded_faces)
    return _FIXED_SCENE | {"training.rendered_faces": faces, "training.views": 1}


def _pictures(base) -> int:
    return base.training.rendered_faces * base.training.views


def _random_views(count: int) -> str:
    return "one random view" if count == 1 else f"{count} random views"
