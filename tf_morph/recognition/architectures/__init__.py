"""The networks the world publishes weights for: definitions that published files fit."""

from collections.abc import Mapping

from tf_morph.recognition.architectures.architecture import (
    Architecture,
    keras_name,
    published_name,
    weighted_layers,
    with_outputs,
)
from tf_morph.recognition.architectures.dlib_resnet import DLIB_RESNET
from tf_morph.recognition.architectures.facenet_nn2 import FACENET_NN2
from tf_morph.recognition.architectures.inception_resnet_v1 import INCEPTION_RESNET_V1
from tf_morph.recognition.architectures.resnet50 import RESNET50
from tf_morph.recognition.architectures.senet50 import SENET50
from tf_morph.recognition.architectures.vgg16 import VGG16

ARCHITECTURES: Mapping[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        DLIB_RESNET,
        VGG16,
        RESNET50,
        SENET50,
        INCEPTION_RESNET_V1,
        FACENET_NN2,
    )
}

__all__ = [
    "ARCHITECTURES",
    "Architecture",
    "keras_name",
    "published_name",
    "weighted_layers",
    "with_outputs",
]
