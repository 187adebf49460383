"""Layers that a file numbers by their class, given the names of the definition they fit in order.

Keras reads such a `.weights.h5` back in the model's own order. Here that order is the published
definition's, and every shape has to fit.
"""

import re

import keras

from tf_morph.recognition.architectures import ARCHITECTURES, weighted_layers
from tf_morph.recognition.weight_files.stored import StoredLayers

_NUMBERED = re.compile(r"(conv2d|dense|batch_normalization)(?:_\d+)?")
_CLASSES = {
    keras.layers.Conv2D: "conv2d",
    keras.layers.Dense: "dense",
    keras.layers.BatchNormalization: "batch_normalization",
}
# How many convolutions and normalisations an architecture has.
_COUNTS = {
    (13, 0): "vgg16",
    (53, 53): "resnet50",
    (85, 53): "senet50",
    (132, 112): "inception_resnet_v1",
}


def is_unnamed(layers: StoredLayers) -> bool:
    """Whether all layers have no names but their class and number."""
    return bool(layers) and all(_NUMBERED.fullmatch(name) for name in layers)


def named_in_order(layers: StoredLayers) -> StoredLayers | None:
    """The layers with published names, in published order; None where they fit no definition.

    Args:
      layers: those of each class in the order of their numbers.
    """
    queues = {name: [] for name in _CLASSES.values()}
    for name, kinds in layers.items():
        queues[_NUMBERED.fullmatch(name)[1]].append(kinds)
    counts = len(queues["conv2d"]), len(queues["batch_normalization"])
    architecture = _COUNTS.get(counts)
    if architecture is None:
        return None
    model = ARCHITECTURES[architecture].build(**_variant(architecture, queues["dense"]))
    named = {}
    for name, layer in weighted_layers(model).items():
        queue = queues.get(_CLASSES.get(type(layer)))
        shapes = {variable.name: tuple(variable.shape) for variable in layer.weights}
        if not queue or {kind: stored.shape for kind, stored in queue[0].items()} != shapes:
            return None
        named[name] = queue.pop(0)
    return None if any(queues.values()) else named


def _variant(architecture: str, dense: list) -> dict[str, object]:
    last = dense[-1]["kernel"].shape[-1] if dense and "kernel" in dense[-1] else 0
    if architecture == "inception_resnet_v1":
        return {"embedding_size": last}
    return {"include_top": True, "classes": last} if last else {"include_top": False}
