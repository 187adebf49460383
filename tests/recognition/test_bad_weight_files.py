"""What is wrong with a weight file is said in one line that names the file and the remedy."""

import functools
import io
import pickle
import zipfile

import h5py
import numpy as np
import pytest

from tests.recognition.real_layouts import (
    random_weights,
    shapes_of,
    write_keras_hdf5,
    write_keras_vars,
    write_matconvnet,
)
from tf_morph.errors import InputError
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.weight_files import assign, read_weights

SMALL = {"width": 0.125, "input_size": 32, "classes": 10}
PUBLISHED = "rcmalli_vggface_tf_vgg16.h5"
PAGE = "https://github.com/rcmalli/keras-vggface/releases/tag/v2.0"


@pytest.fixture(scope="module")
def vgg16():
    return ARCHITECTURES["vgg16"].build(**SMALL)


@pytest.fixture(scope="module")
def weights(vgg16):
    return random_weights(shapes_of(vgg16))


@pytest.fixture(scope="module")
def little():
    shapes = {f"conv{block}_{n}": {"kernel": (3, 3, 2, 2), "bias": (2,)} for block in (1, 2, 3, 4)
              for n in (1, 2)}  # fmt: skip
    return random_weights(shapes)


def _error(path, model=None):
    with pytest.raises(InputError) as caught:
        file = read_weights(path)
        assign(model, file)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path)) and message.count(str(path)) == 1
    return message


def _archive(name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, b"\x80\x02")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", f"empty; fetch it again from {PAGE}"),
        (b"\0" * 5000, f"nothing but zeros at its beginning; fetch it again from {PAGE}"),
        (b"\n<!DOCTYPE html><html>404", f"not a weight file; fetch it again from {PAGE}"),
        (b"\xef\xbb\xbf<HTML>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a git-lfs pointer"),
        (b"\x80\x04\x95" + pickle.dumps([1]), "Python objects (a pickle or PyTorch file)"),
        (_archive("archive/data.pkl"), "Python objects (a pickle or PyTorch file)"),
        (_archive("20180402-114759/20180402-114759.pb"), "an archive of 20180402-114759/20180402"),
        (_archive("a.pb")[:60], "only a part of a file"),
        (b"\x1f\x8b\x08" + bytes(99), "packed (gzip); unpack it"),
        (b"MATLAB 7.3 MAT-file, Platform" + bytes(999), "of version 7.3; save it in MATLAB"),
        (b"MATLAB 5.0 MAT-file, Platform" + bytes(99), "a truncated or damaged MATLAB file"),
        (b"\x89HDF\r\n\x1a\n" + bytes(99), "a truncated or damaged HDF5 file"),
        (b"a letter", "none of the files known here"),
        (np.random.default_rng(0).bytes(3000), "none of the files known here"),
    ],
)  # fmt: skip
def test_what_is_no_weight_file_is_named_for_what_it_is(tmp_path, content, expected):
    path = tmp_path / PUBLISHED
    path.write_bytes(content)
    assert expected in _error(path)


