"""What a config may say beyond what its types hold."""

import ml_collections

from tf_morph.errors import InputError

GRADIENT_STOPS = ("coefficients", "rendering", "none")


def check_config(config: ml_collections.ConfigDict) -> None:
    """Checks a training run's config before anything is made from it.

    Raises:
      InputError: a field's value makes no sense; the line names the field and what it may be.
    """
    training, loss = config.training, config.loss
    for name in ("steps", "decoded_faces", "rendered_faces", "views", "log_every"):
        _require(training[name] >= 1, f"training.{name}", training[name], "at least 1")
    for name in ("picture_every", "checkpoint_every", "keep_checkpoints", "synthetic_faces"):
        _require(training[name] >= 1, f"training.{name}", training[name], "at least 1")
    _require(
        training.rendered_faces <= training.decoded_faces,
        "training.rendered_faces",
        training.rendered_faces,
        f"at most training.decoded_faces, {training.decoded_faces}",
    )
    for name in ("identity", "batch_shape", "batch_texture", "loopback", "parameter"):
        _require(loss[name] >= 0, f"loss.{name}", loss[name], "0 or more")
    _require(
        loss.loopback_stop_gradient in GRADIENT_STOPS,
        "loss.loopback_stop_gradient",
        loss.loopback_stop_gradient,
        f"one of {', '.join(GRADIENT_STOPS)}",
    )
    for network in ("encoder", "identity"):
        names = tuple(config[network].outputs)
        for output in config[f"{network}_outputs"]:
            _require(output in names, f"{network}_outputs", output, f"among {', '.join(names)}")


def _require(holds: bool, field: str, value, wanted: str) -> None:
    if not holds:
        raise InputError(f"config: {field} is {value!r}; it must be {wanted}")
