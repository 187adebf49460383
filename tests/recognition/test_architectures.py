"""The networks are the papers' at width 1, thinner below, and their weights come from the seed."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.recognition.architectures.facenet_nn2 import build_facenet_nn2
from tf_morph.recognition.layers import (
    POOLINGS,
    LocalResponseNormalization,
    SquarePooling,
    scaled_channels,
)
from tf_morph.recognition.plan import ARCHITECTURES, NetworkPlan, build_network
from tf_morph.recognition.vgg_face import build_vgg_face

# Schroff et al. 2015, table 2, column "params", in thousands.
NN2_STEM = {"conv1": 9, "inception (2)": 115}
NN2_MODULES = (164, 228, 398, 545, 595, 654, 722, 717, 1600, 1600)
NN2_MODULE_CHANNELS = (256, 320, 640, 640, 640, 640, 640, 1024, 1024, 1024)
SIZE = 64


@pytest.fixture(scope="module")
def nn2():
    return build_facenet_nn2(input_size=SIZE)


def _kernel_sizes(layers):
    """Thousands of weights in all the layers' convolutions, biases left out."""
    return sum(layer.kernel.shape.num_elements() for layer in layers if _has_kernel(layer)) / 1000


def _has_kernel(layer):
    return isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)


def test_nn2_has_the_table_s_parameters_module_by_module(nn2):
    ends = [i for i, layer in enumerate(nn2.layers) if isinstance(layer, keras.layers.Concatenate)]
    assert [nn2.layers[i].output.shape[-1] for i in ends] == list(NN2_MODULE_CHANNELS)
    # Layers come sorted by depth: a module's lie between its neighbours' ends; before the first
    # module's end also the stem's.
    sizes = [
        _kernel_sizes(nn2.layers[begin:end]) for begin, end in zip(ends, ends[1:], strict=False)
    ]
    for size, published in zip(sizes, NN2_MODULES[1:], strict=True):
        assert size == pytest.approx(published, rel=0.03)
    first = _kernel_sizes(nn2.layers[: ends[0]])
    assert first == pytest.approx(sum(NN2_STEM.values()) + NN2_MODULES[0], rel=0.03)
    assert nn2.count_params() == pytest.approx(7.5e6, rel=0.01)


def test_nn2_pools_and_normalises_as_the_table_says(nn2):
    kinds = [type(layer) for layer in nn2.layers]
    assert kinds.count(SquarePooling) == 6  # 3b, 4a to 4d, 5a
    assert kinds.count(LocalResponseNormalization) == 2
    assert keras.layers.BatchNormalization not in kinds
    shapes = {name: tuple(output.shape) for name, output in nn2.output.items()}
    assert shapes == {"embedding": (None, 128), "pooled": (None, 1024)}


def test_vgg_face_has_the_published_layers():
    model = build_vgg_face(input_size=32)
    kernels = [tuple(layer.kernel.shape) for layer in model.layers if _has_kernel(layer)]
    channels = [64, 64, 128, 128, *[256] * 3, *[512] * 6]
    assert [k for k in kernels if len(k) == 4] == [
        (3, 3, before, after) for before, after in zip([3, *channels], channels, strict=False)
    ]
    assert [k[1] for k in kernels if len(k) == 2] == [4096, 4096, 1024]
    assert model.output["pooled"].shape[-1] == 4096


def test_vgg_face_wants_pictures_that_can_be_halved_five_times():
    with pytest.raises(InputError, match="64 pixels or more, not of 63"):
        build_vgg_face(width=0.03, input_size=63, first_stride=2)


def test_square_pooling_is_the_root_of_the_mean_square():
    x = np.random.default_rng(0).normal(size=(1, 5, 5, 2)).astype(np.float32)
    expected = np.sqrt((x[:, 1:4, 2:5] ** 2).mean((1, 2)))
    np.testing.assert_allclose(SquarePooling()(x)[:, 2, 3], expected, rtol=1e-4)
    black = tf.zeros((1, 3, 3, 1))
    with tf.GradientTape() as tape:
        tape.watch(black)
        total = tf.reduce_sum(SquarePooling()(black))
    assert np.isfinite(tape.gradient(total, black)).all()


def test_widths_are_multiples_of_eight():
    assert [scaled_channels(c, w) for c, w in ((64, 1.0), (64, 0.25), (16, 0.25), (48, 0.3))] == [
        64,
        16,
        8,
        16,
    ]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_weights_come_from_the_seed_and_outlast_the_file(architecture, tmp_path):
    image = np.random.default_rng(0).uniform(0, 255, (1, SIZE, SIZE, 3)).astype(np.float32)
    plan = NetworkPlan(architecture, 0.0625, 7, SIZE, first_stride=2)
    models = [
        build_network(plan._replace(schedule=plan.schedule._replace(seed=seed)))
        for seed in (3, 3, 4)
    ]
    outputs = [model(image)["embedding"].numpy() for model in models]
    assert outputs[0].shape == (1, 7)
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert np.abs(outputs[0] - outputs[2]).max() > 1e-3
    models[0].save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(image)["embedding"], outputs[0])


def test_a_pooling_that_is_none_is_refused():
    with pytest.raises(ValueError, match="pooling 'mean'; use one of average"):
        build_network(NetworkPlan("vgg_face", 0.0625, 5, SIZE, "mean"))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_poolings_give_one_vector_a_picture(pooling):
    plan = NetworkPlan("vgg_face", 0.0625, 5, SIZE, pooling, first_stride=1)
    model = build_network(plan)
    (first_dense, *_) = [x for x in model.layers if isinstance(x, keras.layers.Dense)]
    places = 4 if pooling == "flatten" else 1
    assert first_dense.kernel.shape[0] == places * scaled_channels(512, 0.0625)
