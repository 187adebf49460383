"""Where a training step's time goes: the whole step, and each of its parts by itself.

python -m benchmarks.training_step [--config=configs/demo.py] [--steps=40] [--json=FILE]

Parts are timed on the same inputs, in the same process, each as a function of its own, so their sum
is not quite the step: TensorFlow overlaps what it can, and memory is warmer in a small function.
`outside recognition` is what the bare recognition passes leave of the step. Features of photographs
stand for real ones: neither the step's time nor its parts depend on their values. Then the stages
of drawing the faces that have a gradient, forward, and forward and backward where they have one.
At last some steps as training makes them, reading their batches: how long they wait for input.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import ml_collections
import numpy as np
import tensorflow as tf
from absl import flags
from ml_collections import config_flags

from benchmarks.drawing_stages import drawing_stages, forward_and_backward
from tf_morph.atomic import whole_file
from tf_morph.config import config_name
from tf_morph.errors import run_main
from tf_morph.memory import keep_freed_memory
from tf_morph.regression.batches import training_batches
from tf_morph.regression.coarse_drawing import coarse_drawer
from tf_morph.regression.components import (
    coefficient_counts,
    make_drawer,
    make_face_model,
    make_networks,
    prepare_world,
)
from tf_morph.regression.decoder import make_decoder
from tf_morph.regression.losses import batch_distribution_loss
from tf_morph.regression.optimizer import make_optimizer
from tf_morph.regression.trainer import TrainingStep

FLAGS = flags.FLAGS
WARM_UP = 5  # steps
_PHOTOGRAPHS = 5000  # that training reads of
WITHOUT_GRADIENT = ("random scenes", "visibility")
WHOLE, RECOGNITION, RENDERER = "step", "recognition, bare", "renderer alone"


class Step:
    """A config's training step and, as functions of their own, its parts."""

    def __init__(self, config: ml_collections.ConfigDict):
        self._config = config
        prepare_world(config)
        self.encoder, self.identity = make_networks(config)
        with tempfile.TemporaryDirectory() as nothing_converted:
            model = make_face_model(config, Path(nothing_converted) / "face_model.h5")
        whole = make_drawer(config, model)
        self.drawer = coarse_drawer(whole, config.training.drawn_triangles)
        decoder = make_decoder(config, self.encoder.size, *coefficient_counts(config, model))
        optimizer = make_optimizer(config.training)
        optimizer.build(decoder.trainable_variables)
        self.trainer = TrainingStep(
            decoder, self.drawer, self.encoder, self.identity, config, optimizer
        )
        settings, loss = config.training, config.loss
        self.views = settings.views
        self.drawn = settings.rendered_faces * settings.views
        self.synthetic = settings.synthetic_faces if loss.parameter else 0
        # The encoder reads the drawings anew only where it is none of the identity networks.
        self.compared = list(dict.fromkeys(each.network for each in self.identity))
        same = self.encoder.network in self.compared
        self.read_again = self.drawn if loss.loopback and not same else 0
        self.through_encoder = self.read_again and loss.loopback_stop_gradient != "rendering"
        self.batch = self._batch()

    def _features(self, count: int) -> dict[str, np.ndarray]:
        draw = np.random.default_rng(0).standard_normal
        features = {"encoder": draw((count, self.encoder.size), np.float32)}
        for each in self.identity:
            for name, size in each.feature_sizes.items():
                features[name] = draw((count, size), np.float32)
        return features

    def _batch(self) -> dict[str, tf.Tensor]:
        features = self._features(self._config.training.decoded_faces)
        tensors = {name: tf.constant(values) for name, values in features.items()}
        return tensors | {"step": tf.constant(1, tf.int64)}

    def input_wait(self, steps: int) -> float:
        """The share of the time of so many steps that is spent waiting for their batches."""
        settings, compiled = self._config.training, tf.function(self._step)
        batches = training_batches(
            self._features(_PHOTOGRAPHS), 0, settings.decoded_faces, 0, WARM_UP + steps
        )
        waited, whole = [], []
        iterator = iter(batches)
        for _ in range(WARM_UP + steps):
            start = time.perf_counter()
            batch = next(iterator)
            waited.append(time.perf_counter() - start)
            tf.nest.map_structure(lambda tensor: tensor.numpy(), compiled(batch))
            whole.append(time.perf_counter() - start)
        return sum(waited[WARM_UP:]) / sum(whole[WARM_UP:])

    def parts(self) -> dict[str, Callable[[], object]]:
        """Functions without arguments by what they do; `step` is the whole."""
        images, known = self._pictures(self.drawn), self._pictures(self.synthetic)
        faces = self._coefficients(self.drawn // self.views)
        # Everything comes in as arguments: TensorFlow works out beforehand what is constant.
        seed, batch = tf.constant([0, 3]), self.batch
        parts = {
            WHOLE: _bound(self._step, batch),
            RECOGNITION: _bound(self._recognition, images, known),
            "drawing, forward and backward": _bound(self._drawing, *faces, seed),
            "decoder and its losses": _bound(self._decoding, batch["encoder"]),
        }
        parts[f"{RENDERER}, forward and backward"] = _bound(
            forward_and_backward(self._render(self.drawn, seed)), *self._faces(self.drawn)
        )
        if self.synthetic:
            parts[f"{RENDERER}, known faces, forward"] = _bound(
                self._render(self.synthetic, seed), *self._faces(self.synthetic)
            )
            parts["drawing of known faces, forward"] = _bound(
                lambda *faces: self._draw(self.synthetic, *faces),
                *self._coefficients(self.synthetic),
                seed,
            )
        return parts

    def stages(self) -> dict[str, Callable[[], object]]:
        """The stages of drawing, as `parts`; with gradients under names that begin with "and"."""
        if self.drawer.renderer.surround is None:
            return {}
        faces = self._coefficients(self.drawn)
        stages = drawing_stages(self.drawer, *faces, tf.constant([0, 3]))
        timed = {}
        for name, stage in stages.items():
            timed[name] = _bound(stage.function, *stage.inputs)
            if name not in WITHOUT_GRADIENT:
                timed[f"and back: {name}"] = _bound(
                    forward_and_backward(stage.function), *stage.inputs
                )
        return timed

    def _faces(self, count):
        shape, texture = self._coefficients(count)
        return self.drawer.model.vertices(shape), self.drawer.model.albedo(texture)

    def _render(self, count, seed):
        scene = self.drawer.random_scene(count, seed)
        return lambda vertices, albedo: self.drawer.renderer(vertices, albedo, scene).image

    def _step(self, batch):
        gradients, values = self.trainer.gradients(batch)
        self.trainer.apply(gradients)
        return values

    def _pictures(self, count):
        size = self.drawer.renderer.height
        return tf.random.stateless_uniform([count, size, size, 3], [0, 1])

    def _recognition(self, images, known):
        results = []
        with tf.GradientTape() as tape:
            tape.watch(images)
            outputs = [value for each in self.compared for value in each(images).values()]
            if self.through_encoder:
                outputs.append(self.encoder(images))
            total = tf.add_n([tf.reduce_sum(value) for value in outputs])
        results.append(tape.gradient(total, images))
        if self.read_again and not self.through_encoder:
            results.append(self.encoder(images))
        if self.synthetic:
            results.append(self.encoder(known))
        return results

    def _coefficients(self, faces):
        decoder = self.trainer.decoder
        shape = tf.random.stateless_normal([faces, decoder.shape_components], [0, 4])
        return shape, tf.random.stateless_normal([faces, decoder.texture_components], [0, 5])

    def _draw(self, count, shape, texture, seed):
        return self.drawer(shape, texture, self.drawer.random_scene(count, seed))

    def _drawing(self, shape, texture, seed):
        with tf.GradientTape() as tape:
            tape.watch([shape, texture])
            images = self._draw(self.drawn, shape, texture, seed)
            total = tf.reduce_sum(images * images)
        return tape.gradient(total, [shape, texture])

    def _decoding(self, features):
        decoder = self.trainer.decoder
        with tf.GradientTape() as tape:
            moments = [tf.nn.moments(part, axes=[0]) for part in decoder(features)]
            losses = [batch_distribution_loss(*part) for part in moments]
            total = tf.add_n(losses + decoder.losses)
        return tape.gradient(total, decoder.trainable_variables)


def _bound(function, *arguments) -> Callable[[], object]:
    """The function, compiled, of these arguments; done when its results are there."""
    compiled = tf.function(function)
    return lambda: tf.nest.map_structure(lambda tensor: tensor.numpy(), compiled(*arguments))


def measure(parts: dict[str, Callable[[], object]], steps: int) -> dict[str, float]:
    """Milliseconds of each part: the median of `steps` calls, taken turn by turn."""
    times = {name: [] for name in parts}
    for turn in range(WARM_UP + steps):
        for name, function in parts.items():
            start = time.perf_counter()
            function()
            if turn >= WARM_UP:
                times[name].append(1e3 * (time.perf_counter() - start))
    return {name: float(np.median(values)) for name, values in times.items()}


def main(argv):
    del argv
    name = config_name(config_flags.get_config_filename(FLAGS["config"]))
    keep_freed_memory()  # as train.py does
    step = Step(FLAGS.config)
    milliseconds = measure(step.parts(), FLAGS.steps)
    stages = measure(step.stages(), FLAGS.steps)
    waiting = step.input_wait(FLAGS.steps)
    whole, bare = milliseconds[WHOLE], milliseconds[RECOGNITION]
    print(
        f"{name}: {step.drawn} drawings with gradient, {step.synthetic} without, "
        f"{step.drawer.renderer.height} pixels, {os.cpu_count()} cores"
    )
    for part, value in milliseconds.items():
        print(f"{part:38s} {value:8.1f} ms {value / whole:8.1%}")
    print(f"{'outside recognition':38s} {whole - bare:8.1f} ms {1 - bare / whole:8.1%}")
    print(f"{'step over bare recognition':38s} {whole / bare:8.2f}")
    print(f"{'waiting for input':38s} {waiting:17.1%}")
    print(f"stages of {step.drawn} drawings:")
    for stage, value in stages.items():
        print(f"{stage:46s} {value:6.1f} ms")
    if FLAGS.json:
        results = {"config": name, "milliseconds": milliseconds, "stages": stages}
        results["input_wait"] = waiting
        with whole_file(Path(FLAGS.json)) as temporary:
            temporary.write_text(json.dumps(results) + "\n")


def define_flags():
    config_flags.DEFINE_config_file("config", "configs/demo.py", "The run's config file.")
    flags.DEFINE_integer("steps", 40, "of each part; the median counts", lower_bound=1)
    flags.DEFINE_string("json", None, "a file to write the milliseconds to")


if __name__ == "__main__":
    run_main(main, define_flags=define_flags)
