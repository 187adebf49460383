"""TensorFlow.js files that are damaged or mean harm get one clear line, and nothing is run."""

import copy
import json
import os
import resource
import sys

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

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
    texts,
    write,
)
from tf_morph.errors import InputError
from tf_morph.recognition import load_network
from tf_morph.recognition.inspect import describe
from tf_morph.recognition.named import named_network
from tf_morph.recognition.tfjs import model_file, shards

KERNEL = np.random.default_rng(0).normal(size=(3, 3, 3, 4)).astype(np.float32)
BIAS = np.ones(4, np.float32)
SHARD = "group1-shard1of1.bin"


def _whole():
    """(JSON, bytes) of a model nothing is wrong with."""
    fused = convolution("out", "_FusedConv2D", "image", "kernel", "bias", fused=["BiasAdd"])
    return model([placeholder(), fused], {"kernel": KERNEL, "bias": BIAS})


def _graph(*nodes, **weights):
    return model([placeholder(), *nodes], weights)


def _message(path, output="out", **changes):
    with pytest.raises(InputError) as caught:
        load_network(config_of(path, output, **changes))
    message = str(caught.value)
    assert "\n" not in message and len(message) < 500
    assert message.startswith(str(path.parent))
    return message


def test_nothing_is_wrong_with_the_whole_file(tmp_path):
    path = write(tmp_path, *_whole())
    assert load_network(config_of(path)).output_sizes == {"embedding": SIZE * SIZE * 4}


