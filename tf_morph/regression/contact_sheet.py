"""Photographs beside the faces read from them."""

import numpy as np
import tensorflow as tf

from tf_morph.regression.decoder import Decoder
from tf_morph.regression.drawing import Drawer
from tf_morph.rendering.scene import Scene

TURN_RADIANS = np.deg2rad(35.0)


class ContactSheet:
    """Columns of photograph over frontal drawing over drawing turned by 35 degrees."""

    def __init__(self, decoder: Decoder, drawer: Drawer, images: np.ndarray, features: np.ndarray):
        """
        Args:
          images: [N, S, S, 3] uint8 sRGB photographs.
          features: [N, E] the encoder's features of them.
        """
        self._decoder, self._drawer = decoder, drawer
        self._images, self._features = images, features

    def draw(self) -> np.ndarray:
        """The sheet, uint8 sRGB [3 H, N W, 3]."""
        shape, texture = self._decoder(tf.constant(self._features))
        scene = self._drawer.frontal_scene(len(self._images))
        rows = [self._photographs()]
        for view in (scene, turned(scene, TURN_RADIANS)):
            drawn = self._drawer(shape, texture, view).numpy()
            rows.append(np.round(drawn * 255.0).astype(np.uint8))
        return np.concatenate([np.concatenate(list(row), axis=1) for row in rows], axis=0)

    def _photographs(self) -> np.ndarray:
        size = (self._drawer.renderer.height, self._drawer.renderer.width)
        resized = tf.image.resize(tf.cast(self._images, tf.float32), size, antialias=True)
        return np.clip(np.round(resized.numpy()), 0, 255).astype(np.uint8)


def turned(scene: Scene, yaw_radians: float) -> Scene:
    """The scene with every face turned about its vertical axis."""
    offset = tf.constant([[yaw_radians, 0.0, 0.0]], tf.float32)
    return scene._replace(yaw_pitch_roll=scene.yaw_pitch_roll + offset)
