"""Weight files laid out as the published ones, with random numbers, for tests and benchmarks.

Weights are {layer's published name: {kind: float32 array}}, in the order of the published file; a
layer without weights has an empty dict.
"""

import collections
import json
import zlib
from collections.abc import Mapping
from pathlib import Path

import h5py
import keras
import numpy as np
import scipy.io
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from tf_morph.recognition.architectures import published_name, with_outputs

Weights = Mapping[str, Mapping[str, np.ndarray]]

_KERAS_1 = {"kernel": "W", "bias": "b", "moving_mean": "running_mean"} | {
    "moving_variance": "running_std"
}
# As the old FaceNet file has it: marshalled code, which nobody may run.
LAMBDA = {
    "class_name": "Lambda",
    "config": {
        "name": "lambda_1",
        "function": ["4wEAAAACAAAAAgAAAFMAAABzCAAAAHwAfAEUAFMAKQFOqQA=\n", None, None],
        "function_type": "lambda",
        "arguments": {"scale": 0.17},
    },
}


def shapes_of(model: keras.Model) -> dict[str, dict[str, tuple[int, ...]]]:
    """{published name: {kind: shape}} of a definition's layers."""
    return {
        published_name(layer.name): {v.name: tuple(v.shape) for v in layer.weights}
        for layer in model.layers
    }


def published_shapes(assets: Path, name: str) -> dict[str, dict[str, tuple[int, ...]]]:
    """The same from the assets' `layouts.json`, of the published file itself."""
    layouts = json.loads((assets / "recognition" / "layouts.json").read_text())
    return {
        layer["layer"]: {_last(weight): tuple(shape) for weight, shape in layer["weights"]}
        for layer in layouts[name]["layers"]
    }


def _last(weight: str) -> str:
    return weight.rpartition("/")[2].removesuffix(":0")


def random_weights(shapes: Mapping[str, Mapping[str, tuple[int, ...]]]) -> dict:
    """Numbers by the rule of the assets' `reference_outputs.npz`: the same for a layer's name."""
    return {
        layer: {kind: _random(f"{layer}/{kind}", kind, shape) for kind, shape in kinds.items()}
        for layer, kinds in shapes.items()
    }


def _random(name: str, kind: str, shape) -> np.ndarray:
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if kind in ("gamma", "moving_variance"):
        return rng.uniform(0.8, 1.2, shape).astype(np.float32)
    scale = np.sqrt(2 / np.prod(shape[:-1])) if kind == "kernel" else 0.05
    return (rng.standard_normal(shape) * scale).astype(np.float32)


def write_keras_hdf5(
    path: Path,
    weights: Weights,
    *,
    naming: str = "{layer}/{kind}:0",
    keras_1: bool = False,
    whole_model: bool = False,
    attributes: Mapping[str, str] | None = None,
    reversed_order: bool = False,
    chunked_names: bool = False,
) -> Path:
    """Keras' older layout.

    Args:
      path: the file.
      weights: see the module.
      naming: of a weight, within its layer's group.
      keras_1: kinds as Keras 1 calls them, `conv1_1_W:0`.
      whole_model: with the model's description, Lambda layers in it.
      attributes: of the file beside the usual ones.
      reversed_order: of the weights within each layer.
      chunked_names: lists of names are spread over several attributes, as Keras does long ones.
    """
    naming = "{short}_{kind}:0" if keras_1 else naming
    with h5py.File(path, "w") as file:
        root = file
        if whole_model:
            file.attrs["model_config"] = json.dumps({"config": {"layers": [LAMBDA]}}).encode()
            root = file.create_group("model_weights")
            file.create_group("optimizer_weights").create_dataset("iterations", data=3)
        for key, value in {"backend": "tensorflow", **(attributes or {})}.items():
            (file if key == "model_config" else root).attrs[key] = value.encode()
        _name_list(root, "layer_names", list(weights), chunked_names)
        for layer, kinds in weights.items():
            group = root.create_group(layer) if layer not in root else root[layer]
            names = {
                kind: naming.format(
                    layer=layer,
                    short=layer.rpartition("/")[2],
                    kind=_KERAS_1.get(kind, kind) if keras_1 else kind,
                )
                for kind in kinds
            }
            order = list(names)[::-1] if reversed_order else list(names)
            _name_list(group, "weight_names", [names[kind] for kind in order], chunked_names)
            for kind in order:
                group.create_dataset(names[kind], data=kinds[kind])
    return path


def _name_list(group, attribute: str, names: list[str], chunked: bool) -> None:
    encoded = [name.encode() for name in names]
    if not chunked:
        group.attrs[attribute] = encoded or np.zeros(0, "S1")
        return
    for number, start in enumerate(range(0, len(encoded), 3)):
        group.attrs[f"{attribute}{number}"] = encoded[start : start + 3]


