"""A regressor as a SavedModel that TensorFlow alone can run."""

import shutil
from pathlib import Path

import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from tf_morph.atomic import whole_file
from tf_morph.reconstruction.run_parts import RunParts


def write_saved_model(folder: Path, parts: RunParts) -> None:
    """Writes a SavedModel, whole or not at all.

    Its `serving_default` takes `image`, uint8 [B, S, S, 3], crops as the config has them, sRGB, and
    gives float32 `shape` [B, K] and `texture` [B, L] in standard deviations, `vertices` [B, V, 3]
    mm and `colors` [B, V, 3] sRGB-coded in [0, 1]. Its signature `mesh` takes nothing and gives
    `triangles`, int32 [T, 3].

    Args:
      folder: a new one.
      parts: the regressor.

    Raises:
      OSError: it cannot be written.
    """
    module = tf.Module()
    size = parts.config.photographs.size
    image = tf.TensorSpec([None, size, size, 3], tf.uint8, name="image")
    # As constants, for the networks hand out no variables that could be saved.
    read = tf.function(lambda image: parts.read(image), input_signature=[image])
    concrete = read.get_concrete_function()
    frozen = convert_variables_to_constants_v2(concrete)

    def serve(image):
        return tf.nest.pack_sequence_as(concrete.structured_outputs, frozen(image))

    module.serve = tf.function(serve, input_signature=[image])
    triangles = parts.model.triangles
    module.mesh = tf.function(lambda: {"triangles": tf.constant(triangles)}, input_signature=[])
    with whole_file(folder) as temporary:
        try:
            signatures = {"serving_default": module.serve, "mesh": module.mesh}
            tf.saved_model.save(module, str(temporary), signatures=signatures)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
