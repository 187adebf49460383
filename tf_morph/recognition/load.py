"""From a config to a network."""

import ml_collections

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.recognition import frozen_graph, keras_file, named, saved_model, tfjs_graph
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.network import (
    WHOLE_PICTURE,
    InputConvention,
    RecognitionNetwork,
    Source,
)
from tf_morph.recognition.weight_files import source as weight_file

KINDS = {
    "saved_model": saved_model.open_source,
    "frozen_graph": frozen_graph.open_source,
    "keras": keras_file.open_source,
    "tfjs": tfjs_graph.open_source,
}


def load_network(config: ml_collections.ConfigDict) -> RecognitionNetwork:
    """The network a config names.

    Args:
      config: `name`; `kind`, "saved_model", "frozen_graph", "keras" or "tfjs", a key of
        `ARCHITECTURES` for a published network's weight file, or "auto" to leave everything to the
        file (`named.resolved`); `path`, of the folder or the file; `input_name`; `outputs`, from
        the names used here to the network's own; the fields of `InputConvention`; for graphs and
        SavedModels optionally `constants`, fed inputs such as `{"phase_train:0": False}`; for
        published networks optionally `variant`, arguments of the definition.

    Raises:
      InputError: no such file or folder, not a network, no such input or output (the names there
        are listed), or a convention that makes no sense.
    """
    config = named.resolved(config)
    known = [*sorted(KINDS), *ARCHITECTURES, "auto"]
    if config.kind not in known:
        raise InputError(f"network {config.name}: kind {config.kind!r}; use one of {known}")
    convention = _convention(config)
    outputs = dict(config.outputs)
    if not outputs:
        raise InputError(f"network {config.name}: `outputs` is empty; name at least one output")
    source, files_fingerprint = _open(config, outputs)
    return RecognitionNetwork(config.name, convention, source, tuple(outputs), files_fingerprint)


def _open(config: ml_collections.ConfigDict, outputs: dict[str, str]) -> tuple[Source, str]:
    path = expand_path(config.path)
    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe is waited for for ever
        raise InputError(f"{path}: neither a file nor a folder; give a network's")
    if config.kind in ARCHITECTURES:
        variant = dict(config.get("variant", {}))
        return weight_file.open_source(
            path, architecture=config.kind, variant=variant, outputs=outputs
        )
    sized = {"input_size": config.input_size} if config.kind == "tfjs" else {}
    return KINDS[config.kind](
        path,
        **sized,
        input_name=config.input_name,
        outputs=outputs,
        constants=dict(config.get("constants", {})),
    )


def _convention(config: ml_collections.ConfigDict) -> InputConvention:
    convention = InputConvention(
        input_size=config.input_size,
        color_order=config.color_order,
        input_range=tuple(config.input_range),
        mean=tuple(config.mean),
        std=tuple(config.std),
        per_image_standardization=config.get("per_image_standardization", False),
        crop=tuple(config.get("crop", WHOLE_PICTURE)),
    )
    for field, (sensible, remedy) in _judge(convention).items():
        if not sensible:
            value = getattr(convention, field)
            raise InputError(f"network {config.name}: {field} {value!r}; give {remedy}")
    return convention


def _judge(convention: InputConvention) -> dict[str, tuple[bool, str]]:
    """{field: (whether its value makes sense, what would)}."""
    crop = convention.crop
    inside = len(crop) == 4 and 0 <= crop[0] < crop[2] <= 1 and 0 <= crop[1] < crop[3] <= 1
    bounds = convention.input_range
    return {
        "input_size": (convention.input_size >= 1, "a number of pixels"),
        "color_order": (convention.color_order in ("RGB", "BGR"), "'RGB' or 'BGR'"),
        "input_range": (len(bounds) == 2 and bounds[0] < bounds[1], "the lower and upper bound"),
        "mean": (len(convention.mean) == 3, "one number a channel"),
        "std": (
            len(convention.std) == 3 and min(convention.std) > 0,
            "a positive number a channel",
        ),
        "crop": (inside, "left, top, right, bottom as fractions of the picture"),
    }