def test_json_cut_off_anywhere(tmp_path):
    path = write(tmp_path, *_whole())
    content = path.read_bytes()
    for length in (0, 1, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        assert "damaged JSON" in _message(path)
    path.write_bytes(content[:50] + b"\xff" + content[51:])
    assert "damaged JSON" in _message(path)
    path.write_bytes(b'{"modelTopology":' + b"[" * 200_000)
    assert "damaged JSON" in _message(path)


@pytest.mark.parametrize("content", ["[]", "3", '{"a": 1}', '{"modelTopology": 3}', "{}", "null"])
def test_other_json(content, tmp_path):
    path = tmp_path / "model.json"
    path.write_text(content)
    assert "JSON, but no TensorFlow.js graph model" in _message(path)
    for call in (named_network, lambda path: list(describe(path))):
        with pytest.raises(InputError, match="model.json: "):
            call(str(path))


def test_a_layers_model_is_named(tmp_path):
    content, data = _whole()
    content |= {"format": "layers-model", "modelTopology": {"model_config": {}}}
    assert "a TensorFlow.js layers model; only graph models" in _message(
        write(tmp_path, content, data)
    )


def test_a_long_json_is_not_read(tmp_path, monkeypatch):
    path = write(tmp_path, *_whole())
    monkeypatch.setattr(model_file, "LARGEST_JSON", 1000)
    assert "bytes of JSON; a TensorFlow.js graph model's has at most 1,000" in _message(path)


def test_no_such_file(tmp_path):
    assert "no such file; give a TensorFlow.js" in _message(tmp_path / "model.json")


class TestShards:
    """The files of the weights."""

    def test_missing(self, tmp_path):
        path = write(tmp_path, *_whole())
        (tmp_path / SHARD).unlink()
        assert f"{SHARD}: no such file; model.json keeps its weights there" in _message(path)
        (tmp_path / SHARD).mkdir()
        assert f"{SHARD}: no such file" in _message(path)

    @pytest.mark.parametrize(("length", "fault"), [(-1, "cut off"), (1, "of another model")])
    def test_of_another_length(self, length, fault, tmp_path):
        content, data = _whole()
        path = write(tmp_path, content, (data + b"x")[: len(data) + length])
        message = _message(path)
        assert f"{len(data) + length} bytes, but the weights model.json lists have" in message
        assert f"{len(data)}; {fault}: fetch it again" in message

    @pytest.mark.parametrize(
        "name",
        [
            "../outside.bin",
            "deeper/../../outside.bin",
            "/etc/hostname",
            "",
            "a\0b",
            "https://example.org/a.bin",
        ],
    )
    def test_elsewhere(self, name, tmp_path):
        content, data = _whole()
        path = write(tmp_path / "model", content, data)
        (tmp_path / "outside.bin").write_bytes(data)
        content["weightsManifest"][0]["paths"] = [name]
        path.write_text(json.dumps(content))
        message = _message(path)
        wanted = "no such file" if "://" in name else "only files in its own folder are read"
        assert wanted in message

    def test_elsewhere_by_a_link(self, tmp_path):
        content, data = _whole()
        path = write(tmp_path / "model", content, data)
        (tmp_path / "outside.bin").write_bytes(data)
        (path.parent / SHARD).unlink()
        (path.parent / SHARD).symlink_to(tmp_path / "outside.bin")
        assert "only files in its own folder are read" in _message(path)

    def test_that_never_end_are_not_waited_for(self, tmp_path):
        path = write(tmp_path, *_whole())
        (tmp_path / SHARD).unlink()
        os.mkfifo(tmp_path / SHARD)
        assert "no such file" in _message(path)


class TestManifest:
    """What the JSON says of the weights."""

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"shape": [3, 3, 3, -4]}, "its shape [3, 3, 3, -4] is none"),
            ({"shape": [3, 3, 3, 4.0]}, "is none"),
            ({"shape": "3334"}, "is none"),
            ({"shape": None}, "is none"),
            ({"shape": [True, 108]}, "is none"),
            ({"shape": [1] * 9}, "is none"),
            ({"shape": [2**31, 2**31]}, "is none"),
            ({"shape": [0, 2**62]}, "is none"),
            ({"shape": [10**30]}, "is none"),
            ({"shape": [2**28 + 1]}, "bytes of weights; at most 1,073,741,824 are read"),
            ({"shape": [3, 3, 3, 5]}, "cut off: fetch it again"),
            ({"shape": [3, 3, 3, 3]}, "of another model: fetch it again"),
            ({"dtype": "string"}, "dtype 'string'; read are float32, int32, bool"),
            ({"dtype": ["float32"]}, "read are float32, int32, bool"),
            ({"name": ""}, "a weight without a name"),
            ({"name": 5}, "a weight without a name"),
            ({"name": "bias"}, "weight 'bias' is there twice"),
            ({"name": "other"}, "constant 'kernel' has no weight in the weightsManifest"),
            ({"dtype": "int32"}, "constant 'kernel' is not int32, as its weight is"),
            ({"quantization": {"dtype": "int4"}}, "read are float16, uint16, uint8"),
            ({"quantization": {"dtype": ["uint8"]}}, "read are float16, uint16, uint8"),
            ({"quantization": 8}, "read are float16, uint16, uint8"),
            ({"quantization": {"dtype": "uint8"}}, "without a finite scale and min"),
            (
                {"quantization": {"dtype": "uint8", "scale": float("nan"), "min": 0}},
                "without a finite scale and min",
            ),
            (
                {"quantization": {"dtype": "uint8", "scale": 10**400, "min": 0}},
                "without a finite scale and min",
            ),
            ({"quantization": {"dtype": "uint8", "scale": 1, "min": 0}}, "of another model"),
        ],
    )
    def test_entries(self, change, expected, tmp_path):
        content, data = _whole()
        content["weightsManifest"][0]["weights"][0] |= change
        assert expected in _message(write(tmp_path, content, data))

    @pytest.mark.parametrize(
        "manifest", [[3], [{}], [{"weights": {}, "paths": []}], [{"weights": [], "paths": [1]}]]
    )
    def test_groups(self, manifest, tmp_path):
        content, data = _whole()
        path = write(tmp_path, content, data)
        path.write_text(json.dumps(content | {"weightsManifest": manifest}))
        assert "its weightsManifest is damaged" in _message(path)

    def test_one_file_listed_often_is_still_bounded(self, tmp_path, monkeypatch):
        monkeypatch.setattr(shards, "MOST_BYTES", 4000)
        content, data = _whole()
        content["weightsManifest"][0]["weights"] = [
            {"name": f"w{i}", "shape": [112], "dtype": "float32"} for i in range(9)
        ]
        path = write(tmp_path, content, data)
        content["weightsManifest"][0]["paths"] *= 9
        path.write_text(json.dumps(content))
        assert "4,032 bytes of weights; at most 4,000 are read" in _message(path)


