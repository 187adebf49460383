"""One training step: photographs' features in, every loss term tracked, the decoder updated."""

import keras
import ml_collections
import tensorflow as tf

from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.regression.decoder import Decoder
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.encoding import Encoder, identity_key
from tf_morph.regression.losses import (
    TERMS,
    batch_distribution_loss,
    coefficient_distance,
    identity_loss,
)

_SCENES, _SYNTHETIC_FACES, _SYNTHETIC_SCENES = range(3)  # streams of random numbers within a step


class RegressorTrainer(keras.Model):
    """Trains a decoder against frozen networks through the renderer.

    A batch, from `training_batches`: `encoder` [D, E] the encoder's features of the photographs
    read this step; `identity/NAME` [D, ...] the identity network's; `step` scalar int64.
    The first `rendered_faces` of the D photographs are drawn as well.
    """

    def __init__(
        self,
        decoder: Decoder,
        drawer: Drawer,
        encoder: Encoder,
        identity: RecognitionNetwork,
        config: ml_collections.ConfigDict,
    ):
        super().__init__(name="regressor")
        self.decoder = decoder
        self._drawer = drawer
        self._encoder = encoder
        self._identity = identity
        self._config = config
        self._trackers = {
            name: keras.metrics.Mean(name=name) for name in (*self._term_weights(), *_DIAGNOSTICS)
        }

    @property
    def metrics(self):
        return list(self._trackers.values())

    def train_step(self, batch):
        with tf.GradientTape() as tape:
            terms = self.terms(batch)
            weights = self._term_weights()
            loss = tf.add_n([weight * terms[name] for name, weight in weights.items()])
            loss += tf.add_n(self.decoder.losses) if self.decoder.losses else 0.0
        gradients = tape.gradient(loss, self.decoder.trainable_variables)
        gradients, norm = tf.clip_by_global_norm(
            gradients, self._config.training.gradient_clip_norm
        )
        self.optimizer.apply(gradients, self.decoder.trainable_variables)
        for name, value in (terms | {"loss": loss, "gradient_norm": norm}).items():
            self._trackers[name].update_state(value)
        return {name: tracker.result() for name, tracker in self._trackers.items()}

    def _term_weights(self) -> dict[str, float]:
        return {name: self._config.loss[name] for name in TERMS if self._config.loss[name]}

    def terms(self, batch) -> dict[str, tf.Tensor]:
        """The loss terms of weight above 0, not yet weighted, and diagnostics: scalars by name."""
        weights = self._term_weights()
        shape, texture = self.decoder(batch["encoder"])
        terms = {
            "batch_shape": batch_distribution_loss(shape),
            "batch_texture": batch_distribution_loss(texture),
        }
        if "identity" in weights or "loopback" in weights:
            terms |= self._rendered_terms(batch, shape, texture)
        if "parameter" in weights:
            terms["parameter"] = self._parameter_loss(batch["step"])
        diagnostics = {
            "coefficient_drift": tf.reduce_mean(
                tf.abs(tf.reduce_mean(tf.concat([shape, texture], axis=1), axis=0))
            )
        }
        return {name: terms[name] for name in weights} | diagnostics

    def _rendered_terms(self, batch, shape, texture) -> dict[str, tf.Tensor]:
        faces, views = self._config.training.rendered_faces, self._config.training.views
        shape, texture = shape[:faces], texture[:faces]
        scene = self._drawer.random_scene(faces * views, self._seed(batch["step"], _SCENES))
        images = self._drawer(shape, texture, scene)
        identity_features = self._identity(images)
        photographed = {
            name: batch[identity_key(name)][:faces] for name in self._config.identity_outputs
        }
        return {
            "identity": identity_loss(
                identity_features, photographed, tuple(self._config.identity_outputs)
            ),
            "loopback": self._loopback_loss(images, identity_features, shape, texture, views),
        }

    def _loopback_loss(self, images, identity_features, shape, texture, views):
        if not self._config.loss.loopback:
            return tf.constant(0.0)
        if self._encoder.network is self._identity:
            features = self._encoder.select(identity_features)
        else:
            features = self._encoder(images)
        shape, texture = (tf.repeat(values, views, axis=0) for values in (shape, texture))
        stop = self._config.loss.loopback_stop_gradient
        if stop == "coefficients":
            shape, texture = tf.stop_gradient(shape), tf.stop_gradient(texture)
        elif stop == "rendering":
            features = tf.stop_gradient(features)
        return self._coefficient_distance(features, shape, texture)

    def _parameter_loss(self, step):
        faces = self._config.training.synthetic_faces
        seed = self._seed(step, _SYNTHETIC_FACES)
        shape = tf.random.stateless_normal((faces, self.decoder.shape_components), seed)
        texture = tf.random.stateless_normal((faces, self.decoder.texture_components), seed + 1)
        scene = self._drawer.random_scene(faces, self._seed(step, _SYNTHETIC_SCENES))
        features = self._encoder(self._drawer(shape, texture, scene))
        return self._coefficient_distance(tf.stop_gradient(features), shape, texture)

    def _coefficient_distance(self, features, shape, texture):
        read_shape, read_texture = self.decoder(features)
        loss = self._config.loss
        return coefficient_distance(
            read_shape, read_texture, shape, texture, loss.shape_weight, loss.texture_weight
        )

    def _seed(self, step, stream: int) -> tf.Tensor:
        """Stateless seed [2] int32 of one stream of random numbers in one step."""
        pair = tf.stack([tf.constant(self._config.seed, tf.int32), tf.cast(step, tf.int32)])
        return tf.random.experimental.stateless_fold_in(pair, stream)


_DIAGNOSTICS = ("loss", "gradient_norm", "coefficient_drift")
