"""What a config may say beyond what its types hold."""

import functools
import re
from collections.abc import Sequence

import ml_collections
import numpy as np

from tf_morph.config import OPTIONAL_NETWORK_FIELDS, field_names, flat_config, network_config
from tf_morph.errors import InputError
from tf_morph.photographs.crop_rules import CROP_RULES
from tf_morph.regression.config_kinds import check_kinds
from tf_morph.regression.decoder import PRECISIONS
from tf_morph.regression.default_config import default_config
from tf_morph.regression.distribution import COMMUNICATIONS, STRATEGIES
from tf_morph.regression.face_colors import inner_face
from tf_morph.regression.identity import identity_entries
from tf_morph.regression.losses import TERMS
from tf_morph.regression.optimizer import OPTIMIZERS, SCHEDULES
from tf_morph.regression.stages import stages_of
from tf_morph.regression.validation import IDENTITY, JUDGE
from tf_morph.rendering.kernels import KERNELS
from tf_morph.rendering.scene import default_distribution

FEWEST_TRIANGLES = 1000  # that a face can be known by
GRADIENT_STOPS = ("coefficients", "rendering", "none")

_PATHS = ("face_model.path", "photographs.folder", "encoder.path")
_NETWORKS = ("encoder", "judge")
_COUNTS = (
    *("steps", "decoded_faces", "rendered_faces", "views", "synthetic_faces"),
    *("log_every", "picture_every", "checkpoint_every", "keep_checkpoints"),
)
_LEAST = {
    **dict.fromkeys(("seed", "face_model.shape_components", "face_model.texture_components"), 0),
    **dict.fromkeys(("photographs.split_seed", "decoder.l2", "training.warmup_steps"), 0),
    "training.weight_decay": 0,
    **dict.fromkeys(("validation.people", "validation.patience"), 0),
    "validation.every": 1,
    **dict.fromkeys(("training.gradient_clip_norm", "training.threads"), 0),
    **dict.fromkeys((f"loss.{name}" for name in (*TERMS, "shape_weight", "texture_weight")), 0),
    **dict.fromkeys((f"training.{name}" for name in _COUNTS), 1),
    **dict.fromkeys(("photographs.size", "rendering.size"), 1),
}
# What nobody needs, and no machine could hold.
_MOST = {
    **dict.fromkeys(("photographs.size", "rendering.size", "encoder.input_size"), 4096),
    **dict.fromkeys(("face_model.shape_components", "face_model.texture_components"), 10_000),
    **dict.fromkeys((f"training.{name}" for name in _COUNTS), 10**9),
    "training.threads": 4096,
    "judge.input_size": 4096,
}
_MOST_WEIGHTS = 2**28  # between hidden layers: 1 GiB
_ABOVE_ZERO = ("training.learning_rate",)
_LARGEST_SEED = 2**31 - 1  # TensorFlow's seeds are int32


def check_config(config: ml_collections.ConfigDict) -> None:
    """Checks a training run's config before anything is made from it.

    Raises:
      InputError: a field's value makes no sense, or there is no such field; the line names the
        field and what it may be.
    """
    check_kinds(config, default_config())
    _check_names(config)
    _check_values(config)
    for stage in stages_of(config):
        try:
            _check_values(stage.config)
        except InputError as error:
            raise InputError(f"stage {stage.name}: {error}") from error


def _check_values(config: ml_collections.ConfigDict) -> None:
    for field in _PATHS:
        _require(config, field, bool(_value(config, field)), "set")
    for field, least in _LEAST.items():
        _require(config, field, _value(config, field) >= least, f"{least} or more")
    for field, most in _MOST.items():
        _require(config, field, _value(config, field) <= most, f"at most {most:,}")
    for field in _ABOVE_ZERO:
        _require(config, field, _value(config, field) > 0, "above 0")
    _check_training(config)
    _check_distribution(config)
    _check_validation(config)
    _check_pictures(config)
    _check_scene(config)
    _check_outputs(config, "encoder_outputs", "encoder")
    _check_identity(config)


