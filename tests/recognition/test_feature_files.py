"""Features in a file: of prepared inputs, not prepared again, and of photographs in a folder."""

import numpy as np
import pytest
from absl import flags
from PIL import Image

from tests.recognition.conftest import SIZE
from tests.recognition.real_layouts import random_weights, shapes_of, write_keras_hdf5
from tf_morph.errors import InputError
from tf_morph.photographs import load_photographs
from tf_morph.recognition import features, load_network
from tf_morph.recognition.architectures import ARCHITECTURES, weighted_layers, with_outputs
from tf_morph.recognition.feature_files import features_of_folder, features_of_prepared
from tf_morph.recognition.named import named_network


@pytest.fixture(scope="module")
def network(saved_model):
    return load_network(saved_model.config)


def _inputs(count=3):
    return np.random.default_rng(0).uniform(-128, 128, (count, SIZE, SIZE, 3)).astype(np.float32)


def _written(path, array):
    np.save(path, array)
    return path


def _photographs(folder, names, size=20):
    rng = np.random.default_rng(1)
    for name in names:
        folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (size, size, 3), np.uint8)
        Image.fromarray(pixels).save(folder / name)
    return folder


def _run(*arguments):
    """The command, with flags of its own."""
    values = flags.FlagValues()
    kept, flags.FLAGS = flags.FLAGS, values
    try:
        flags.DEFINE_string("network", None, "", flag_values=values)
        flags.DEFINE_string("weights", None, "", flag_values=values)
        flags.DEFINE_list("output", None, "", flag_values=values)
        flags.DEFINE_string("crop", None, "", flag_values=values)
        features.main(values(["features", *map(str, arguments)]))
    finally:
        flags.FLAGS = kept


def test_prepared_inputs_are_not_prepared_again(network, saved_model, tmp_path):
    inputs = _inputs(40)
    found = features_of_prepared(network, _written(tmp_path / "in.npy", inputs))
    np.testing.assert_allclose(found["embedding"], saved_model.expected(inputs), atol=1e-5)
    assert found["embedding"].dtype == np.float32
    empty = features_of_prepared(network, _written(tmp_path / "none.npy", inputs[:0]))
    assert empty["embedding"].shape == (0, found["embedding"].shape[1])
    wider = _written(tmp_path / "wide.npy", inputs.astype(np.float64))
    np.testing.assert_array_equal(
        features_of_prepared(network, wider)["embedding"], found["embedding"]
    )


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (_inputs()[:, 1:], rf"\[3, {SIZE - 1}, {SIZE}, 3\].* takes \[N, {SIZE}, {SIZE}, 3\]"),
        (_inputs()[0], "holds"),
        (np.array(3.0), "holds"),
        (_inputs() * np.nan, "not finite"),
        (_inputs().astype(str), "give numbers"),
        (np.array([{}]), "no array of numbers"),
    ],
)
def test_other_arrays_are_refused(array, complaint, network, tmp_path):
    path = _written(tmp_path / "in.npy", array)
    with pytest.raises(InputError, match=complaint):
        features_of_prepared(network, path)


def test_a_file_that_is_none_is_refused(network, tmp_path):
    (tmp_path / "in.npy").write_bytes(b"\x93NUMPY\x01\x00cut")
    with pytest.raises(InputError, match=r"in.npy: no array of numbers, or a damaged one; give"):
        features_of_prepared(network, tmp_path / "in.npy")
    with pytest.raises(InputError, match=r"nowhere.npy: no such file; give a .npy file"):
        features_of_prepared(network, tmp_path / "nowhere.npy")


def test_a_folder_s_photographs_are_cropped_and_prepared(network, saved_model, tmp_path):
    folder = _photographs(tmp_path / "photos", ["a/1.png", "a/2.png", "b.png"])
    (folder / "broken.png").write_bytes(b"no picture")
    crop = (2, 3, 18, 19)
    paths = sorted(str(path) for path in folder.rglob("*.png"))
    found = features_of_folder(network, paths, crop)
    assert [path for path, _ in found.skipped] == [str(folder / "broken.png")]
    loaded = load_photographs(paths, crop, SIZE, progress=False)
    expected = saved_model.expected(loaded.images.astype(np.float32))
    np.testing.assert_allclose(found.arrays["embedding"], expected, atol=1e-5)
    assert found.arrays["paths"].tolist() == [paths[index] for index in loaded.kept]
    with pytest.raises(InputError, match=r"broken.png: .*so it is with all 1"):
        features_of_folder(network, [str(folder / "broken.png")], crop)


def test_the_command_writes_what_is_asked_for(saved_model, tmp_path, capsys):
    prepared = _written(tmp_path / "in.npy", _inputs())
    network = f"--network={saved_model.config.path}"
    out = tmp_path / "new folder" / "out.npz"
    _run(network, "--output=pooled,embedding", prepared, out)
    assert "embedding [3, 5], pooled [3, 3]" in capsys.readouterr().out
    with np.load(out, allow_pickle=False) as file:
        assert sorted(file.files) == ["embedding", "pooled"]
        np.testing.assert_allclose(file["embedding"], saved_model.expected(_inputs()), atol=1e-5)
    folder = _photographs(tmp_path / "photos", ["a/1.png", "b.png"])
    (folder / "c.png").write_bytes(b"")
    _run(network, "--output=pooled", "--crop=whole", folder, out)
    assert "c.png: skipped: an empty file" in capsys.readouterr().err
    with np.load(out, allow_pickle=False) as file:
        assert file["pooled"].shape == (2, 3)
        assert [path[-7:] for path in file["paths"]] == ["a/1.png", "s/b.png"]
    with pytest.raises(InputError, match=r"out.txt: name a file that ends in .npz"):
        _run(network, "--output=pooled", folder, tmp_path / "out.txt")
    with pytest.raises(InputError, match="fc7"):
        _run(network, "--output=fc7", prepared, out)


@pytest.mark.slow
def test_a_published_network_s_layer_from_a_weight_file(tmp_path):
    model = ARCHITECTURES["senet50"].build()
    weights = random_weights(shapes_of(model))
    for layer, kept in weighted_layers(model).items():
        kept.set_weights([weights[layer][variable.name] for variable in kept.weights])
    path = write_keras_hdf5(tmp_path / "senet.h5", weights)
    inputs = np.random.default_rng(0).uniform(-1, 1, (1, 224, 224, 3)).astype(np.float32)
    prepared, out = _written(tmp_path / "in.npy", inputs), tmp_path / "out.npz"
    layer = "conv2_1_1x1_increase/bn"
    _run("--network=senet50", f"--weights={path}", f"--output={layer}", prepared, out)
    expected = np.asarray(with_outputs(model, [layer])(inputs, training=False)[layer])
    with np.load(out, allow_pickle=False) as file:
        np.testing.assert_allclose(file[layer], expected.reshape(1, -1), rtol=1e-3, atol=1e-3)
    assert named_network("senet50", str(path)).color_order == "BGR"