def test_no_such_file_and_folders(tmp_path):
    absent = _error(tmp_path / PUBLISHED)
    assert f"get {PUBLISHED} from {PAGE} and put it at $TF_MORPH_ASSETS/recognition/" in absent
    assert "no such file; give a network's weight file" in _error(tmp_path / "absent.h5")
    assert "a folder without saved_model.pb" in _error(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    assert "part of a SavedModel; give its folder" in _error(tmp_path / "saved_model.pb")
    assert "a TensorFlow SavedModel, which holds no layers" in _error(tmp_path)


@pytest.mark.parametrize("layout", ["h5", "weights.h5", "mat"])
def test_a_truncated_file_is_called_that_wherever_it_ends(little, tmp_path, layout):
    write = {"h5": write_keras_hdf5, "weights.h5": write_keras_vars, "mat": write_matconvnet}
    whole = write[layout](tmp_path / f"whole.{layout}", little).read_bytes()
    path = tmp_path / f"part.{layout}"
    for share in np.linspace(0.15, 0.995, 12):
        path.write_bytes(whole[: int(share * len(whole))])
        message = _error(path)
        assert "truncated or damaged" in message and "fetch it again" in message


@pytest.mark.parametrize(
    ("write", "times"),
    [
        (write_keras_hdf5, 25),
        (write_keras_vars, 25),
        (functools.partial(write_matconvnet, compressed=True), 25),
        (write_matconvnet, 25),
    ],
    ids=["h5", "weights.h5", "compressed mat", "mat"],
)
def test_damage_is_an_error_or_harmless(little, tmp_path, write, times):
    whole = np.frombuffer(write(tmp_path / "a.whole", little).read_bytes(), np.uint8)
    path = tmp_path / "a.damaged"
    rng = np.random.default_rng(0)
    for _ in range(times):
        damaged = whole.copy()
        start = rng.integers(8, len(whole) - 8)
        damaged[start : start + 8] = rng.integers(0, 256, 8)
        path.write_bytes(damaged.tobytes())
        try:
            read_weights(path)
        except InputError as error:
            assert "\n" not in str(error)


def test_an_hdf5_file_of_something_else(tmp_path):
    with h5py.File(tmp_path / "face.h5", "w") as file:
        file["shape/model/mean"] = np.zeros(3)
    assert "no weights of Keras' in it (it has shape)" in _error(tmp_path / "face.h5")
    h5py.File(tmp_path / "empty.h5", "w").close()
    assert "it has nothing" in _error(tmp_path / "empty.h5")


def test_links_into_other_files_are_not_followed(little, tmp_path):
    secret = write_keras_hdf5(tmp_path / "secret.h5", little)
    path = write_keras_hdf5(tmp_path / "a.h5", little)
    with h5py.File(path, "a") as file:
        del file["conv1_1"]
        file["conv1_1"] = h5py.ExternalLink(str(secret), "/conv1_1")
    assert "a link into another file" in _error(path)
    path = write_keras_hdf5(tmp_path / "b.h5", little)
    with h5py.File(path, "a") as file:
        del file["conv1_1/conv1_1/bias:0"]
        file["conv1_1/conv1_1"].create_dataset("bias:0", (2,), "f4", external=[(str(secret), 0, 8)])
    assert "lies in another file" in _error(path)


def test_arrays_that_are_missing_unwritten_or_no_numbers(little, tmp_path):
    name = "conv1_1/conv1_1/bias:0"
    for replace, expected in (
        (None, "has no 'conv1_1/bias:0'"),
        ({"shape": (2,), "dtype": "f4", "chunks": (1,)}, "was never written"),
        ({"data": np.array([np.nan, 1], np.float32)}, "layer 'conv1_1', bias: not all"),
        ({"data": np.array([1, 2])}, "layer 'conv1_1', bias: holds int64"),
    ):
        path = write_keras_hdf5(tmp_path / "a.h5", little)
        with h5py.File(path, "a") as file:
            del file[name]
            if replace:
                file.create_dataset(name, **replace)
        assert expected in _error(path)


def test_newer_keras_files_without_names_say_what_to_do(little, tmp_path):
    path = write_keras_vars(tmp_path / "a.weights.h5", little, named=False)
    assert "fit no network known here in their order; save the model again" in _error(path)


def test_a_mismatch_names_layer_shapes_and_what_the_file_looks_like(vgg16, weights, tmp_path):
    def changed(layer, kinds):
        spoilt = dict(weights)
        if kinds is None:
            del spoilt[layer]
        else:
            spoilt[layer] = kinds
        return _error(write_keras_hdf5(tmp_path / "a.h5", spoilt), vgg16)

    kernel = weights["conv3_2"]["kernel"]
    looks = "the file looks like vgg16 (include_top True, classes 10)"
    message = changed("conv3_2", {**weights["conv3_2"], "kernel": kernel[..., :8]})
    assert "layer 'conv3_2': its kernel is [3, 3, 32, 8], vgg16 expects [3, 3, 32, 32]" in message
    assert message.endswith(looks)
    assert f"layer 'conv5_1' of vgg16 is missing; {looks}" in changed("conv5_1", None)
    assert "layer 'conv3_4' is none of vgg16's" in changed("conv3_4", weights["conv3_2"])
    message = changed("fc7", {"kernel": weights["fc7"]["kernel"]})
    assert "layer 'fc7', 'bias' of vgg16 is missing" in message
    unchanged = [v.numpy().max() for v in vgg16.weights]
    assert set(unchanged) == {0.0}, "nothing is assigned from a file that does not fit"


def test_a_file_of_another_network_says_which(vgg16, tmp_path):
    names = [f"conv{s}_{b}_1x1_{n}" for s in range(2, 6) for b in range(1, 4)
             for n in ("reduce", "increase")]  # fmt: skip
    shapes = {name: {"kernel": (1, 1, 2, 2)} for name in names}
    path = write_keras_hdf5(tmp_path / "a.h5", random_weights(shapes))
    message = _error(path, vgg16)
    assert "layer 'conv1_1', 'conv1_2', 'conv2_1' and 13 more of vgg16 is missing" in message
    assert "the file looks like resnet50" in message
    foreign = {"block1_conv1": {"kernel": (3, 3, 3, 8)}, "dense": {"kernel": (8, 2)}}
    path = write_keras_hdf5(tmp_path / "b.h5", random_weights(foreign))
    assert "none of the networks known here (2 layers, 'block1_conv1' to 'dense')" in _error(
        path, vgg16
    )
