"""What is wrong with a network's config or file is said in one line that names the remedy."""

import copy
import re
import zipfile
from pathlib import Path

import keras
import pytest
import tensorflow as tf

from tf_morph.config import network_config
from tf_morph.errors import InputError
from tf_morph.recognition import load_network


def _error(config, **changes):
    config = copy.deepcopy(config)
    outputs = changes.pop("outputs", None)
    config.update(changes)
    if outputs is not None:
        config.outputs = outputs
    with pytest.raises(InputError) as caught:
        load_network(config)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_missing_output_lists_those_there(saved_model, frozen_graph, keras_file):
    wrong = {"embedding": "embeddings"}
    for stored in (saved_model, keras_file):
        message = _error(stored.config, outputs=wrong)
        assert "no output 'embeddings'; it has ['embedding', 'pooled']" in message
    message = _error(frozen_graph.config, outputs=wrong)
    assert re.search(r"no output 'embeddings'; it ends in \[.*\]", message)


def test_missing_input_lists_those_there(tiny):
    assert re.search(
        r"no input 'picture'; it has \['image'\]", _error(tiny.config, input_name="picture")
    )


def test_missing_output_index_of_a_graph(frozen_graph):
    assert "TensorFlow can" in _error(frozen_graph.config, outputs={"embedding": "embedding:7"})


def test_unknown_constant(frozen_graph):
    message = _error(frozen_graph.config, constants={"phase_train": False})
    assert "no input 'phase_train'" in message


def test_absent_files(tmp_path):
    absent = network_config("absent", str(tmp_path / "absent"))
    assert "absent: no such folder" in _error(absent)
    assert "absent: no such file" in _error(absent, kind="frozen_graph")
    assert "absent: no such file" in _error(absent, kind="keras")


def test_unset_assets_variable(monkeypatch):
    monkeypatch.delenv("TF_MORPH_ASSETS", raising=False)
    config = network_config("absent", "$TF_MORPH_ASSETS/recognition/absent")
    assert "TF_MORPH_ASSETS is not set" in _error(config)


def test_folders_and_files_that_are_no_network(tmp_path):
    assert "no saved_model.pb" in _error(network_config("folder", str(tmp_path)))
    (tmp_path / "saved_model.pb").write_bytes(b"\xff" * 100)
    assert "not a SavedModel" in _error(network_config("broken", str(tmp_path)))
    graph = network_config("broken", str(tmp_path / "saved_model.pb"), kind="frozen_graph")
    assert "not a frozen graph" in _error(graph)
    (tmp_path / "empty.pb").write_bytes(b"")
    assert "not a frozen graph" in _error(graph, path=str(tmp_path / "empty.pb"))


@pytest.mark.parametrize("content", ["half", "all but its end", "empty", "text", "another zip"])
def test_files_that_are_no_keras_file_or_a_part_of_one(keras_file, tmp_path, content):
    whole = Path(keras_file.config.path).read_bytes()
    contents = {
        "half": whole[: len(whole) // 2],
        "all but its end": whole[:-30],
        "empty": b"",
        "text": b"no network",
        "another zip": b"",
    }
    path = tmp_path / "net.keras"
    path.write_bytes(contents[content])
    if content == "another zip":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("notes.txt", "no network")
    assert "net.keras: not a" in _error(keras_file.config, path=str(path))


def test_a_keras_file_damaged_inside(keras_file, tmp_path):
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(keras_file.config.path) as whole, zipfile.ZipFile(path, "w") as part:
        for name in whole.namelist():
            part.writestr(name, whole.read(name)[: None if name.endswith("json") else 200])
    assert "not a network Keras can load" in _error(keras_file.config, path=str(path))


def test_a_keras_file_that_brings_code_is_not_run(tmp_path):
    image = keras.Input((4, 4, 3), name="image")
    embedding = keras.layers.Lambda(lambda x: x[:, 0, 0])(image)
    keras.Model(image, {"embedding": embedding}).save(tmp_path / "code.keras")
    config = network_config("code", str(tmp_path / "code.keras"), kind="keras", input_size=4)
    assert "not a network Keras can load" in _error(config, outputs={"embedding": "embedding"})


def test_a_keras_file_without_names_or_with_constants(keras_file, tmp_path):
    image = keras.Input((4, 4, 3), name="image")
    keras.Model(image, keras.layers.Flatten()(image)).save(tmp_path / "bare.keras")
    config = network_config("bare", str(tmp_path / "bare.keras"), kind="keras", input_size=4)
    assert "its outputs have no names" in _error(config)
    assert "takes no `constants`" in _error(keras_file.config, constants={"phase": False})


def test_a_saved_model_without_its_variables(saved_model, tmp_path):
    source = tf.io.gfile.join(saved_model.config.path, "saved_model.pb")
    tf.io.gfile.copy(source, str(tmp_path / "saved_model.pb"))
    message = _error(saved_model.config, path=str(tmp_path))
    assert "not a SavedModel TensorFlow can load" in message


def test_a_saved_model_without_a_signature(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path))
    assert "no signature 'serving_default'" in _error(network_config("bare", str(tmp_path)))


def test_an_input_no_gradient_reaches(tmp_path):
    @tf.function(input_signature=[tf.TensorSpec([None, 4, 4, 3], tf.uint8, name="image")])
    def call(image):
        return {"embedding": tf.reduce_mean(tf.cast(image, tf.float32), [1, 2])}

    tf.saved_model.save(tf.Module(), str(tmp_path), signatures=call)
    config = network_config("bytes", str(tmp_path), input_size=4)
    assert "is uint8; no gradient" in _error(config, outputs={"embedding": "embedding"})


def test_an_input_left_unfed_is_named(tmp_path):
    pictures = tf.TensorSpec([None, 4, 4, 3], tf.float32, name="image")

    @tf.function(input_signature=[pictures, tf.TensorSpec([], tf.float32, name="scale")])
    def call(image, scale):
        return {"embedding": tf.reduce_mean(image, [1, 2]) * scale}

    tf.saved_model.save(tf.Module(), str(tmp_path), signatures=call)
    config = network_config("scaled", str(tmp_path), input_size=4)
    config.outputs = {"embedding": "embedding"}
    assert "its inputs ['scale'] need values; give them in `constants`" in _error(config)
    config.constants = {"scale": 2.0}
    assert load_network(config).output_sizes == {"embedding": 3}


def test_a_size_the_network_does_not_take(tiny):
    assert "set input_size" in _error(tiny.config, input_size=7)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "onnx"}, "kind 'onnx'"),
        ({"color_order": "RBG"}, "color_order 'RBG'"),
        ({"input_size": 0}, "input_size 0"),
        ({"crop": (0.5, 0.0, 0.5, 1.0)}, "crop"),
        ({"mean": (0.0,)}, "mean"),
        ({"std": (1.0, 0.0, 1.0)}, "std"),
        ({"input_range": (1.0, 1.0)}, "input_range"),
        ({"outputs": {}}, "`outputs` is empty"),
    ],
)
def test_conventions_that_make_no_sense(saved_model, changes, message):
    assert message in _error(saved_model.config, **changes)