class TestGraph:
    """What is computed."""

    @pytest.mark.parametrize(
        "op",
        [
            "ReadFile",
            "WriteFile",
            "PyFunc",
            "EagerPyFunc",
            "RestoreV2",
            "MatchingFiles",
            "VarHandleOp",
            "PartitionedCall",
            "While",
            "Enter",
            "RandomUniform",
            "DecodeJpeg",
            "Print",
            "SplitV",
            "NoSuchOperation",
            "x" * 5000,
            "",
        ],
    )
    def test_operations_that_are_not_allowed(self, op, tmp_path):
        path = write(tmp_path, *_graph(node("out", op, "image")))
        assert "of node 'out' is not one that is read here" in _message(path)

    @pytest.mark.parametrize(
        ("nodes", "expected"),
        [
            ([node("out", "Tanh", "lost")], "node 'out' reads 'lost', which is not there"),
            ([node("out", "Tanh", "image:3")], "node 'out' reads 'image:3', which is not there"),
            (
                [node("out", "AddV2", "image", "b"), node("b", "Tanh", "out")],
                "its operations go round in a circle",
            ),
            ([node("out", "Tanh", "out")], "its operations go round in a circle"),
            ([node("other", "Tanh", "image")], "no output 'out'; it has ['other'], and any"),
            ([node("out", "Tanh", "image")] * 2, "two of one name"),
            ([node("out", "Tanh", "image", "image")], "Tanh 'out' is none TensorFlow can use"),
            ([node("out", "AddV2", "image")], "AddV2 'out' is none TensorFlow can use"),
            (
                [node("out", "Tanh", "image", T={"type": "DT_STRING"})],
                "Tanh 'out' is none TensorFlow can use",
            ),
            ([node("out", "Tanh", "image", T={})], "Tanh 'out' is none TensorFlow can use"),
            (
                [placeholder("more"), node("out", "AddV2", "image", "more")],
                "its input 'more' needs a value; give it in `constants`",
            ),
            (
                [node("out", "_FusedConv2D", "image", fused_ops=texts("BiasAdd"))],
                "_FusedConv2D 'out' lacks its weights",
            ),
            (
                [convolution("out", "_FusedConv2D", "image", "image", fused=["BiasAdd"])],
                "_FusedConv2D 'out' lacks its bias",
            ),
            (
                [convolution("out", "_FusedConv2D", "image", "image", "image")],
                "_FusedConv2D 'out' has more inputs than its parts take",
            ),
            (
                [convolution("out", "_FusedConv2D", "image", "image", fused=["Erase"])],
                "_FusedConv2D 'out' has a part 'Erase', which is not known here",
            ),
            ([node("out", "Prelu", "image")], "Prelu 'out' lacks its slope"),
        ],
    )
    def test_graphs_that_make_no_sense(self, nodes, expected, tmp_path):
        assert expected in _message(write(tmp_path, *_graph(*nodes)))

    @pytest.mark.parametrize(
        ("attribute", "value"),
        [
            ("strides", (1, 0, 0, 1)),
            ("strides", (1, -1, -1, 1)),
            ("strides", (1, 1)),
            ("strides", ()),
            ("strides", (1, 2**40, 2**40, 1)),
            ("dilations", (1, 2**31 - 1, 2**31 - 1, 1)),
            ("dilations", (1, 0, 0, 1)),
            ("explicit_paddings", (0, 0, -1, 0, 0, 0, 0, 0)),
            ("explicit_paddings", (0, 0, 2**30, 2**30, 0, 0, 0, 0)),
        ],
    )
    def test_windows_that_end_tensorflow(self, attribute, value, tmp_path):
        """Some of these end the whole process, where TensorFlow is given them."""
        content, data = _whole()
        content["modelTopology"]["node"][-1]["attr"][attribute] = numbers(*value)
        message = _message(write(tmp_path, content, data))
        assert f"_FusedConv2D 'out': its {attribute} makes no sense" in message

    def test_convolutions_without_a_gradient(self, tmp_path):
        fused = convolution("out", "FusedDepthwiseConv2dNative", "image", "kernel")
        fused["attr"]["dilations"] = numbers(1, 2, 2, 1)
        message = _message(write(tmp_path, *_graph(fused, kernel=KERNEL)))
        assert "is dilated; TensorFlow has no gradient of that" in message

    def test_values_written_into_the_graph_are_not_used(self, tmp_path):
        """One number can stand for a constant of any size."""
        content, data = _graph(node("out", "AddV2", "image", "huge"))
        shape = {"dim": [{"size": "9" * 15}]}
        tensor = {"dtype": "DT_FLOAT", "floatVal": [1.0], "tensorShape": shape}
        attributes = {"dtype": FLOAT, "value": {"tensor": tensor}}
        content["modelTopology"]["node"].append({"name": "huge", "op": "Const", "attr": attributes})
        assert "constant 'huge' has no weight" in _message(write(tmp_path, content, data))

    def test_too_many_nodes(self, tmp_path, monkeypatch):
        monkeypatch.setattr(model_file, "MOST_NODES", 2)
        assert "not 1 to 2 nodes in its modelTopology" in _message(write(tmp_path, *_whole()))

    @pytest.mark.parametrize(
        "nodes", [[], {}, [3], [{"attr": 3}], [{"op": []}], [{"attr": {"T": {"s": 3}}}], "node"]
    )
    def test_topologies_that_are_none(self, nodes, tmp_path):
        content, data = _whole()
        content["modelTopology"]["node"] = nodes
        message = _message(write(tmp_path, content, data))
        assert "modelTopology" in message or "without a name" in message

    def test_inputs_that_are_none(self, tmp_path):
        path = write(tmp_path, *_whole())
        assert "no input 'picture'; it has ['image']" in _message(path, input_name="picture")
        assert "no input 'kernel'; it has ['image']" in _message(path, input_name="kernel")
        assert "no input 'more'; it has ['image']" in _message(path, constants={"more": 1.0})
        whole = model([placeholder(dtype=INT), node("out", "Tanh", "image")], {})
        assert "input 'image' is not float32" in _message(write(tmp_path, *whole))

    def test_pictures_of_another_size(self, tmp_path):
        shape = np.array([-1, SIZE * SIZE * 3], np.int32)
        reshape = node("flat", "Reshape", "image", "shape", Tshape=INT)
        path = write(tmp_path, *_graph(reshape, node("out", "Tanh", "flat"), shape=shape))
        message = _message(path, size=SIZE + 1)
        assert "Reshape 'flat' is none TensorFlow can use for two such pictures" in message

    def test_graphs_that_take_but_one_picture(self, tmp_path):
        shape = np.array([1, SIZE * SIZE * 3], np.int32)
        path = write(
            tmp_path, *_graph(node("out", "Reshape", "image", "shape", Tshape=INT), shape=shape)
        )
        assert "Reshape 'out' is none TensorFlow can use for two such pictures" in _message(path)


