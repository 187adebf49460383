"""Of a trained run what reads photographs: neither its photographs nor its other networks."""

import dataclasses
import functools
import hashlib
import json
from pathlib import Path

import ml_collections
import numpy as np
import tensorflow as tf

from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.checkpoints import LATEST, Checkpoints
from tf_morph.regression.components import (
    coefficient_counts,
    make_encoder,
    make_face_model,
)
from tf_morph.regression.decoder import Decoder, make_decoder
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.run_folder import RunFolder

_PROBED = 12  # vertices
_TOLERANCE = 0.25  # mm, and of 255


@dataclasses.dataclass(frozen=True)
class RunParts:
    """What maps a face's picture to coefficients, and those to a head.

    Attributes:
      name: what to call it, such as the run's folder.
    """

    name: str
    config: ml_collections.ConfigDict
    model: MorphableModel
    encoder: Encoder
    decoder: Decoder

    def read(self, crops: tf.Tensor) -> dict[str, tf.Tensor]:
        """Heads of crops uint8 sRGB [B, S, S, 3].

        Returns:
          float32 `shape` [B, K] and `texture` [B, L], in standard deviations; `vertices` [B, V, 3],
          mm, neutral; `colors` [B, V, 3], sRGB-coded albedo in [0, 1].
        """
        shape, texture = self.decoder(self.encoder(tf.cast(crops, tf.float32) / 255.0))
        return {
            "shape": shape,
            "texture": texture,
            "vertices": self.model.vertices(shape),
            "colors": tf.clip_by_value(self.model.albedo(texture), 0.0, 1.0),
        }

    @functools.cached_property
    def fingerprint(self) -> str:
        """Hex; equal where the same pictures give the same heads, else different."""
        digest = hashlib.sha256(self.encoder.network.fingerprint.encode())
        digest.update(json.dumps(self.encoder.outputs).encode())
        for weight in self.decoder.weights:
            digest.update(np.ascontiguousarray(weight.numpy()).data)
        digest.update(model_fingerprint(self.model).encode())
        return digest.hexdigest()


def model_probe(model: MorphableModel) -> list[float]:
    """Places (mm) and colours (of 255) of some vertices of a fixed random head: nearly equal for
    face models of the same numbers, and for one that was made anew on another machine, whose last
    digits differ."""
    generator = np.random.default_rng(0)
    parts = (model.vertices, model.shape, 1.0), (model.albedo, model.color, 255.0)
    values = []
    for function, basis, unit in parts:
        coefficients = generator.standard_normal((1, basis.num_components)).astype(np.float32)
        seen = generator.integers(model.num_vertices, size=_PROBED)
        values.append(unit * function(coefficients).numpy()[0, seen].ravel())
    return [round(float(value), 3) for value in np.concatenate(values)]


def same_model(model: MorphableModel, probe: list[float]) -> bool:
    """Whether the model is the one of which `model_probe` gave `probe`."""
    own = model_probe(model)
    return len(own) == len(probe) and bool(np.allclose(own, probe, rtol=0, atol=_TOLERANCE))


def model_fingerprint(model: MorphableModel) -> str:
    """Hex; equal for face models of the same numbers, wherever they were read from."""
    digest = hashlib.sha256()
    for basis in (model.shape, model.color, model.expression):
        for array in (basis.mean, basis.basis, basis.standard_deviations) if basis else ():
            digest.update(f"{array.dtype} {array.shape}".encode())
            digest.update(array.data)
    digest.update(model.triangles.data)
    return digest.hexdigest()


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
    model = make_face_model(config, folder.face_model)
    encoder = make_encoder(config)
    decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
    Checkpoints(folder, decoder).restore_decoder(checkpoint)
    return RunParts(str(workdir), config, model, encoder, decoder)
