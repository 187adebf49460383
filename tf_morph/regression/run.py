"""A trained run, opened for reading: photographs in, coefficients and drawings out."""

import dataclasses
from pathlib import Path

import ml_collections
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.checkpoints import LATEST, Checkpoints
from tf_morph.regression.components import (
    coefficient_counts,
    make_drawer,
    make_face_model,
    make_networks,
)
from tf_morph.regression.decoder import Decoder, make_decoder
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.identity import IdentityNetwork
from tf_morph.regression.photograph_features import encoder_features
from tf_morph.regression.run_folder import RunFolder
from tf_morph.rendering.scene import Scene

BATCH = 32


@dataclasses.dataclass(frozen=True)
class Run:
    """What a run's folder holds, loaded."""

    config: ml_collections.ConfigDict
    model: MorphableModel
    drawer: Drawer
    encoder: Encoder
    identity: tuple[IdentityNetwork, ...]
    decoder: Decoder
    steps: int

    @staticmethod
    def load(workdir: str | Path, checkpoint: str = LATEST) -> "Run":
        """Opens the run in `workdir`.

        Args:
          checkpoint: "latest", "best" by the recall of held-out people, or a number of steps.

        Raises:
          InputError: it is no run's folder or has no such checkpoint, or a file its config names is
            missing or wrong.
        """
        folder = RunFolder(workdir)
        config = folder.read_config()
        encoder, identity = make_networks(config)
        model = make_face_model(config, folder.face_model)
        decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
        steps = Checkpoints(folder, decoder).restore_decoder(checkpoint)
        drawer = make_drawer(config, model)
        return Run(config, model, drawer, encoder, identity, decoder, steps)

    def predict(
        self, images: np.ndarray, kept_as: str = "photographs"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients of photographs.

        Args:
          images: [N, S, S, 3] uint8 sRGB, cropped as the config's photographs are.
          kept_as: a word that begins the name of the cache's file of their features.

        Returns:
          (shape [N, K], texture [N, L]) in standard deviations, float32.
        """
        features = encoder_features(self.encoder, images, kept_as)
        shape, texture = self.decoder(tf.constant(features))
        return shape.numpy(), texture.numpy()

    def draw(self, shape: np.ndarray, texture: np.ndarray, scene: Scene | None = None):
        """Drawings of faces given by coefficients [N, k] and [N, l].

        Args:
          scene: of N faces; None draws them frontal, evenly lit, before a plain background.

        Returns:
          uint8 sRGB [N, H, W, 3].
        """
        if scene is None:
            scene = self.drawer.frontal_scene(len(shape))
        drawn = []
        for start in tqdm(range(0, len(shape), BATCH), desc="drawing", unit="batch", leave=False):
            rows = slice(start, start + BATCH)
            part = tf.nest.map_structure(lambda values, rows=rows: values[rows], scene)
            images = self.drawer(tf.constant(shape[rows]), tf.constant(texture[rows]), part)
            drawn.append(np.round(images.numpy() * 255.0).astype(np.uint8))
        return np.concatenate(drawn)
