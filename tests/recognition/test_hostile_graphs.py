"""Graphs that do more than compute: none of it is done, unless the user says they are trusted."""

from pathlib import Path

import pytest
import tensorflow as tf

from tf_morph.config import network_config
from tf_morph.errors import TRUST_VARIABLE, InputError
from tf_morph.recognition import load_network
from tf_morph.recognition.graph_operations import ALLOWED

v1 = tf.compat.v1
SIZE = 5


def _writing(path):
    tf.io.write_file(str(path), "written")
    return 0.0


def _reading(path):
    return tf.cast(tf.strings.length(tf.io.read_file(str(path))), tf.float32)


def _listing(path):
    return tf.cast(tf.size(tf.io.matching_files(str(path))), tf.float32)


def _printing(path):
    tf.print("written", output_stream=f"file://{path}")
    return 0.0


def _calling_python(path):
    def call():
        Path(path).write_text("written")
        return 0.0

    return tf.py_function(call, [], tf.float32)


def _restoring(path):
    return tf.raw_ops.Restore(file_pattern=str(path), tensor_name="a", dt=tf.float32)


DEEDS = [_writing, _reading, _listing, _printing, _calling_python, _restoring]


def _save(folder, call, **parts):
    module = tf.Module()
    for name, part in parts.items():
        setattr(module, name, part)
    image = tf.TensorSpec([None, SIZE, SIZE, 3], tf.float32, name="image")
    module.call = tf.function(call, input_signature=[image])
    tf.saved_model.save(module, str(folder), signatures=module.call)
    return network_config("hostile", str(folder), input_size=SIZE)


def _embedding(image, more):
    return {"embedding": tf.reduce_mean(image, [1, 2]) + more, "pooled": image[:, 0, 0]}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_saved_model_is_refused_before_it_does_anything(deed, tmp_path):
    target = tmp_path / "target"
    config = _save(tmp_path / "model", lambda image: _embedding(image, deed(target)))
    with pytest.raises(InputError, match="none of those that only compute.*--trust_graphs"):
        load_network(config)
    assert not target.exists()


def test_a_deed_in_a_branch_of_a_called_function_is_found(tmp_path):
    target = tmp_path / "target"

    @tf.function
    def hidden(image):
        deed = lambda: _writing(target)  # noqa: E731
        return tf.cond(tf.reduce_sum(image) > 1e6, deed, lambda: 0.0)

    config = _save(tmp_path / "model", lambda image: _embedding(image, hidden(image)))
    with pytest.raises(InputError, match="'WriteFile'"):
        load_network(config)
    assert not target.exists()


def test_what_a_saved_model_does_as_it_is_loaded_is_found(tmp_path):
    source, target = tmp_path / "words", tmp_path / "model"
    source.write_text("a\nb\n")
    keys = tf.lookup.TextFileInitializer(str(source), tf.string, -2, tf.int64, -1)
    table = tf.lookup.StaticHashTable(keys, -1)
    config = _save(target, lambda image: _embedding(image, 0.0), table=table)
    with pytest.raises(InputError, match="operation 'HashTableV2'|'InitializeTableFromTextFileV2'"):
        load_network(config)


def test_a_deed_in_a_gradient_is_found(tmp_path):
    target = tmp_path / "target"

    @tf.custom_gradient
    def identity(values):
        def gradient(upstream):
            return upstream + _writing(target)

        return tf.identity(values), gradient

    module = tf.Module()
    image = tf.TensorSpec([None, SIZE, SIZE, 3], tf.float32, name="image")
    module.call = tf.function(lambda image: _embedding(identity(image), 0.0), [image])
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=True)
    tf.saved_model.save(module, str(tmp_path / "model"), module.call, options)
    with pytest.raises(InputError, match="'WriteFile'"):
        load_network(network_config("hostile", str(tmp_path / "model"), input_size=SIZE))
    assert not target.exists()


