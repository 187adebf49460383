"""A run's stages: from some step on, other losses, scenes or numbers of faces."""

from collections.abc import Mapping
from typing import NamedTuple

import ml_collections

from tf_morph.config import field_names
from tf_morph.errors import InputError

FIRST_STEP = "first_step"
# What a stage may change; of the first two, every field.
STAGED_GROUPS = ("loss", "scene")
STAGED_TRAINING = (
    *("decoded_faces", "rendered_faces", "views", "synthetic_faces"),
    *("learning_rate", "gradient_clip_norm"),
)


class Stage(NamedTuple):
    """A part of a run.

    Attributes:
      name: as in the config; empty before the first stage that is named there.
      begin: steps of the run made before it.
      end: steps made after it.
      config: the run's with the stage's changes, and no stages.
    """

    name: str
    begin: int
    end: int
    config: ml_collections.ConfigDict


def stages_of(config: ml_collections.ConfigDict) -> list[Stage]:
    """The stages of a run one after the other, each of one step or more; together, all its steps.

    Each is the config as it stands with the changes of that one stage; so is, without changes, what
    comes before the first.

    Raises:
      InputError: a stage has no first step or that of another, or changes a field that no stage
        may, or to a value of another type.
    """
    begins = {_begin(name, stage): name for name, stage in config.stages.items()}
    if len(begins) < len(config.stages):
        raise InputError("config: two of its stages have the same first_step; give each its own")
    begins = {0: ""} | begins if 0 not in begins else begins
    # Of all: a stage that is never reached may be misspelt, too.
    changed = {name: _changed(config, name) for name in begins.values()}
    ordered = sorted(begin for begin in begins if begin < config.training.steps)
    ends = [*ordered[1:], config.training.steps]
    return [
        Stage(begins[begin], begin, end, changed[begins[begin]])
        for begin, end in zip(ordered, ends, strict=True)
    ]


def unreached_stages(config: ml_collections.ConfigDict) -> list[str]:
    """Names of the stages that would begin after the run's last step."""
    steps = config.training.steps
    return sorted(name for name, stage in config.stages.items() if stage[FIRST_STEP] > steps)


def _begin(name: str, stage) -> int:
    first = stage.get(FIRST_STEP) if isinstance(stage, Mapping | ml_collections.ConfigDict) else 0
    if not isinstance(first, int) or first < 1:
        raise InputError(
            f"config: stages.{name}.{FIRST_STEP} must be 1 or more: the stage's first step, "
            "counted from 1"
        )
    return first - 1


def _changed(config: ml_collections.ConfigDict, name: str) -> ml_collections.ConfigDict:
    changed = config.copy_and_resolve_references()
    changed.stages = ml_collections.ConfigDict()
    if not name:
        return changed
    stage = config.stages[name]
    may_change = staged_fields(config)
    for field in sorted(field_names(stage) - {FIRST_STEP}):
        if field not in may_change:
            raise InputError(
                f"config: stages.{name}.{field}: no field that a stage may change; those are "
                f"{FIRST_STEP}, all of {' and '.join(STAGED_GROUPS)}, and of training "
                f"{', '.join(STAGED_TRAINING)}"
            )
        *groups, last = field.split(".")
        value, place = stage, changed
        for group in groups:
            value, place = value[group], place[group]
        try:
            place[last] = value[last]
        except TypeError as error:
            raise InputError(
                f"config: stages.{name}.{field} is {value[last]!r}; it must be of the kind of "
                f"{field}, {place[last]!r}"
            ) from error
    return changed


def staged_fields(config: ml_collections.ConfigDict) -> set[str]:
    """The fields that a stage may change, such as `loss.identity`."""
    groups = {f"{group}.{name}" for group in STAGED_GROUPS for name in config[group]}
    return groups | {f"training.{name}" for name in STAGED_TRAINING}
