"""Of a trained run what reads photographs: neither its photographs nor its other networks."""

import dataclasses
from pathlib import Path

import ml_collections

from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.checkpoints import LATEST, Checkpoints
from tf_morph.regression.components import (
    coefficient_counts,
    make_encoder,
    make_face_model,
    prepare_world,
)
from tf_morph.regression.decoder import Decoder, make_decoder
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.run_folder import RunFolder


@dataclasses.dataclass(frozen=True)
class RunParts:
    """What maps a face's picture to coefficients, and those to a head."""

    name: str
    config: ml_collections.ConfigDict
    model: MorphableModel
    encoder: Encoder
    decoder: Decoder


def open_run(workdir: str | Path, checkpoint: str = LATEST) -> RunParts:
    """Opens a run's folder.

    Args:
      checkpoint: see `Checkpoints.restore_decoder`.

    Raises:
      InputError: it is no run's folder or has no such checkpoint, or a file its config names is
        missing or wrong.
    """
    folder = RunFolder(workdir)
    config = folder.read_config()
    prepare_world(config)
    model = make_face_model(config, folder.face_model)
    encoder = make_encoder(config)
    decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
    Checkpoints(folder, decoder).restore_decoder(checkpoint)
    return RunParts(str(workdir), config, model, encoder, decoder)
