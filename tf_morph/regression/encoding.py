"""The frozen encoder: which of a recognition network's outputs the decoder reads."""

import tensorflow as tf

from tf_morph.recognition.network import RecognitionNetwork


class Encoder:
    """A recognition network and the names of the outputs that are laid side by side."""

    def __init__(self, network: RecognitionNetwork, outputs: tuple[str, ...]):
        self.network = network
        self.outputs = outputs

    @property
    def size(self) -> int:
        """E, how many features there are."""
        return sum(self.network.output_sizes[name] for name in self.outputs)

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        """Features [B, E] of sRGB images [B, H, W, 3] in [0, 1]."""
        return self.select(self.network(images))

    def select(self, outputs: dict[str, tf.Tensor]) -> tf.Tensor:
        """Features [B, E] from a network's outputs, name to [B, D]."""
        return tf.concat([outputs[name] for name in self.outputs], axis=-1)
