"""Times the renderer: a mesh of a face's size, forward and with gradients.

python -m benchmarks.rendering [--triangles=22000] [--size=112] [--batch=24]
"""

import os

import numpy as np
import tensorflow as tf
from absl import flags

from benchmarks.meshes import FIVE_POINTS, face_like_mesh, head_framing
from benchmarks.timing import fastest_seconds
from tf_morph.errors import run_main
from tf_morph.rendering import Renderer, build_surround, default_distribution, sample_scene

FLAGS = flags.FLAGS
flags.DEFINE_integer("triangles", 22_000, "about how many the face has", lower_bound=2)
flags.DEFINE_integer("size", 112, "of the pictures, in pixels", lower_bound=1)
flags.DEFINE_integer("batch", 24, "pictures at a time", lower_bound=1)
flags.DEFINE_integer("repeats", 10, "the fastest counts", lower_bound=1)
flags.DEFINE_bool("surround", True, "hair, neck and clothes, too")


def main(argv):
    del argv
    size, batch = FLAGS.size, FLAGS.batch
    mean, triangles = face_like_mesh(FLAGS.triangles)
    framing = head_framing(size)
    surround = build_surround(mean, triangles, FIVE_POINTS) if FLAGS.surround else None
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
        seconds = fastest_seconds(lambda step=step: step(vertices, albedo), FLAGS.repeats)
        milliseconds = 1e3 * seconds
        print(f"{name}: {milliseconds:.1f} ms, {milliseconds / batch:.2f} ms a picture")


if __name__ == "__main__":
    run_main(main)
