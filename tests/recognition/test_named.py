"""Networks by name or path: a whole config, filled in from the architecture and the file."""

import numpy as np
import pytest

from tests.recognition.real_layouts import (
    random_weights,
    shapes_of,
    write_keras_hdf5,
    write_matconvnet,
)
from tf_morph.config import network_config
from tf_morph.errors import InputError
from tf_morph.recognition import load_network
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.inspect import describe
from tf_morph.recognition.named import named_network, resolved

SMALL = {"width": 0.125, "input_size": 32}
BGR_MEAN = (93.5940, 104.7624, 129.1863)


@pytest.fixture(scope="module")
def weights():
    return random_weights(shapes_of(ARCHITECTURES["vgg16"].build(**SMALL, classes=10)))


@pytest.fixture(scope="module")
def vgg16(weights, tmp_path_factory):
    return write_keras_hdf5(tmp_path_factory.mktemp("named") / "face.h5", weights)


def _small(config):
    """The same of the thin network that the tests' files hold."""
    config.update({"input_size": 32, "variant": SMALL})
    return config


def _message(call, *arguments, **fields):
    with pytest.raises(InputError) as caught:
        call(*arguments, **fields)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_path_is_all_that_is_needed(vgg16):
    config = named_network(str(vgg16))
    assert (config.kind, config.name, config.path) == ("vgg16", "face", str(vgg16))
    assert (config.input_size, config.color_order, config.mean) == (224, "BGR", BGR_MEAN)
    assert config.outputs.to_dict() == {"embedding": "fc7", "features": "fc7"}
    assert load_network(_small(config)).output_sizes == {"embedding": 512, "features": 512}


def test_outputs_are_the_network_s_own_or_any_layer(vgg16):
    wanted = ["fc6", "fc7_relu", "pooled", "conv5_3", "fc6/relu", "embedding"]
    config = _small(named_network("vgg16", str(vgg16), outputs=wanted))
    network = load_network(config)
    assert network.output_sizes == dict(zip(wanted, [512, 512, 64, 256, 512, 512], strict=True))
    pictures = np.random.default_rng(0).uniform(size=(2, 32, 32, 3)).astype(np.float32)
    outputs = network(pictures)
    np.testing.assert_array_equal(outputs["fc6/relu"], np.maximum(outputs["fc6"], 0))
    np.testing.assert_array_equal(outputs["fc7_relu"], np.maximum(outputs["embedding"], 0))
    assert "no output or layer 'fc9'" in _message(
        load_network, _small(named_network(str(vgg16), outputs=["fc9"]))
    )


def test_a_matconvnet_file_of_the_same_network_sees_the_same(weights, vgg16, tmp_path):
    """Its first kernels are red first, and it is fed so."""
    turned = {k: dict(kinds) for k, kinds in weights.items()}
    turned["conv1_1"]["kernel"] = turned["conv1_1"]["kernel"][:, :, ::-1]
    matlab = write_matconvnet(tmp_path / "face.mat", turned, map_side=1)
    pictures = np.random.default_rng(0).uniform(size=(2, 40, 40, 3)).astype(np.float32)
    theirs, ours = (
        load_network(_small(named_network(str(path))))(pictures)["embedding"]
        for path in (matlab, vgg16)
    )
    assert named_network(str(matlab)).color_order == "RGB"
    np.testing.assert_allclose(theirs, ours, rtol=1e-3, atol=1e-3)


def test_a_config_may_leave_everything_to_the_file(vgg16):
    assert "set kind='auto'" in _message(load_network, network_config("judge", str(vgg16)))
    left = network_config("judge", str(vgg16), kind="auto", variant=SMALL)
    left.crop = (0.1, 0.1, 0.9, 0.9)
    message = _message(load_network, left)
    assert "takes no pictures of 224 pixels" in message  # the file's is a network of 32
    named = network_config("judge", str(vgg16), kind="vgg16", variant=SMALL)
    named.outputs = {"embedding": "fc6"}
    assert "takes no pictures of 224 pixels" in _message(load_network, named)
    named.update({"input_size": 32, "mean": BGR_MEAN, "color_order": "BGR"})
    given = load_network(named).convention
    assert (given.input_size, given.mean) == (32, BGR_MEAN)


def test_the_shipped_network_by_name_and_by_kind_auto():
    path = "package:embedded/networks/judge.keras"
    written = network_config("judge", path, kind="keras", input_size=112)
    assert named_network("judge") == written
    assert resolved(network_config("judge", path, kind="auto")) == written
    assert resolved(written) == written


