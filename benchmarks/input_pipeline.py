"""How fast training is fed, from memory and from shards, and what share of a step waits for it.

python -m benchmarks.input_pipeline [--config=configs/demo.py] [--photographs=20000] [--steps=20]

Random numbers stand for features, as long as the config's: neither reading nor a step's time
depends on their values. First batches are read as fast as they come; then the config's real
training step is made on each, and what is waited for a batch is timed apart.
"""

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import ml_collections
import numpy as np
import tensorflow as tf
from absl import flags
from ml_collections import config_flags

from benchmarks.training_step import Step
from tf_morph.config import config_name
from tf_morph.errors import run_main
from tf_morph.memory import keep_freed_memory
from tf_morph.photographs.folders import Photographs
from tf_morph.photographs.prepared.folder import PreparedFolder
from tf_morph.photographs.prepared.recipe import Recipe
from tf_morph.photographs.prepared.records import feature_record
from tf_morph.photographs.prepared.windows import FeatureShards
from tf_morph.regression.batches import training_batches
from tf_morph.regression.prepared_features import PreparedFeatures, prepared_features, recipe_of

FLAGS = flags.FLAGS
SHARD = 1024  # photographs
WARM_UP = 5  # steps


def make_shards(folder: Path, recipe: Recipe, photographs: int) -> PreparedFolder:
    """A prepared folder of random features, without images."""
    random = np.random.default_rng(0)
    shards, rows = np.divmod(np.arange(photographs), SHARD)
    counts = np.bincount(shards)
    files = [str(folder / f"{number}.features") for number in range(len(counts))]
    for file, count in zip(files, counts, strict=True):
        with tf.io.TFRecordWriter(file) as writer:
            for _ in range(count):
                values = {
                    key: random.normal(size=(recipe.variants, size)).astype(np.float32)
                    for key, size in recipe.feature_sizes.items()
                }
                writer.write(feature_record(values))
    return PreparedFolder(
        path=folder,
        recipe=recipe,
        photographs=Photographs(("",) * photographs, ("",) * photographs),
        people=frozenset(),
        shards=shards,
        rows=rows,
        offsets=np.zeros(photographs, np.int64),
        image_files=(),
        feature_files=tuple(files),
        counts=counts,
    )


def in_memory(features: PreparedFeatures) -> dict[str, np.ndarray]:
    """The same features as arrays."""
    batch = next(iter(training_batches(features, 0, len(features.shards), 0, 1)))
    return {name: values.numpy() for name, values in batch.items() if name != "step"}


def batches_a_second(features, config: ml_collections.ConfigDict, batches: int) -> float:
    """Batches as fast as they come, once the first is there."""
    decoded = config.training.decoded_faces
    iterator = iter(training_batches(features, config.seed, decoded, 0, batches + 1))
    next(iterator)
    start = time.perf_counter()
    for _ in iterator:
        pass
    return batches / (time.perf_counter() - start)


def waiting(
    features, config: ml_collections.ConfigDict, compute, steps: int
) -> tuple[float, float]:
    """(seconds waited for batches, seconds of all steps), after a few steps to warm up."""
    last = WARM_UP + steps
    iterator = iter(training_batches(features, config.seed, config.training.decoded_faces, 0, last))
    waited, begun = 0.0, 0.0
    for number in range(last):
        if number == WARM_UP:
            waited, begun = 0.0, time.perf_counter()
        start = time.perf_counter()
        batch = next(iterator)
        waited += time.perf_counter() - start
        compute(batch).numpy()
    return waited, time.perf_counter() - begun


def main(argv):
    del argv
    config = FLAGS.config
    keep_freed_memory()  # as train.py does
    step = Step(config)

    @tf.function
    def compute(batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        gradients, values = step.trainer.gradients(batch)
        step.trainer.apply(gradients)
        return values["loss"]

    with tempfile.TemporaryDirectory() as temporary:
        recipe = recipe_of(config, step.encoder, step.identity)
        folder = make_shards(Path(temporary), recipe, FLAGS.photographs)
        shards = FeatureShards(folder, np.arange(FLAGS.photographs), recipe.mirrored)
        sharded = prepared_features(shards, step.encoder, step.identity)
        kinds = {"memory": in_memory(sharded), "shards": sharded}
        name = config_name(config_flags.get_config_filename(FLAGS["config"]))
        print(
            f"{name}: {config.training.decoded_faces} photographs a step, of {FLAGS.photographs:,} "
            f"in {len(folder.counts)} shards, {os.cpu_count()} cores"
        )
        epoch = len(shards) // config.training.decoded_faces
        for kind, features in kinds.items():
            rate = batches_a_second(features, config, 2 * epoch)
            waited, seconds = waiting(features, config, compute, FLAGS.steps)
            print(
                f"{kind}: {rate:8,.0f} batches a second; training takes "
                f"{FLAGS.steps / seconds:.1f}, and waits for them {waited / seconds:.2%} of it"
            )


def define_flags():
    config_flags.DEFINE_config_file("config", "configs/demo.py", "The run's config file.")
    flags.DEFINE_integer("photographs", 20_000, "in the shards", lower_bound=SHARD)
    flags.DEFINE_integer("steps", 20, "made on batches of each kind", lower_bound=1)


if __name__ == "__main__":
    run_main(main, define_flags=define_flags)