def write_keras_vars(path: Path, weights: Weights, *, named: bool = True) -> Path:
    """The newer layout of `.weights.h5`; without `named`, layers are called after their class."""
    with h5py.File(path, "w") as file:
        made = collections.Counter()
        for layer, kinds in ((k, v) for k, v in weights.items() if v):
            name = layer.replace("/", ".")
            if not named:
                axes = next(iter(kinds.values())).ndim
                name = {4: "conv2d", 2: "dense", 1: "batch_normalization"}[axes]
                made[name] += 1
                name += f"_{made[name] - 1}" if made[name] > 1 else ""
            for place, values in enumerate(kinds.values()):
                file[f"layers/{name}/vars/{place}"] = values
        file.create_group("optimizer/vars")["0"] = 7
    return path


def write_matconvnet(
    path: Path,
    weights: Weights,
    *,
    average: tuple[float, ...] | None = (129.1863, 104.7624, 93.5940),
    map_side: int = 7,
    older: bool = False,
    compressed: bool = False,
) -> Path:
    """`vgg-face.mat`: fully connected layers as convolutions; `older` has `filters`, `biases`."""
    cells, side = [], map_side
    for layer, kinds in weights.items():
        if not kinds:
            continue
        kernel = kinds["kernel"]
        if kernel.ndim == 2:
            kernel = kernel.reshape(side, side, -1, kernel.shape[-1])
            side = 1
        filters = {"weights": _cell([kernel, kinds["bias"][:, None]])}
        if older:
            filters = {"filters": kernel, "biases": kinds["bias"][None]}
        cells += [
            {"name": layer, "type": "conv", "stride": [1.0, 1.0], "pad": [1.0] * 4, **filters},
            {"name": f"relu_{layer}", "type": "relu"},
        ]
    content = {"layers": _cell(cells)}
    if average is not None:
        size = np.array([224.0, 224.0, 3.0])
        mean = np.array(average, np.float32).reshape(1, 1, 3)
        content["meta"] = {"normalization": {"averageImage": mean, "imageSize": size}}
    scipy.io.savemat(path, content, do_compression=compressed)
    return path


def _cell(values) -> np.ndarray:
    cell = np.empty((1, len(values)), object)
    for index, value in enumerate(values):
        cell[0, index] = value
    return cell


def write_facenet_graph(path: Path, model: keras.Model) -> Path:
    """A frozen graph as FaceNet's scripts write it, of an `inception_resnet_v1` and its weights.

    Pictures come from a queue unless `input` is fed, `phase_train` says whether dropout acts, and
    `embeddings` lie on the unit sphere.
    """
    size = model.input.shape[1]
    body = _frozen_body(model, size)
    kernel, head = _facenet_head(model)
    v1, scope = tf.compat.v1, "InceptionResnetV1"
    with tf.Graph().as_default() as graph:
        queue = tf.queue.FIFOQueue(4, tf.float32, [(size, size, 3)], name="batch_join/fifo_queue")
        image = tf.identity(queue.dequeue_up_to(2), "input")
        training = v1.placeholder(tf.bool, [], "phase_train")
        (x,) = v1.import_graph_def(
            body.graph.as_graph_def(),
            input_map={body.inputs[0].name: image},
            return_elements=[body.outputs[0].name],
            name=f"{scope}/Body",
        )
        window = body.outputs[0].shape[1:3]
        x = tf.nn.avg_pool2d(x, window, 1, "VALID", name=f"{scope}/Logits/AvgPool_1a_8x8/AvgPool")
        x = tf.reshape(x, [-1, len(kernel)], name=f"{scope}/Logits/Flatten/flatten/Reshape")
        x = v1.cond(training, lambda: tf.nn.dropout(x, 0.2), lambda: x)
        x = x @ tf.constant(kernel, name=f"{scope}/Bottleneck/weights")
        tf.math.l2_normalize(head(x), 1, 1e-10, name="embeddings")
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def _frozen_body(model: keras.Model, size: int):
    last_map = with_outputs(model, ["Block8_6_Add"])
    traced = tf.function(
        lambda image: tf.identity(last_map(image, training=False)["Block8_6_Add"], "map"),
        input_signature=[tf.TensorSpec([None, size, size, 3], tf.float32, name="image")],
    )
    return convert_variables_to_constants_v2(traced.get_concrete_function())


def _facenet_head(model: keras.Model):
    """The bottleneck's kernel, and its normalisation as a function."""
    bottleneck, normalization = (
        model.get_layer(name) for name in ("Bottleneck", "Bottleneck_BatchNorm")
    )
    mean, variance, beta = (
        v.numpy()
        for v in (normalization.moving_mean, normalization.moving_variance, normalization.beta)
    )
    scale = np.sqrt(variance + normalization.epsilon)
    return bottleneck.kernel.numpy(), lambda x: (x - mean) / scale + beta