def test_names_of_published_networks_need_no_file_until_they_are_loaded(monkeypatch, tmp_path):
    monkeypatch.setenv("TF_MORPH_ASSETS", str(tmp_path))
    expected = {
        "vgg16": ("rcmalli_vggface_tf_vgg16.h5", 224, "BGR", "fc7"),
        "resnet50": ("rcmalli_vggface_tf_notop_resnet50.h5", 224, "BGR", "pooled"),
        "senet50": ("rcmalli_vggface_tf_notop_senet50.h5", 224, "BGR", "pooled"),
        "inception_resnet_v1": ("20180402-114759.pb", 160, "RGB", "embedding"),
    }
    for name, (file, size, order, usual) in expected.items():
        config = named_network(name)
        assert config.path == f"$TF_MORPH_ASSETS/recognition/{file}"
        assert (config.input_size, config.color_order) == (size, order)
        assert config.outputs.embedding == usual
        message = _message(load_network, config)
        assert f"{file}: no such file; get {file} from https://" in message
        assert f"put it at $TF_MORPH_ASSETS/recognition/{file}" in message
    monkeypatch.delenv("TF_MORPH_ASSETS")
    assert "TF_MORPH_ASSETS is not set" in _message(load_network, named_network("vgg16"))


def test_the_usual_file_is_found_in_the_assets(weights, monkeypatch, tmp_path):
    monkeypatch.setenv("TF_MORPH_ASSETS", str(tmp_path))
    (tmp_path / "recognition").mkdir()
    write_matconvnet(tmp_path / "recognition" / "vgg-face.mat", weights, map_side=1)
    config = named_network("vgg16")
    assert config.path.endswith("/vgg-face.mat") and config.color_order == "RGB"
    assert named_network("vgg-face.mat").kind == "vgg16"


def test_wrong_names_and_files_say_what_there_is(vgg16, tmp_path, monkeypatch):
    monkeypatch.setenv("TF_MORPH_ASSETS", str(tmp_path))
    message = _message(named_network, "vggface")
    assert "no network of that name; names are dlib_resnet, vgg16, resnet50, senet50" in message
    assert "get vgg-face.mat from https://" in _message(named_network, "vgg-face.mat")
    message = _message(named_network, "resnet50", str(vgg16))
    assert "holds vgg16, not resnet50; name the network vgg16" in message
    assert "no weights of it were published" in _message(named_network, "facenet_nn2")
    assert "judge: no network's name that takes weights" in _message(
        named_network, "judge", str(vgg16)
    )
    foreign = write_keras_hdf5(
        tmp_path / "a.h5", random_weights({"block1_conv1": {"kernel": (3, 3, 3, 8)}})
    )
    assert "of a network that is not known here (1 layers" in _message(named_network, str(foreign))
    message = _message(load_network, network_config("x", str(foreign), kind="vgg16", variant=SMALL))
    assert "none of the networks known here" in message or "not known here" in message


def test_inspect_says_what_a_file_is_and_whether_it_fits(vgg16, tmp_path, weights):
    lines = "\n".join(describe(str(vgg16)))
    assert "face.h5: Keras weights (HDF5) of vgg16 (include_top True, classes 10)" in lines
    assert "conv1_1  kernel [3, 3, 3, 8], bias [8]" in lines
    assert "does not fit vgg16: " in lines  # it is a thin one
    assert "input: image, 224 x 224, BGR, 0..255, minus (93.594, 104.7624, 129.1863)" in lines
    assert f'config.judge = named_network("{vgg16}")' in lines
    assert "commercial use: no" in lines
    lines = "\n".join(describe("judge"))
    assert "a network it calls 'facenet_nn2'" in lines and "513,168 parameters" in lines
    assert "input: image, 112 x 112, RGB, 0..255" in lines
    assert "outputs: embedding, pooled" in lines


def test_inspect_of_a_network_whose_file_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("TF_MORPH_ASSETS", str(tmp_path))
    assert "get 20180402-114759.pb from https://github.com" in _message(
        lambda: list(describe("inception_resnet_v1"))
    )


def test_inspect_counts_the_constants_of_a_saved_model_without_variables(assets):
    lines = "\n".join(describe(str(assets / "recognition" / "mobilefacenet_y1")))
    assert "layers with weights: 0" not in lines and "3, 3, 3, " in lines


def test_inspect_reads_saved_models(saved_model):
    lines = "\n".join(describe(saved_model.config.path))
    assert "TensorFlow SavedModel" in lines and "weights  [108, 5]" in lines
    assert "input: image, 6 x 6, RGB" in lines and "outputs: embedding, pooled" in lines
    assert load_network(named_network(saved_model.config.path)).output_sizes["embedding"] == 5
