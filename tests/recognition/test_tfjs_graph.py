"""TensorFlow.js graphs: fused operations and stored weights, against plain TensorFlow."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tests.recognition.tfjs_files import (
    FLOAT,
    INT,
    SIZE,
    config_of,
    convolution,
    model,
    node,
    numbers,
    placeholder,
    text,
    texts,
    write,
)
from tf_morph.recognition import load_network
from tf_morph.recognition.inspect import describe
from tf_morph.recognition.named import named_network

RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.uniform(size=(3, SIZE, SIZE, 3)).astype(np.float32)
KERNEL = RANDOM.normal(size=(3, 3, 3, 4)).astype(np.float32)
DEPTHWISE = RANDOM.normal(size=(3, 3, 3, 2)).astype(np.float32)
MATRIX = RANDOM.normal(0, 0.2, (SIZE * SIZE * 3, 4)).astype(np.float32)
# What is added after: a bias, slopes of a Prelu, and a normalisation's four, per channel.
BIAS, SLOPES, SCALE, OFFSET, MEAN = RANDOM.normal(size=(5, 8)).astype(np.float32)
VARIANCE = RANDOM.uniform(0.5, 2, size=8).astype(np.float32)
EPSILON = 0.01

ACTIVATIONS = {
    "Relu": tf.nn.relu,
    "Relu6": tf.nn.relu6,
    "Elu": tf.nn.elu,
    "Selu": tf.nn.selu,
    "Sigmoid": tf.sigmoid,
    "Tanh": tf.tanh,
    "LeakyRelu": lambda x: tf.nn.leaky_relu(x, 0.3),
}


def _network(folder, nodes, weights, output="out", **options):
    return load_network(config_of(write(folder, *model(nodes, weights, **options)), output))


def _check(network, expected, tolerance=1e-5):
    """Values and gradients of pictures are those of a function of plain TensorFlow."""
    pictures = tf.constant(PICTURES)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(pictures)
        ours = network(pictures)["embedding"]
        theirs = tf.reshape(expected(pictures), [len(PICTURES), -1])
        weights = tf.constant(np.random.default_rng(1).normal(size=ours.shape), tf.float32)
        ours_sum, theirs_sum = tf.reduce_sum(ours * weights), tf.reduce_sum(theirs * weights)
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
    gradients = [tape.gradient(total, pictures) for total in (ours_sum, theirs_sum)]
    np.testing.assert_allclose(*gradients, rtol=tolerance, atol=10 * tolerance)
    assert np.abs(gradients[0]).max() > 1e-3
    assert np.std(ours) > 1e-3


CORES = {
    "_FusedConv2D": (KERNEL, lambda x: tf.nn.conv2d(x, KERNEL, 2, "SAME")),
    "FusedDepthwiseConv2dNative": (
        DEPTHWISE,
        lambda x: tf.nn.depthwise_conv2d(x, DEPTHWISE, [1, 2, 2, 1], "VALID"),
    ),
    "_FusedMatMul": (MATRIX, lambda x: tf.reshape(x, [-1, SIZE * SIZE * 3]) @ MATRIX),
}


def _core(op, *inputs, fused, **more):
    """(the nodes of a fused operation on the pictures, the channels it gives)."""
    attributes = {"leakyrelu_alpha": {"f": 0.3}, **more}
    if op == "_FusedMatMul":
        false = {"b": False}
        flat = node("flat", "Reshape", "image", "shape", Tshape=INT)
        fused_node = node(
            "out",
            op,
            "flat",
            "weight",
            *inputs,
            fused_ops=texts(*fused),
            transpose_a=false,
            transpose_b=false,
            **attributes,
        )
        return [placeholder(), flat, fused_node], 4
    padding = "SAME" if op == "_FusedConv2D" else "VALID"
    fused_node = convolution(
        "out", op, "image", "weight", *inputs, fused=fused, strides=2, padding=padding
    )
    fused_node["attr"] |= attributes
    return [placeholder(), fused_node], 4 if op == "_FusedConv2D" else 6


def _weights(op, channels, **more):
    shape = {"shape": np.array([-1, SIZE * SIZE * 3], np.int32)} if op == "_FusedMatMul" else {}
    return {"weight": CORES[op][0], **shape, **{k: v[:channels] for k, v in more.items()}}


@pytest.mark.parametrize("op", CORES)
@pytest.mark.parametrize("activation", [None, "Prelu", *ACTIVATIONS])
def test_fused_operations(op, activation, tmp_path):
    inputs = ["bias", "slopes"] if activation == "Prelu" else ["bias"]
    nodes, channels = _core(op, *inputs, fused=["BiasAdd", *([activation] if activation else [])])
    weights = _weights(op, channels, bias=BIAS)
    if activation == "Prelu":
        weights["slopes"] = SLOPES[:channels]

    def expected(pictures):
        values = CORES[op][1](pictures) + BIAS[:channels]
        if activation == "Prelu":
            return tf.where(values > 0, values, SLOPES[:channels] * values)
        return ACTIVATIONS[activation](values) if activation else values

    _check(_network(tmp_path, nodes, weights), expected)


@pytest.mark.parametrize("op", ["_FusedConv2D", "FusedDepthwiseConv2dNative"])
def test_fused_normalisation(op, tmp_path):
    nodes, channels = _core(
        op,
        "scale",
        "offset",
        "mean",
        "variance",
        fused=["FusedBatchNorm", "Relu"],
        epsilon={"f": EPSILON},
    )
    statistics = {"scale": SCALE, "offset": OFFSET, "mean": MEAN, "variance": VARIANCE}
    n = slice(channels)

    def expected(pictures):
        spread = tf.sqrt(VARIANCE[n] + EPSILON)
        return tf.nn.relu((CORES[op][1](pictures) - MEAN[n]) / spread * SCALE[n] + OFFSET[n])

    _check(_network(tmp_path, nodes, _weights(op, channels, **statistics)), expected, 1e-4)


@pytest.mark.parametrize("fused", [(), ("Relu",), ("", "linear")])
def test_a_fused_operation_without_a_bias(fused, tmp_path):
    nodes = [placeholder(), convolution("out", "_FusedConv2D", "image", "weight", fused=fused)]
    activation = tf.nn.relu if fused == ("Relu",) else tf.identity
    _check(
        _network(tmp_path, nodes, {"weight": KERNEL}),
        lambda x: activation(tf.nn.conv2d(x, KERNEL, 1, "SAME")),
    )


@pytest.mark.parametrize("has_type", [True, False])
def test_prelu_by_itself(has_type, tmp_path):
    """TensorFlow does not know the operation; the converter writes it without a type."""
    prelu = node("out", "Prelu", "centred", "slopes")
    if not has_type:
        del prelu["attr"]
    nodes = [placeholder(), node("centred", "Sub", "image", "half"), prelu]
    slopes = SLOPES[:3]
    weights = {"half": np.float32(0.5)[None], "slopes": slopes}

    def expected(pictures):
        return tf.where(pictures > 0.5, pictures - 0.5, slopes * (pictures - 0.5))

    _check(_network(tmp_path, nodes, weights), expected)


def test_normalisation_is_by_stored_statistics_whatever_the_file_says(tmp_path):
    statistics = {"scale": SCALE[:3], "offset": OFFSET[:3], "mean": MEAN[:3]}
    attributes = {
        "epsilon": {"f": EPSILON},
        "is_training": {"b": True},
        "data_format": text("NHWC"),
        "U": FLOAT,
    }
    nodes = [
        placeholder(),
        node("out", "FusedBatchNormV3", "image", *statistics, "variance", **attributes),
    ]
    network = _network(tmp_path, nodes, {**statistics, "variance": VARIANCE[:3]})
    spread = np.sqrt(VARIANCE[:3] + EPSILON)
    _check(network, lambda x: (x - MEAN[:3]) / spread * SCALE[:3] + OFFSET[:3], 1e-4)


def test_padding_beside_a_convolution(tmp_path):
    """TensorFlow 2.21 itself crashes on this graph, where it fuses all of it."""
    widened = node("widened", "Pad", "image", "paddings", Tpaddings=INT)
    nodes = [
        placeholder(),
        widened,
        convolution("convolved", "_FusedConv2D", "image", "weight", "bias", fused=["BiasAdd"]),
        node("out", "AddV2", "convolved", "widened"),
    ]
    paddings = np.array([[0, 0], [0, 0], [0, 0], [0, 1]], np.int32)
    weights = {"weight": KERNEL, "bias": BIAS[:4], "paddings": paddings}
    _check(
        _network(tmp_path, nodes, weights),
        lambda x: tf.nn.conv2d(x, KERNEL, 1, "SAME") + BIAS[:4] + tf.pad(x, paddings),
    )


def test_gradients_are_the_numeric_ones(tmp_path):
    """A network of several fused operations, checked by itself: no TensorFlow on the other side."""
    nodes = [
        placeholder(),
        convolution(
            "first", "_FusedConv2D", "image", "weight", "bias", "slopes", fused=["BiasAdd", "Prelu"]
        ),
        convolution(
            "second",
            "FusedDepthwiseConv2dNative",
            "first",
            "deep",
            "bias",
            fused=["BiasAdd", "Elu"],
        ),
        node("out", "Mean", "second", "axes", Tidx=INT, keep_dims={"b": False}),
    ]
    deep = RANDOM.normal(size=(3, 3, 4, 1)).astype(np.float32)
    weights = {"weight": KERNEL, "deep": deep, "bias": BIAS[:4], "slopes": SLOPES[:4]}
    network = _network(tmp_path, nodes, {**weights, "axes": np.array([1, 2], np.int32)})
    direction = RANDOM.normal(size=PICTURES.shape).astype(np.float32)
    pictures = tf.constant(PICTURES)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        total = tf.reduce_sum(network(pictures)["embedding"])
    slope = np.sum(tape.gradient(total, pictures) * direction)
    step = 1e-3
    ahead, behind = (
        np.sum(network(PICTURES + sign * step * direction)["embedding"], dtype=np.float64)
        for sign in (1, -1)
    )
    np.testing.assert_allclose(slope, (ahead - behind) / (2 * step), rtol=5e-3)


@pytest.mark.parametrize(("dtype", "step"), [("uint8", 255), ("uint16", 65535), ("float16", 2048)])
def test_quantised_weights(dtype, step, tmp_path):
    nodes, _ = _core("_FusedConv2D", "bias", fused=["BiasAdd"])
    weights = {"weight": KERNEL, "bias": BIAS[:4]}
    network = _network(tmp_path, nodes, weights, quantization={"weight": dtype})
    exact = tf.nn.conv2d(PICTURES, KERNEL, 2, "SAME") + BIAS[:4]
    difference = network(PICTURES)["embedding"] - tf.reshape(exact, [3, -1])
    rounding = np.ptp(KERNEL) / step  # of a weight, half of it; of a sum of 27, less than five
    assert 1e-7 < np.abs(difference).max() < 5 * rounding


def test_quantised_integers_are_rounded(tmp_path):
    content, _ = model(
        [placeholder(), node("out", "Reshape", "image", "shape", Tshape=INT)],
        {"shape": np.array([-1, SIZE * SIZE * 3], np.int32)},
    )
    entry = content["weightsManifest"][0]["weights"][0]
    entry["quantization"] = {"dtype": "uint8", "min": -1.2, "scale": 109 / 200}
    path = write(tmp_path, content, np.array([0, 200], np.uint8).tobytes())  # -1.2 and 107.8
    assert load_network(config_of(path)).output_sizes == {"embedding": SIZE * SIZE * 3}


def test_weights_in_many_groups_and_files(tmp_path):
    """One weight's bytes may lie in two files; a file may hold several weights'."""
    nodes, _ = _core("_FusedConv2D", "bias", fused=["BiasAdd"])
    content, data = model(nodes, {"weight": KERNEL, "bias": BIAS[:4]})
    kernel, bias = content["weightsManifest"][0]["weights"]
    content["weightsManifest"] = [
        {"paths": ["a.bin", "deeper/b.bin"], "weights": [kernel]},
        {"paths": ["c.bin"], "weights": [bias]},
    ]
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "b.bin").write_bytes(data[101 : KERNEL.nbytes])
    (tmp_path / "c.bin").write_bytes(data[KERNEL.nbytes :])
    path = write(tmp_path, content, data[:101])
    network = load_network(config_of(path))
    expected = tf.nn.conv2d(PICTURES, KERNEL, 2, "SAME") + BIAS[:4]
    np.testing.assert_allclose(
        network(PICTURES)["embedding"], tf.reshape(expected, [3, -1]), rtol=1e-5, atol=1e-5
    )
    before = network.fingerprint
    (tmp_path / "deeper" / "b.bin").write_bytes(bytes(KERNEL.nbytes - 101))
    assert load_network(config_of(path)).fingerprint != before


def test_wider_numbers_than_javascript_has(tmp_path):
    """64-bit integers of a graph are stored as 32-bit ones."""
    network = _network(
        tmp_path,
        [placeholder(), node("out", "Reshape", "image", "shape", Tshape={"type": "DT_INT64"})],
        {"shape": np.array([-1, SIZE * SIZE * 3], np.int32)},
        types={"shape": "DT_INT64"},
    )
    np.testing.assert_array_equal(network(PICTURES)["embedding"], PICTURES.reshape(3, -1))


def test_strings_as_lists_of_characters_and_numbers_as_numbers(tmp_path):
    """TensorFlow.js reads both forms; so are enumerations written by number."""
    nodes, _ = _core("_FusedConv2D", "bias", fused=["BiasAdd", "Relu"])
    attributes = nodes[1]["attr"]
    attributes["padding"] = {"s": list(b"SAME")}
    attributes["fused_ops"] = {"list": {"s": [list(b"BiasAdd"), list(b"Relu")]}}
    attributes["strides"] = {"list": {"i": [1, 2, 2, 1]}}
    attributes["T"] = {"type": 1}
    network = _network(tmp_path, nodes, {"weight": KERNEL, "bias": BIAS[:4]})
    _check(network, lambda x: tf.nn.relu(tf.nn.conv2d(x, KERNEL, 2, "SAME") + BIAS[:4]))


def test_attributes_that_steer_tensorflow_are_left_out(tmp_path):
    steering = {
        "_gradient_op_type": text("Unknown"),
        "_class": texts("loc:@nowhere"),
        "_cloned": {"b": True},
    }
    nodes = [placeholder(), node("out", "Tanh", "image", "^image", **steering)]
    nodes[1]["device"] = "/job:nowhere/device:GPU:7"
    content, data = model(nodes, {})
    content["modelTopology"]["versions"] = {"minConsumer": 10**6, "producer": 10**6}
    _check(load_network(config_of(write(tmp_path, content, data))), tf.tanh)


def test_any_batch_though_the_file_says_one_picture(tmp_path):
    nodes = [
        placeholder(shape=(1, SIZE, SIZE, 3)),
        node("out", "Mean", "image", "axes", Tidx=INT, keep_dims={"b": False}),
    ]
    network = _network(tmp_path, nodes, {"axes": np.array([1, 2], np.int32)})
    _check(network, lambda x: tf.reduce_mean(x, [1, 2]))
    graph = tf.function(network, input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3])])
    for count in (1, 3):
        np.testing.assert_allclose(
            graph(PICTURES[:count])["embedding"], PICTURES[:count].mean((1, 2)), rtol=1e-5
        )


def test_further_inputs_are_fed_as_the_config_says(tmp_path):
    nodes = [placeholder(), placeholder("gain", shape=()), node("out", "Mul", "image", "gain")]
    config = config_of(write(tmp_path, *model(nodes, {})), constants={"gain": 3.0})
    _check(load_network(config), lambda x: 3 * x)


SIGNED = {"features": {"name": "squashed:0"}}


@pytest.mark.parametrize("place", ["top", "metadata"])
@pytest.mark.parametrize("output", ["features", "squashed", "squashed:0", "doubled"])
def test_outputs_by_signature_or_by_node(place, output, tmp_path):
    nodes = [
        placeholder(),
        node("doubled", "AddV2", "image", "image"),
        node("squashed", "Tanh", "doubled"),
    ]
    content, data = model(nodes, {})
    signature = {"signature": {"outputs": SIGNED}}
    content |= signature if place == "top" else {"userDefinedMetadata": signature}
    network = load_network(config_of(write(tmp_path, content, data), output))
    _check(network, lambda x: 2 * x if output == "doubled" else tf.tanh(2 * x))


def test_a_path_is_all_that_is_needed(tmp_path):
    nodes, _ = _core("_FusedConv2D", "bias", fused=["BiasAdd"])
    nodes.append(node("rest", "Tanh", "image"))
    content, data = model(nodes, {"weight": KERNEL, "bias": BIAS[:4]})
    content["signature"] = {"outputs": {"face": {"name": "out:0"}}}
    path = write(tmp_path, content, data)
    config = named_network(str(path))
    assert (config.kind, config.name, config.input_name) == ("tfjs", "model", "image")
    assert (config.input_size, config.color_order, config.input_range) == (SIZE, "RGB", (0, 255))
    assert config.outputs.to_dict() == {"embedding": "face", "features": "face"}
    assert load_network(config).output_sizes == {"embedding": 36, "features": 36}
    rest = load_network(named_network(str(path), outputs=["rest", "face"]))
    assert rest.output_sizes == {"rest": SIZE * SIZE * 3, "face": 36}
    lines = "\n".join(describe(str(path)))
    assert "TensorFlow.js graph model of a network that is not known here" in lines
    assert "layers with weights: 2, 112 parameters" in lines
    assert "weight  [3, 3, 3, 4]" in lines
    assert f"input: image, {SIZE} x {SIZE}, RGB, 0..255" in lines
    assert "outputs: face, or any node by its name" in lines
    assert f'named_network("{path}")' in lines


def test_what_an_output_does_not_need_is_not_looked_at(tmp_path):
    """Models of detectors end in operations that are not read here; their features can be used."""
    nodes = [
        placeholder(),
        node("out", "Tanh", "image"),
        node("boxes", "NonMaxSuppressionV3", "out", "lost"),
    ]
    network = _network(tmp_path, nodes, {"unused": np.zeros(3, np.float32)})
    _check(network, tf.tanh)


def test_the_order_of_nodes_does_not_matter(tmp_path):
    content, data = model(
        [node("out", "Tanh", "sum"), node("sum", "AddV2", "image", "image"), placeholder()], {}
    )
    content["modelTopology"]["node"].reverse()
    content = json.loads(json.dumps(content))
    _check(load_network(config_of(write(tmp_path, content, data))), lambda x: tf.tanh(2 * x))


def test_pooling_and_squeezing_of_a_keras_head(tmp_path):
    """Shape, StridedSlice, Pack and Reshape: Keras' way to flatten any batch."""
    stride = {f"{part}_mask": {"i": "0"} for part in ("begin", "end", "ellipsis", "new_axis")}
    nodes = [
        placeholder(),
        node("shape", "Shape", "image", out_type=INT),
        node(
            "batch",
            "StridedSlice",
            "shape",
            "zero",
            "one",
            "one",
            Index=INT,
            **{**stride, "shrink_axis_mask": {"i": "1"}, "T": INT},
        ),
        node("sizes", "Pack", "batch", "length", N={"i": "2"}, axis={"i": "0"}, T=INT),
        node("flat", "Reshape", "image", "sizes", Tshape=INT),
        node("column", "ExpandDims", "flat", "one_axis", Tdim=INT),
        node("out", "Squeeze", "column", squeeze_dims=numbers(1)),
    ]
    weights = {
        "zero": np.array([0], np.int32),
        "one": np.array([1], np.int32),
        "one_axis": np.array(1, np.int32),
        "length": np.array(SIZE * SIZE * 3, np.int32),
    }
    _check(_network(tmp_path, nodes, weights), tf.identity)
