"""One training step: photographs' features in, every loss term out, the decoder updated."""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import keras
import ml_collections
import tensorflow as tf

from tf_morph.regression.decoder import Decoder
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.face_colors import KEY as COLOR
from tf_morph.regression.face_colors import FaceColors
from tf_morph.regression.identity import IdentityNetwork
from tf_morph.regression.losses import (
    DRAWN_TERMS,
    TERMS,
    batch_covariance_loss,
    batch_distribution_loss,
    coefficient_distance,
    identity_loss,
    low_frequency_color_loss,
)
from tf_morph.regression.optimizer import clip_gradients
from tf_morph.regression.replicas import (
    check_shared,
    given_global_gradients,
    global_covariance,
    global_mean,
    global_moments,
    own_indices,
    own_rows,
    replica_count,
)

_SCENES, _SYNTHETIC_FACES, _SYNTHETIC_SCENES = range(3)  # streams of random numbers within a step


class StepGradients(NamedTuple):
    """What a batch asks of the decoder.

    Attributes:
      gradients: one of each trainable weight, clipped; of the whole batch, as the values are.
      values: scalars by name: the loss terms of weight above 0, not yet weighted, and diagnostics.
    """

    gradients: list[tf.Tensor]
    values: dict[str, tf.Tensor]


class TrainingStep(tf.Module):
    """Trains a decoder against frozen networks through the renderer.

    A batch, from `training_batches`: `encoder` [D, E] the encoder's features of the photographs
    read this step; `identity/NAME/OUTPUT` [D, ...] those of the identity networks, by the names
    of their entries in the config; `color` [D, ...] the photographs' `FaceColors`, where these are
    compared; `step` scalar int64.
    The first `rendered_faces` of the D photographs are drawn as well. Several replicas are given
    the same batch each, and make one step of it together (see `replicas`).

    Gradients are computed and applied one after the other, so that a batch which gives none that
    are finite can be refused with the decoder as it was before it.
    """

    def __init__(
        self,
        decoder: Decoder,
        drawer: Drawer,
        encoder: Encoder,
        identity: Sequence[IdentityNetwork],
        config: ml_collections.ConfigDict,
        optimizer: keras.optimizers.Optimizer,
    ):
        """
        Raises:
          InputError: the replicas of the strategy in whose scope it is made cannot share the batch.
        """
        super().__init__(name="training_step")
        check_shared(config.training)
        self.decoder = decoder
        self.optimizer = given_global_gradients(optimizer)
        self._drawer = drawer
        self._encoder = encoder
        self._identity = identity
        wants_colors = config.loss.low_frequency_color > 0
        self._colors = FaceColors(config.rendering.five_points) if wants_colors else None
        self._config = config

    def gradients(self, batch) -> StepGradients:
        """In each replica: the gradients of the batch's weighted loss, and the values to log."""
        with tf.GradientTape() as tape:
            terms = self.terms(batch)
            weights = self._term_weights()
            loss = tf.add_n([weight * terms[name] for name, weight in weights.items()])
            loss += tf.add_n(self.decoder.losses) if self.decoder.losses else 0.0
        gradients = tape.gradient(loss, self.decoder.trainable_variables)
        gradients, values = global_mean((gradients, terms | {"loss": loss}))
        gradients, norm = clip_gradients(gradients, self._config.training.gradient_clip_norm)
        return StepGradients(gradients, values | {"gradient_norm": norm})

    def apply(self, gradients: list[tf.Tensor]) -> None:
        """In each replica: one step of the optimiser, the same in all."""
        self.optimizer.apply(gradients, self.decoder.trainable_variables)

    def _term_weights(self) -> dict[str, float]:
        return {name: self._config.loss[name] for name in TERMS if self._config.loss[name]}

    def terms(self, batch) -> dict[str, tf.Tensor]:
        """The loss terms of weight above 0, not yet weighted, and diagnostics: scalars by name.

        Each is this replica's; their mean over the replicas is the whole batch's.
        """
        weights = self._term_weights()
        step = batch["step"]
        batch = {name: own_rows(batch[name]) for name in batch if name != "step"}
        shape, texture = self.decoder(batch["encoder"])
        coefficients = tf.concat([shape, texture], axis=1)
        mean, variance = global_moments(coefficients)
        split = shape.shape[1]
        terms = {
            "batch_shape": batch_distribution_loss(mean[:split], variance[:split]),
            "batch_texture": batch_distribution_loss(mean[split:], variance[split:]),
        }
        if "batch_covariance" in weights:
            terms["batch_covariance"] = batch_covariance_loss(global_covariance(coefficients))
        if any(name in weights for name in DRAWN_TERMS):
            terms |= self._rendered_terms(batch, shape, texture, step, weights)
        if "parameter" in weights:
            terms["parameter"] = self._parameter_loss(step)
        terms["coefficient_drift"] = tf.reduce_mean(tf.abs(mean))
        unwanted = {name for name in TERMS if name not in weights}
        return {name: value for name, value in terms.items() if name not in unwanted}

    def _rendered_terms(self, batch, shape, texture, step, weights) -> dict[str, tf.Tensor]:
        rendered, views = self._config.training.rendered_faces, self._config.training.views
        faces = rendered // replica_count()
        shape, texture = shape[:faces], texture[:faces]
        scene = self._drawer.random_scene(
            rendered * views, self._seed(step, _SCENES), own_indices(rendered, views)
        )
        images = self._drawer(shape, texture, scene)
        # A network may have several parts in a step, and is asked about the drawings once.
        seen_by = functools.cache(lambda network: network(images))
        terms = {}
        if "identity" in weights:
            terms |= self._identity_terms(batch, seen_by, faces)
        if "loopback" in weights:
            features = self._encoder.select(seen_by(self._encoder.network))
            terms["loopback"] = self._loopback_loss(features, shape, texture, views)
        if "low_frequency_color" in weights:
            terms["low_frequency_color"] = low_frequency_color_loss(
                self._colors(images)[COLOR], batch[COLOR][:faces]
            )
        return terms

    def _identity_terms(self, batch, seen_by, faces) -> dict[str, tf.Tensor]:
        """The loss by all identity networks and, where there are several, by each."""
        losses = {}
        for each in self._identity:
            photographed = {name: batch[each.key(name)][:faces] for name in each.outputs}
            losses[each.name] = identity_loss(seen_by(each.network), photographed, each.outputs)
        terms = {"identity": tf.add_n([each.share * losses[each.name] for each in self._identity])}
        if len(losses) > 1:
            terms |= {f"identity/{name}": loss for name, loss in losses.items()}
        return terms

    def _loopback_loss(self, features, shape, texture, views):
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
        shape, texture = own_rows(shape), own_rows(texture)
        scene = self._drawer.random_scene(
            faces, self._seed(step, _SYNTHETIC_SCENES), own_indices(faces)
        )
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