def _check_names(config: ml_collections.ConfigDict) -> None:
    """A config file may set any name; only those of the default config are ever read."""
    identity_entries(config)  # that they are such
    for name in sorted(field_names(config) - field_names(default_config())):
        parts = name.split(".")
        if parts[0] in _NETWORKS and parts[1] in ("outputs", *OPTIONAL_NETWORK_FIELDS):
            continue
        if parts[0] == "identity" and _is_identity_field(parts[2:]):
            continue
        if parts[0] == "stages":  # whose names are free, and what they hold `stages_of` checks
            continue
        raise InputError(f"config: no field {name}; see tf_morph/regression/default_config.py")


def _is_identity_field(parts: Sequence[str]) -> bool:
    """Whether an entry of `identity` has such a field: ("weight",), or ("network", "path")."""
    if parts[0] != "network" or len(parts) == 1:
        return True
    usual = flat_config(network_config("", ""))
    return parts[1] in ("outputs", *OPTIONAL_NETWORK_FIELDS) or parts[1] in usual


def _check_identity(config: ml_collections.ConfigDict) -> None:
    entries = identity_entries(config)
    for name, entry in config.identity.items():
        field = f"identity.{name}"
        _require(config, f"{field}.weight", entry.weight >= 0, "0 or more")
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or name in (IDENTITY, JUDGE):
            raise InputError(
                f"config: {field}: name it by letters, digits and underscores, and neither "
                f"{IDENTITY} nor {JUDGE}"
            )
    for name in entries:
        _require(config, f"identity.{name}.network.path", bool(entries[name].network.path), "set")
        _check_outputs(config, f"identity.{name}.outputs", f"identity.{name}.network")
    called = [entry.network.name for entry in entries.values()]
    for name, entry in entries.items():
        alone = called.count(entry.network.name) == 1
        _require(config, f"identity.{name}.network.name", alone, "the name of no other of them")


def _check_outputs(config: ml_collections.ConfigDict, field: str, network: str) -> None:
    outputs, names = _value(config, field), tuple(_value(config, network).outputs)
    sensible = len(outputs) > 0 and set(outputs) <= set(names)
    _require(config, field, sensible, f"one or more of {', '.join(names)}")


def _check_training(config: ml_collections.ConfigDict) -> None:
    training, loss = config.training, config.loss
    drawn = training.drawn_triangles
    legible = drawn == 0 or drawn >= FEWEST_TRIANGLES
    wanted = f"{FEWEST_TRIANGLES} or more, or 0 for all"
    _require(config, "training.drawn_triangles", legible, wanted)
    _require(config, "seed", config.seed <= _LARGEST_SEED, f"at most {_LARGEST_SEED}")
    fits = training.rendered_faces <= training.decoded_faces
    wanted = f"at most training.decoded_faces, {training.decoded_faces}"
    _require(config, "training.rendered_faces", fits, wanted)
    stops = loss.loopback_stop_gradient in GRADIENT_STOPS
    _require(config, "loss.loopback_stop_gradient", stops, f"one of {', '.join(GRADIENT_STOPS)}")
    if not any(loss[name] for name in TERMS):
        raise InputError(f"config: every loss is 0; one of {', '.join(TERMS)} must be above it")
    _check_optimizer(config)
    units = config.decoder.hidden_units
    _require(config, "decoder.hidden_units", all(n >= 1 for n in units), "of 1 or more each")
    weights = sum(a * b for a, b in zip((1, *units), (*units, 1), strict=True))
    _require(config, "decoder.hidden_units", weights <= _MOST_WEIGHTS, "smaller")


