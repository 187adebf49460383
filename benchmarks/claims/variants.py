"""The runs by which the claims are tried: the demo's config, and a few of its fields changed.

The claims are about three losses, identity, batch distribution and loopback, so these are alone in
every variant; what the demo adds to them, the parameter loss on drawings of known faces, is one
more variant. Each makes as many steps as the others and draws as many photographs' faces in each.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import ml_collections

from tf_morph.config import config_difference, field_names
from tf_morph.errors import InputError
from tf_morph.regression.losses import TERMS

FULL = "full"
WITH_PARAMETER = "with_parameter"
RANDOM_FEATURES = "random_features"
VIEWS = 3
_IDENTITY_ONLY = {f"loss.{term}": 0.0 for term in TERMS if term != "identity"}
_NO_BATCH = {"loss.batch_shape": 0.0, "loss.batch_texture": 0.0}
_NO_LOOPBACK = {"loss.loopback": 0.0}
_NO_PARAMETER = {"loss.parameter": 0.0}
# Light, background, hair and clothes still vary.
_FIXED_VIEW = {
    "scene.yaw_degrees": 0.0,
    "scene.pitch_degrees": 0.0,
    "scene.roll_degrees": 0.0,
    "scene.translation_mm": 0.0,
    "scene.translation_depth_mm": 0.0,
}


class Variant(NamedTuple):
    """A run's name, what a table calls it, and the fields in which it differs from the demo."""

    name: str
    shown: str
    overrides: Mapping[str, float | int | str]


def random_encoder(out: Path) -> Path:
    """Where the network with random weights is kept, below the folder of all runs."""
    return out / "random_encoder.keras"


def make_variants(base: ml_collections.ConfigDict, out: Path) -> dict[str, Variant]:
    """The variants of `base` by name, the one with the three losses and all else as it is first.

    Those that do not differ from it, as without a loss that `base` does not have, are left out.
    """
    faces, pictures = (
        base.training.rendered_faces,
        base.training.rendered_faces * base.training.views,
    )
    many_views = {"training.rendered_faces": max(pictures // VIEWS, 1), "training.views": VIEWS}
    random_features = {
        "encoder.name": "random",
        "encoder.kind": "keras",
        "encoder.path": str(random_encoder(out)),
    }
    variants = (
        Variant(FULL, f"full: {faces} faces a step, each in {_views(base.training.views)}", {}),
        Variant("no_batch", "without batch distribution loss", _NO_BATCH),
        Variant("no_loopback", "without loopback loss", _NO_LOOPBACK),
        Variant(
            "three_views", f"{pictures // VIEWS} faces a step, each in {_views(VIEWS)}", many_views
        ),
        Variant("fixed_view", "drawn from the front alone", _FIXED_VIEW),
        Variant("identity_only", "identity loss alone", _IDENTITY_ONLY),
        Variant(
            "identity_only_fixed_view",
            "identity loss alone, drawn from the front alone",
            _IDENTITY_ONLY | _FIXED_VIEW,
        ),
        Variant(
            RANDOM_FEATURES, "encoder of random weights, identity loss as it was", random_features
        ),
        Variant(
            WITH_PARAMETER,
            "full, and the demo's parameter loss",
            {"loss.parameter": base.loss.parameter},
        ),
    )
    full = changed(base, _NO_PARAMETER)
    return {
        v.name: v._replace(overrides=_NO_PARAMETER | v.overrides)
        for v in variants
        if v.name == FULL or _differs(full, v)
    }


def changed(
    base: ml_collections.ConfigDict, overrides: Mapping[str, float | int | str]
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


def _differs(base: ml_collections.ConfigDict, variant: Variant) -> bool:
    return bool(config_difference(base, changed(base, variant.overrides)))


def _views(count: int) -> str:
    return "one random view" if count == 1 else f"{count} random views"