def _huge(*sizes):
    return np.array(sizes, np.int32)


def _bombs():
    """{what: graph}: each asks for far more memory than a machine has, in a few bytes."""
    column = np.ones((2**20, 1), np.float32)
    fill = node("out", "Fill", "sizes", "one", index_type=INT)
    hidden = [
        node("much", "Fill", "sizes", "number", index_type=INT, T=INT),
        node("most", "Max", "much", "zero", Tidx=INT, keep_dims={"b": True}, T=INT),
        node("out", "Reshape", "image", "most", Tshape=INT),
    ]
    one, zero = np.float32(1), np.array([0], np.int32)
    return {
        "Fill": _graph(fill, sizes=_huge(2**20, 2**20), one=one),
        "BroadcastTo": _graph(
            node("out", "BroadcastTo", "one", "sizes", Tidx=INT), sizes=_huge(2**20, 2**20), one=one
        ),
        "Tile": _graph(
            node("out", "Tile", "image", "sizes", Tmultiples=INT), sizes=_huge(1, 2**15, 2**15, 99)
        ),
        "Pad": _graph(
            node("out", "Pad", "image", "sizes", Tpaddings=INT),
            sizes=np.array([[0, 0], [2**30, 2**30], [0, 2**30], [0, 0]], np.int32),
        ),
        "Range": _graph(
            node("out", "Range", "zero", "limit", "step", Tidx=INT),
            zero=np.int32(0),
            limit=np.int32(2**31 - 1),
            step=np.int32(1),
        ),
        "ResizeBilinear": _graph(
            node("out", "ResizeBilinear", "image", "sizes"), sizes=_huge(2**20, 2**20)
        ),
        "Mul": _graph(node("out", "Mul", "column", "row"), column=column, row=column.T),
        "a chain": _graph(
            node("x0", "AddV2", "image", "image"),
            *(node(f"x{i + 1}", "ConcatV2", f"x{i}", f"x{i}", "axis", N={"i": "2"}, Tidx=INT)
              for i in range(40)),
            node("out", "Tanh", "x40"),
            axis=np.int32(1),
        ),
        "hidden in a shape": _graph(
            *hidden, sizes=_huge(2**20, 2**20), number=np.int32(108), zero=zero
        ),
    }  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