def test_a_saved_model_of_tensorflow_1_is_refused(tmp_path):
    with tf.Graph().as_default(), v1.Session() as session:
        image = v1.placeholder(tf.float32, [None, SIZE, SIZE, 3], "image")
        init = tf.io.write_file(str(tmp_path / "target"), "written")
        builder = v1.saved_model.Builder(str(tmp_path / "model"))
        signature = v1.saved_model.predict_signature_def(
            {"image": image}, {"embedding": tf.reduce_mean(image, [1, 2]), "pooled": image[:, 0, 0]}
        )
        builder.add_meta_graph_and_variables(
            session, ["serve"], {"serving_default": signature}, main_op=init
        )
        builder.save()
    (tmp_path / "target").unlink(missing_ok=True)
    with pytest.raises(InputError, match="a SavedModel of TensorFlow 1"):
        load_network(network_config("hostile", str(tmp_path / "model"), input_size=SIZE))
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("other", ["saved_model.cpb", "saved_model.pbtxt"])
def test_another_form_of_the_model_beside_it_is_refused(other, tmp_path):
    config = _save(tmp_path / "model", lambda image: _embedding(image, 0.0))
    (tmp_path / "model" / other).write_bytes(b"")
    with pytest.raises(InputError, match=f"holds {other} beside"):
        load_network(config)


def _save_graph(path, deed, target):
    with tf.Graph().as_default() as graph:
        image = v1.placeholder(tf.float32, [None, SIZE, SIZE, 3], "image")
        with tf.control_dependencies([image]):
            more = deed(target)
        after = [op for op in graph.get_operations() if op.type in ("WriteFile", "PrintV2")]
        with tf.control_dependencies(after):
            tf.identity(tf.reduce_mean(image, [1, 2]) + more, "embedding")
    path.write_bytes(graph.as_graph_def().SerializeToString())
    config = network_config("hostile", str(path), kind="frozen_graph", input_size=SIZE)
    config.outputs = {"embedding": "embedding"}
    return config


@pytest.mark.parametrize("deed", DEEDS)
def test_a_frozen_graph_is_refused_before_it_does_anything(deed, tmp_path):
    target = tmp_path / "target"
    with pytest.raises(InputError, match="none of those that only compute"):
        load_network(_save_graph(tmp_path / "graph.pb", deed, target))
    assert not target.exists()


def test_what_a_frozen_graph_does_elsewhere_is_never_seen(tmp_path):
    """Training's queues and writers hang on in many a published graph."""
    with tf.Graph().as_default() as graph:
        image = v1.placeholder(tf.float32, [None, SIZE, SIZE, 3], "image")
        tf.reduce_mean(image, [1, 2], name="embedding")
        shape = tf.strings.to_number(tf.io.read_file(str(tmp_path / "missing")), tf.int32)
        tf.reshape(image, [shape, -1])
    path = tmp_path / "graph.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    config = network_config("plain", str(path), kind="frozen_graph", input_size=SIZE)
    config.outputs = {"embedding": "embedding"}
    embedding = load_network(config)(tf.ones((2, SIZE, SIZE, 3)))["embedding"]
    assert (embedding.numpy() == 255.0).all()


def test_one_s_own_graph_may_do_what_it_likes(tmp_path, monkeypatch):
    monkeypatch.setenv(TRUST_VARIABLE, "1")
    target = tmp_path / "target"
    config = _save_graph(tmp_path / "graph.pb", _writing, target)
    assert load_network(config)(tf.ones((2, SIZE, SIZE, 3)))["embedding"].shape == (2, 3)
    assert target.read_text() == "written"
    load_network(_save(tmp_path / "model", lambda image: _embedding(image, _reading(target))))


@pytest.mark.parametrize("name", ["mobileface_v2", "mobilefacenet_y1"])
def test_real_networks_only_compute(name, assets):
    config = network_config(name, str(assets / "recognition" / name), kind="auto")
    assert load_network(config).output_sizes["embedding"] >= 128


def test_no_operation_that_is_allowed_touches_files():
    known = {"ReadFile", "WriteFile", "MatchingFiles", "PyFunc", "PrintV2", "SaveV2", "RestoreV2"}
    assert not ALLOWED & known
    assert not [name for name in ALLOWED if "Dataset" in name or "File" in name or "Py" in name]
