"""dlib's network gives what dlib gives; its file is that of the installed package."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tf_morph.config import expand_path, network_config
from tf_morph.errors import InputError
from tf_morph.recognition import load_network
from tf_morph.recognition.architectures import ARCHITECTURES, weighted_layers, with_outputs
from tf_morph.recognition.architectures.dlib_resnet import build_dlib_resnet, mean_embedding
from tf_morph.recognition.inspect import describe
from tf_morph.recognition.mean_embedding import mean_over_people
from tf_morph.recognition.named import named_network

# What dlib 20.0.1 gives for the first picture of `_noise`: the first and the last three numbers.
OF_NOISE = ((-0.0921897, 0.0841689, 0.0431577), (-0.0294406, 0.0261955, 0.0859315))
POOLED = {f"group{n}_pooled": size for n, size in enumerate((32, 64, 128, 256), 1)}


def _noise():
    return np.random.default_rng(0).integers(0, 256, (3, 150, 150, 3), dtype=np.uint8)


def _embeddings(network, pictures):
    return network(tf.constant(pictures / 255.0, tf.float32))["embedding"].numpy()


def _relative(found, expected):
    return (np.linalg.norm(found - expected, axis=-1) / np.linalg.norm(expected, axis=-1)).max()


@pytest.fixture(scope="module")
def network(dlib_file):
    wanted = (*ARCHITECTURES["dlib_resnet"].outputs, "group4_block3")
    return load_network(named_network("dlib_resnet", outputs=wanted))


def test_it_gives_what_dlib_gives_for_noise(network):
    found = _embeddings(network, _noise())[0]
    for part, expected in zip((found[:3], found[-3:]), OF_NOISE, strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-5, atol=1e-6)


def test_it_gives_what_dlib_gives_for_the_reference(network, assets):
    with np.load(assets / "recognition" / "dlib_reference.npz") as reference:
        names, noise, faces = (reference[name] for name in ("lfw_names", "noise_seed0", "lfw"))
    assert _relative(_embeddings(network, _noise()), noise) < 1e-5
    pictures = [
        Image.open(assets / "lfw" / name / f"{name}_0001.jpg")
        .crop((62, 62, 188, 188))
        .resize((150, 150), Image.Resampling.BILINEAR)
        for name in names
    ]
    assert _relative(_embeddings(network, np.stack(pictures)), faces) < 1e-5


def test_the_centred_embedding_lacks_the_mean_of_many_people(network):
    pictures = tf.constant(_noise() / 255.0, tf.float32)
    outputs = network(pictures)
    mean = mean_embedding()
    assert mean.shape == (128,) and 0.5 < np.linalg.norm(mean) < 2
    np.testing.assert_allclose(outputs["centred"], outputs["embedding"] - mean, atol=1e-6)
    with pytest.raises(ValueError):
        mean[0] = 0


def test_earlier_maps_are_outputs(network):
    sizes = {"embedding": 128, "centred": 128, "pooled": 256, "group4_block3": 4 * 4 * 256}
    assert network.output_sizes == sizes | POOLED
    outputs = network(tf.constant(_noise() / 255.0, tf.float32))
    last = outputs["group4_block3"].numpy().reshape(-1, 16, 256)
    np.testing.assert_allclose(outputs["group4_pooled"], last.mean(1), rtol=1e-4, atol=1e-5)


def test_gradients_are_the_slopes_of_the_features(network):
    """Along the gradient itself, where the slope is far above the rounding of float32."""
    rng = np.random.default_rng(1)
    picture = tf.constant(rng.uniform(0.2, 0.8, (1, 150, 150, 3)), tf.float32)
    for output, size in (("embedding", 128), ("centred", 128), *POOLED.items()):
        weights = tf.constant(rng.normal(size=size), tf.float32)

        def value(image, output=output, weights=weights):
            return tf.reduce_sum(network(image)[output] * weights)

        with tf.GradientTape() as tape:
            tape.watch(picture)
            total = value(picture)
        slope = tape.gradient(total, picture)
        assert np.isfinite(slope).all()
        direction = slope / tf.norm(slope)
        step = 0.02  # in all pixels together: far below a grey level in each
        numeric = (value(picture + step * direction) - value(picture - step * direction)) / 2 / step
        assert float(numeric) == pytest.approx(float(tf.norm(slope)), rel=0.03)


def test_maps_that_differ_are_added_with_zeros_at_the_end():
    model = build_dlib_resnet(width=0.5, mean=np.zeros(128))
    rng = np.random.default_rng(0)
    for layer in weighted_layers(model).values():
        layer.set_weights([rng.normal(0, 0.05, weight.shape) for weight in layer.weights])
    pictures = rng.normal(size=(2, 150, 150, 3)).astype(np.float32)
    for before, block in (("group1_block3", "group2_block1"), ("group3_block3", "group4_block1")):
        names = (before, f"{block}_conv2", block)
        results = with_outputs(model, names)(pictures, training=False)
        x, branch, after = (np.asarray(results[name]) for name in names)
        _, rows, columns, channels = x.shape
        whole = x[:, : rows // 2 * 2, : columns // 2 * 2]
        halved = whole.reshape(2, rows // 2, 2, columns // 2, 2, channels).mean((2, 4))
        expected = np.zeros_like(after)
        for part in (halved, branch):
            expected[:, : part.shape[1], : part.shape[2], : part.shape[3]] += part
        np.testing.assert_allclose(after, np.maximum(expected, 0), rtol=1e-5, atol=1e-5)
    assert branch.shape[1] < halved.shape[1] and channels < branch.shape[3], "both were tried"


def test_its_name_is_all_that_is_needed(dlib_file):
    config = named_network("dlib_resnet")
    assert config.path == f"installed:face_recognition_models/models/{dlib_file.name}"
    assert (config.kind, config.input_size) == ("dlib_resnet", 150)
    outputs = {"embedding": "embedding", "features": "pooled", "centred": "centred"}
    assert config.outputs.to_dict() == outputs
    for same in (
        named_network(str(dlib_file)),
        named_network(config.path),
        named_network("dlib_resnet", str(dlib_file)),
    ):
        same.update({"path": config.path, "name": config.name})
        assert same == config
    by_itself = network_config("judge", config.path, kind="auto")
    assert load_network(by_itself).convention == ARCHITECTURES["dlib_resnet"].convention
    lines = "\n".join(describe("dlib_resnet"))
    assert f"{dlib_file.name}: dlib network of dlib_resnet" in lines
    assert "fits dlib_resnet: every layer and shape" in lines
    assert "CC0" in lines and "embedding, centred, pooled, group1_pooled" in lines


def test_without_the_package_the_line_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    config = named_network("dlib_resnet")  # a config can be written without it
    with pytest.raises(InputError, match="pip install --no-deps face_recognition_models==0.3.0$"):
        load_network(config)
    with pytest.raises(InputError, match="pip install --no-deps"):
        expand_path(config.path)


def test_everybody_weighs_alike_in_a_mean():
    embeddings = np.array([[1.0, 0], [3, 0], [2, 6], [5, 0]])
    mean = mean_over_people(embeddings, ["a", "a", "b", "c"])
    np.testing.assert_allclose(mean, [3, 2])
