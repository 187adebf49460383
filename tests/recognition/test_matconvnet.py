"""MatConvNet's VGG-Face: its convolutions over whole maps are our dense layers."""

import numpy as np
import pytest
import scipy.io
import tensorflow as tf

from tests.recognition.real_layouts import random_weights, shapes_of, write_matconvnet
from tf_morph.errors import InputError
from tf_morph.recognition.architectures import ARCHITECTURES, with_outputs
from tf_morph.recognition.weight_files import assign, read_weights

SIDE = 3  # of the last map, so that rows, columns and channels cannot stand for one another
SMALL = {"width": 0.125, "input_size": 32 * SIDE, "classes": 10}
RGB_MEAN = (129.1863, 104.7624, 93.5940)


@pytest.fixture(scope="module")
def vgg16():
    return ARCHITECTURES["vgg16"].build(**SMALL)


@pytest.fixture(scope="module")
def weights(vgg16):
    return random_weights(shapes_of(vgg16))


def _as_matconvnet_runs_it(path, pictures):
    """The file's list of convolutions, one after the other: {name: its output}."""
    x, outputs = tf.constant(pictures), {}
    for entry in scipy.io.loadmat(path, struct_as_record=False)["layers"][0]:
        layer = entry[0, 0]
        if layer.type[0] == "relu":
            x = tf.nn.relu(x)
            continue
        name = layer.name[0]
        if name in ("conv2_1", "conv3_1", "conv4_1", "conv5_1", "fc6"):
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        padding = "VALID" if name.startswith("fc") else "SAME"
        filters = layer.weights[0, 0]
        filters = filters.reshape(filters.shape + (1,) * (4 - filters.ndim))
        x = tf.nn.conv2d(x, filters, 1, padding) + layer.weights[0, 1].ravel()
        outputs[name] = tf.squeeze(x).numpy()
    return outputs


def test_outputs_are_those_of_the_file_s_own_convolutions(vgg16, weights, tmp_path):
    path = write_matconvnet(tmp_path / "vgg-face.mat", weights, map_side=SIDE)
    found = read_weights(path)
    assert found.architecture == "vgg16"
    assert found.variant == {"include_top": True, "classes": 10}
    assert found.weights["fc6"]["kernel"].shape == (SIDE * SIDE * 64, 512)
    assign(vgg16, found)
    pictures = np.random.default_rng(0).normal(size=(2, 96, 96, 3)).astype(np.float32)
    ours = with_outputs(vgg16, ["conv1_1", "fc6", "fc7", "fc8"])(pictures)
    theirs = _as_matconvnet_runs_it(path, pictures)
    np.testing.assert_allclose(ours["conv1_1"], tf.nn.relu(theirs["conv1_1"]), atol=1e-5)
    for name in ("fc6", "fc7", "fc8"):
        assert np.abs(theirs[name]).max() > 0.1
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("form", [{"older": True}, {"average": None}, {"average": RGB_MEAN}])
def test_the_published_file_takes_red_first(weights, form, tmp_path):
    found = read_weights(write_matconvnet(tmp_path / "a.mat", weights, map_side=SIDE, **form))
    assert found.convention == {"color_order": "RGB", "mean": RGB_MEAN}


def test_a_file_with_the_means_of_blue_first_takes_blue_first(weights, tmp_path):
    blue_first = RGB_MEAN[::-1]
    path = write_matconvnet(tmp_path / "a.mat", weights, map_side=SIDE, average=blue_first)
    assert read_weights(path).convention == {"color_order": "BGR", "mean": blue_first}


def test_a_layer_of_one_filter_keeps_its_four_axes(tmp_path):
    shapes = {"conv1_1": {"kernel": (3, 3, 3, 1), "bias": (1,)}}
    weights = random_weights(shapes)
    found = read_weights(write_matconvnet(tmp_path / "a.mat", weights)).weights
    np.testing.assert_array_equal(found["conv1_1"]["kernel"], weights["conv1_1"]["kernel"])


def test_other_matlab_files_are_told_from_networks(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", {"faces": np.eye(3)})
    with pytest.raises(InputError, match=r"no network of MatConvNet: no `layers`, but \['faces'\]"):
        read_weights(tmp_path / "a.mat")
    scipy.io.savemat(tmp_path / "b.mat", {"layers": np.eye(3)})
    with pytest.raises(InputError, match="a MatConvNet network, which holds no layers"):
        read_weights(tmp_path / "b.mat")
