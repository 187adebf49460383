"""The networks the world publishes weights for: definitions that published files fit."""

from collections.abc import Mapping

from tf_morph.recognition.architectures.architecture import (
    Architecture,
    keras_name,
    published_name,
    weighted_layers,
    with_outputs,
)
from tf_morph.recognition.architectures.vgg16 import VGG16

ARCHITECTURES: Mapping[str, Architecture] = {
    architecture.name: architecture for architecture in (VGG16,)
}

__all__ = [
    "ARCHITECTURES",
    "Architecture",
    "keras_name",
    "published_name",
    "weighted_layers",
    "with_outputs",
]