def _check_optimizer(config: ml_collections.ConfigDict) -> None:
    training = config.training
    for field, known in (
        ("optimizer", OPTIMIZERS),
        ("learning_rate_schedule", SCHEDULES),
        ("mixed_precision", PRECISIONS),
    ):
        _require(
            config, f"training.{field}", training[field] in known, f"one of {', '.join(known)}"
        )
    final = training.final_learning_rate
    _require(config, "training.final_learning_rate", 0 <= final <= 1, "a share, from 0 to 1")
    falls = final > 0 or training.learning_rate_schedule != "exponential"
    _require(config, "training.final_learning_rate", falls, "above 0 for an exponential schedule")
    decays = training.weight_decay > 0 or training.optimizer != "adamw"
    _require(config, "training.weight_decay", decays, "above 0 for adamw, which is adam without it")


def _check_distribution(config: ml_collections.ConfigDict) -> None:
    for name, known in (("strategy", STRATEGIES), ("communication", COMMUNICATIONS)):
        fits = config.distribution[name] in known
        _require(config, f"distribution.{name}", fits, f"one of {', '.join(known)}")
    fits = 1024 <= config.distribution.slurm_port < 65536
    _require(config, "distribution.slurm_port", fits, "a port from 1024 to 65535")


def _check_validation(config: ml_collections.ConfigDict) -> None:
    validation = config.validation
    known = (IDENTITY, JUDGE, *identity_entries(config))
    fits = validation.network in known
    _require(config, "validation.network", fits, f"one of {', '.join(known)}")
    enough = validation.people != 1
    _require(config, "validation.people", enough, "0, or 2 or more to be told apart")
    if validation.people and validation.network == JUDGE:
        _require(config, "judge.path", bool(config.judge.path), "set where the judge validates")
    watched = validation.people > 0 or validation.patience == 0
    _require(config, "validation.patience", watched, "0 where validation.people is")


def _check_pictures(config: ml_collections.ConfigDict) -> None:
    degrees = config.rendering.field_of_view_degrees
    _require(config, "rendering.field_of_view_degrees", 0 < degrees < 180, "between 0 and 180")
    points = config.rendering.five_points
    pairs = len(points) == 5 and all(np.shape(point) == (2,) for point in points)
    _require(config, "rendering.five_points", pairs, "five pairs of x and y")
    if config.loss.low_frequency_color:
        inner_face(points)
    known = config.rendering.kernels in KERNELS
    _require(config, "rendering.kernels", known, f"one of {', '.join(KERNELS)}")
    crop = config.photographs.crop
    if isinstance(crop, str):
        _require(config, "photographs.crop", crop in CROP_RULES, f"one of {', '.join(CROP_RULES)}")
    else:
        encloses = crop is None or (len(crop) == 4 and crop[0] < crop[2] and crop[1] < crop[3])
        wanted = "left, top, right, bottom, or a rule's name, or None"
        _require(config, "photographs.crop", encloses, wanted)


def _check_scene(config: ml_collections.ConfigDict) -> None:
    _check_style_weights(config)
    for name, default in default_distribution().items():
        if name == "hair_style_weights":
            continue
        value = np.asarray(config.scene[name], np.float64)
        if np.ndim(default):
            sound = value.shape == (2,) and np.isfinite(value).all() and 0 <= value[0] <= value[1]
            wanted = "two numbers of 0 or more, the lower one first"
        else:
            sound, wanted = np.isfinite(value) and value >= 0, "0 or more"
        _require(config, f"scene.{name}", bool(sound), wanted)
        if name.endswith("_share"):
            _require(config, f"scene.{name}", bool(value.max() <= 1), "at most 1")


def _check_style_weights(config: ml_collections.ConfigDict) -> None:
    weights = config.scene.hair_style_weights
    for name, weight in weights.items():
        field = f"scene.hair_style_weights.{name}"
        _require(config, field, bool(np.isfinite(weight) and weight >= 0), "0 or more")
    if not sum(weights.values()) > 0:
        raise InputError("config: scene.hair_style_weights: one of them must be above 0")


def _value(config: ml_collections.ConfigDict, field: str):
    return functools.reduce(lambda part, name: part[name], field.split("."), config)


def _require(config: ml_collections.ConfigDict, field: str, holds: bool, wanted: str) -> None:
    if not holds:
        raise InputError(f"config: {field} is {_value(config, field)!r}; it must be {wanted}")
