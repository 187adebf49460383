"""Times the renderer: a mesh of a face's size, forward and with gradients.

python -m benchmarks.rendering [--triangles=22000] [--size=112] [--batch=24]
"""

import os
import time

import numpy as np
import tensorflow as tf
from absl import flags

from tf_morph.errors import run_main
from tf_morph.rendering import (
    Renderer,
    build_surround,
    default_distribution,
    fit_framing,
    sample_scene,
)

FLAGS = flags.FLAGS
flags.DEFINE_integer("triangles", 22_000, "about how many the face has", lower_bound=2)
flags.DEFINE_integer("size", 112, "of the pictures, in pixels", lower_bound=1)
flags.DEFINE_integer("batch", 24, "pictures at a time", lower_bound=1)
flags.DEFINE_integer("repeats", 10, "the fastest counts", lower_bound=1)
flags.DEFINE_bool("surround", True, "hair, neck and clothes, too")

_FIVE_POINTS = np.array([[-32.0, 35, 72], [32, 35, 72], [0, 0, 105], [-25, -35, 72], [25, -35, 72]])
_TARGETS = np.array([[0.35, 0.45], [0.65, 0.45], [0.5, 0.63], [0.37, 0.78], [0.63, 0.78]])


def face_like_mesh(triangles: int) -> tuple[np.ndarray, np.ndarray]:
    """The front half of an ellipsoid of a head's size, evenly divided: vertices and triangles."""
    side = max(2, round((triangles / 2) ** 0.5) + 1)
    azimuth, elevation = np.meshgrid(np.linspace(-1.5, 1.5, side), np.linspace(-1.3, 1.3, side))
    vertices = np.stack(
        [
            78 * np.sin(azimuth) * np.cos(elevation),
            110 * np.sin(elevation),
            100 * np.cos(azimuth) * np.cos(elevation),
        ],
        axis=-1,
    )
    index = np.arange(side * side, dtype=np.int32).reshape(side, side)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    quads = [np.stack(corners, -1).reshape(-1, 3) for corners in ((a, b, c), (a, c, d))]
    return vertices.reshape(-1, 3).astype(np.float32), np.concatenate(quads)


def main(argv):
    del argv
    size, batch = FLAGS.size, FLAGS.batch
    mean, triangles = face_like_mesh(FLAGS.triangles)
    framing = fit_framing(_FIVE_POINTS, _TARGETS * size, size, 20.0)
    surround = build_surround(mean, triangles, _FIVE_POINTS) if FLAGS.surround else None
    renderer = Renderer(triangles, size, size, framing, surround)
    scene = sample_scene(default_distribution(), batch, size, size, tf.constant([0, 1]))
    vertices = tf.constant(np.repeat(mean[np.newaxis], batch, 0))
    albedo = tf.fill(vertices.shape, 0.4)

    @tf.function
    def forward(vertices, albedo):
        return renderer(vertices, albedo, scene).image

    @tf.function
    def forward_and_backward(vertices, albedo):
        with tf.GradientTape() as tape:
            tape.watch((vertices, albedo))
            loss = tf.reduce_mean(renderer(vertices, albedo, scene).image ** 2)
        return tape.gradient(loss, (vertices, albedo))

    drawn = len(triangles) + (len(surround.triangles) if surround else 0)
    print(f"{drawn} triangles, {size} x {size}, batch {batch}, {os.cpu_count()} cores")
    for name, step in (("forward", forward), ("forward and backward", forward_and_backward)):
        milliseconds = 1e3 * _fastest(step, vertices, albedo)
        print(f"{name}: {milliseconds:.1f} ms, {milliseconds / batch:.2f} ms a picture")


def _fastest(step, *inputs) -> float:
    """Seconds; the first call, which compiles, does not count."""
    step(*inputs)
    times = []
    for _ in range(FLAGS.repeats):
        start = time.perf_counter()
        step(*inputs)
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    run_main(main)
