"""What a second worker brings: steps a second of one worker process and of two, a core each.

python -m benchmarks.scaling [--config=configs/demo.py] [--steps=20]

Each case starts its workers anew, each pinned to a core of its own with one thread, and times the
same steps. Strong scaling shares one batch between the two; weak scaling gives them twice the
batch. Efficiency is the work done a second, over that of one worker, over the number of workers:
1 would be perfect. Both workers are on this machine, so what a network costs is not in it, and what
they share of the machine's memory and caches is. Features of photographs stand for real ones.
"""

import json
import os
import socket
import subprocess
import sys
import time

import ml_collections
import numpy as np
import tensorflow as tf
from absl import flags
from ml_collections import config_flags

from tf_morph.config import config_name
from tf_morph.errors import InputError, run_main
from tf_morph.memory import keep_freed_memory
from tf_morph.regression.components import (
    coefficient_counts,
    make_drawer,
    make_face_model,
    make_networks,
)
from tf_morph.regression.decoder import make_decoder
from tf_morph.regression.distribution import MULTI_WORKER, NONE, start_distribution
from tf_morph.regression.optimizer import make_optimizer
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.trainer import TrainingStep
from tf_morph.threads import use_threads

FLAGS = flags.FLAGS
WARM_UP = 4  # steps
SHARED = ("decoded_faces", "rendered_faces", "synthetic_faces")
# Name, workers, and how many times the config's batch.
CASES = (("one worker", 1, 1), ("two, the same batch", 2, 1), ("two, twice the batch", 2, 2))


def step_seconds(config: ml_collections.ConfigDict, steps: int) -> float:
    """In a worker: the median duration of a step that all workers make together."""
    use_threads(1)
    keep_freed_memory()
    strategy = start_distribution(config.distribution).strategy
    encoder, identity = make_networks(config)
    model = make_face_model(config, RunFolder("").face_model)
    drawer = make_drawer(config, model)
    with strategy.scope():
        decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
        optimizer = make_optimizer(config.training)
        optimizer.build(decoder.trainable_variables)
        step = TrainingStep(decoder, drawer, encoder, identity, config, optimizer)

        @tf.function
        def make(batch):
            gradients, values = strategy.run(step.gradients, args=(batch,))
            strategy.run(step.apply, args=(gradients,))
            return values["loss"]

        batch = _random_batch(config, encoder, identity)
        seconds = []
        for _ in range(WARM_UP + steps):
            begun = time.perf_counter()
            strategy.experimental_local_results(make(batch))[0].numpy()
            seconds.append(time.perf_counter() - begun)
    return float(np.median(seconds[WARM_UP:]))


def _random_batch(config, encoder, identity):
    sizes = {"encoder": encoder.size}
    for each in identity:
        sizes |= each.feature_sizes
    draw, rows = np.random.default_rng(0).normal, config.training.decoded_faces
    batch = {name: draw(size=(rows, size)).astype(np.float32) for name, size in sizes.items()}
    return batch | {"step": np.int64(1)}


def case_seconds(arguments: list[str], workers: int, times: int) -> float:
    """The slowest worker's median."""
    with socket.socket() as one, socket.socket() as other:
        sockets = (one, other)[:workers]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    command = [sys.executable, "-m", "benchmarks.scaling", *arguments, f"--times={times}"]
    cores = sorted(os.sched_getaffinity(0))
    processes = []
    for index in range(workers):
        task = {"type": "worker", "index": index}
        described = json.dumps({"cluster": {"worker": addresses}, "task": task})
        environment = os.environ | {"TF_CONFIG": described, "NUMBA_NUM_THREADS": "1"}
        pinned = ["taskset", "--cpu-list", str(cores[index % len(cores)])]
        processes.append(
            subprocess.Popen([*pinned, *command], env=environment, stdout=subprocess.PIPE)
        )
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise InputError("a worker ended early; its own output says why")
    return max(float(output.split()[-1]) for output in outputs)


def main(argv):
    config = FLAGS.config
    if FLAGS.times:  # a worker's own call
        for name in SHARED:
            config.training[name] *= FLAGS.times
        workers = json.loads(os.environ["TF_CONFIG"])["cluster"]["worker"]
        config.distribution.strategy = MULTI_WORKER if len(workers) > 1 else NONE
        print(step_seconds(config, FLAGS.steps))
        return
    arguments = [argument for argument in sys.argv[1:] if argument.startswith("--")]
    print(f"{config_name(config_flags.get_config_filename(FLAGS['config']))}, a core each:")
    alone = None
    for name, workers, times in CASES:
        seconds = case_seconds(arguments, workers, times)
        alone = alone or seconds
        gain = times * alone / seconds
        print(
            f"{name:22s} {1e3 * seconds:8.1f} ms a step; work a second {gain:5.2f} x, "
            f"efficiency {gain / workers:6.1%}",
            flush=True,
        )


def define_flags():
    config_flags.DEFINE_config_file("config", "configs/demo.py", "The run's config file.")
    flags.DEFINE_integer("steps", 20, "of each case; the median counts", lower_bound=1)
    flags.DEFINE_integer("times", 0, "set by the command itself, for its workers", lower_bound=0)


if __name__ == "__main__":
    run_main(main, define_flags=define_flags)