@pytest.mark.parametrize("what", _bombs())
def test_graphs_that_ask_for_all_memory(what, tmp_path):
    path = write(tmp_path, *_bombs()[what])
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "numbers for two pictures; at most 268,435,456 are allowed" in _message(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used < 300 * 1024  # KiB


def test_sizes_that_only_a_run_would_tell(tmp_path):
    """What is in a picture would say how large the result is."""
    nodes = [
        node("most", "Max", "image", "axes", Tidx=INT, keep_dims={"b": False}),
        node("size", "Cast", "most", SrcT=FLOAT, DstT=INT),
        node("out", "Fill", "size", "one", index_type=INT),
    ]
    weights = {"axes": np.array([1, 2, 3], np.int32), "one": np.float32(1)}
    message = _message(write(tmp_path, *_graph(*nodes, **weights)))
    assert "how large Fill 'out' is only a run would tell; such graphs are not read" in message


JUNK = st.sampled_from(
    [None, True, 0, -1, 1e400, 2**70, "", "x", "DT_HALF", [], {}, [[]], [None], {"s": 3}, {"a": {}}]
)


@given(data=st.data())
def test_any_value_of_the_json_may_be_nonsense(data, tmp_path_factory):
    """Whatever one value is replaced by, the model loads or one line says why not."""
    content, weights = _whole()
    content["signature"] = {"outputs": {"out": {"name": "out:0"}}}
    content = copy.deepcopy(content)
    places = list(_places(content))
    parent, key = data.draw(st.sampled_from(places))
    parent[key] = data.draw(JUNK)
    folder = tmp_path_factory.mktemp("junk")
    (folder / SHARD).write_bytes(weights)
    (folder / "model.json").write_text(json.dumps(content))
    try:
        network = load_network(config_of(folder / "model.json"))
        assert tf.math.is_finite(tf.reduce_sum(network(np.zeros((1, SIZE, SIZE, 3)))["embedding"]))
    except InputError as error:
        assert "\n" not in str(error) and len(str(error)) < 700


def _places(tree):
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield tree, key
        if isinstance(value, dict | list):
            yield from _places(value)
