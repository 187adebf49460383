"""Weight files of every layout give the arrays that were written, however ordered and named."""

import base64
import marshal

import h5py
import numpy as np
import pytest
import scipy.ndimage

from tests.recognition.real_layouts import (
    LAMBDA,
    published_shapes,
    random_weights,
    shapes_of,
    write_keras_hdf5,
    write_keras_vars,
    write_matconvnet,
)
from tf_morph.errors import InputError
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.weight_files import assign, read_weights, recognise

SIZE = 32
SMALL = {"width": 0.125, "input_size": SIZE}
# The forms in which Keras 1, 2 and 3 wrote and write one and the same network.
FORMS = {
    "Keras 2": {},
    "Keras 2, in groups of their own": {"naming": "{layer}/{layer}/{kind}:0"},
    "Keras 2, numbered": {"naming": "{layer}_1/{kind}_1:0"},
    "Keras 1": {"keras_1": True},
    "Keras 1, numbered": {"naming": "{short}_{kind}_1:0"},
    "Keras 3": {"naming": "{layer}/{kind}"},
    "a whole model": {"whole_model": True},
    "arrays in another order": {"reversed_order": True},
    "names in several attributes": {"chunked_names": True},
}


def _small(name, **variant):
    return ARCHITECTURES[name].build(**{**SMALL, "input_size": 75, **variant})


@pytest.fixture(scope="module")
def vgg16():
    return ARCHITECTURES["vgg16"].build(**SMALL, classes=10)


@pytest.fixture(scope="module")
def weights(vgg16):
    return random_weights(shapes_of(vgg16))


def _assert_same(found, weights):
    written = {layer: kinds for layer, kinds in weights.items() if kinds}
    assert found.keys() == written.keys()
    for layer, kinds in written.items():
        assert found[layer].keys() == kinds.keys()
        for kind, values in kinds.items():
            np.testing.assert_array_equal(found[layer][kind], values)


@pytest.mark.parametrize("form", FORMS)
def test_keras_older_layout_in_all_its_forms(weights, form, tmp_path):
    path = write_keras_hdf5(tmp_path / "any.name", weights, **FORMS[form])
    found = read_weights(path)
    assert found.architecture == "vgg16"
    assert found.variant == {"include_top": True, "classes": 10}
    assert ("model" in found.format) == FORMS[form].get("whole_model", False)
    _assert_same(found.weights, weights)


def test_normalisations_keep_their_four_arrays_apart(tmp_path):
    shape = {kind: (5,) for kind in ("gamma", "beta", "moving_mean", "moving_variance")}
    weights = random_weights({"conv1/7x7_s2/bn": shape})
    for form in FORMS.values():
        found = read_weights(write_keras_hdf5(tmp_path / "bn.h5", weights, **form))
        _assert_same(found.weights, weights)
    without_scale = {"bn": {k: v for k, v in weights["conv1/7x7_s2/bn"].items() if k != "gamma"}}
    for some in (weights, without_scale):
        found = read_weights(write_keras_vars(tmp_path / "bn.weights.h5", some))
        _assert_same(found.weights, some)


def test_a_file_that_lost_its_attributes(weights, tmp_path):
    path = write_keras_hdf5(tmp_path / "a.h5", weights, naming="{layer}/{kind}:0")
    with h5py.File(path, "a") as file:
        del file.attrs["layer_names"]
        for layer in file:
            file[layer].attrs.clear()
    found = read_weights(path)
    assert found.architecture == "vgg16"
    _assert_same({layer: found.weights[layer] for layer in weights if weights[layer]}, weights)


def test_a_network_within_a_model(weights, tmp_path):
    path = tmp_path / "nested.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"input_1", b"vggface_vgg16"]
        file.create_group("input_1").attrs["weight_names"] = np.zeros(0, "S1")
        group = file.create_group("vggface_vgg16")
        names = [(layer, kind) for layer, kinds in weights.items() for kind in kinds]
        group.attrs["weight_names"] = [f"{layer}/{kind}:0".encode() for layer, kind in names]
        for layer, kind in names:
            group[f"{layer}/{kind}:0"] = weights[layer][kind]
    _assert_same(read_weights(path).weights, weights)


def test_keras_newer_layouts_and_our_own_archive(vgg16, weights, tmp_path):
    file = read_weights(write_keras_hdf5(tmp_path / "a.h5", weights))
    assign(vgg16, file)
    vgg16.save(tmp_path / "a.keras")
    vgg16.save_weights(tmp_path / "a.weights.h5")
    written = write_keras_vars(tmp_path / "b.weights.h5", weights)
    for path in (tmp_path / "a.keras", tmp_path / "a.weights.h5", written):
        found = read_weights(path)
        assert found.architecture == "vgg16"
        _assert_same(found.weights, weights)


def test_layers_numbered_by_class_are_taken_in_the_published_order(tmp_path):
    weights = random_weights(shapes_of(ARCHITECTURES["vgg16"].build(include_top=False)))
    path = write_keras_vars(tmp_path / "a.weights.h5", weights, named=False)
    found = read_weights(path)
    assert (found.architecture, found.variant) == ("vgg16", {"include_top": False})
    _assert_same(found.weights, weights)


def test_half_precision_and_double_become_single(weights, tmp_path):
    for dtype in (np.float16, np.float64):
        other = {k: {n: v.astype(dtype) for n, v in kinds.items()} for k, kinds in weights.items()}
        found = read_weights(write_keras_hdf5(tmp_path / "a.h5", other)).weights
        assert found["conv1_1"]["kernel"].dtype == np.float32
        np.testing.assert_allclose(found["fc6"]["bias"], weights["fc6"]["bias"], atol=1e-3)


def test_code_in_a_model_s_description_is_never_looked_at(weights, tmp_path, monkeypatch):
    trap = compile(f"open({str(tmp_path / 'ran')!r}, 'w')", "trap", "exec")
    code = base64.b64encode(marshal.dumps(trap)).decode()
    monkeypatch.setitem(LAMBDA["config"], "function", [code, None, None])
    monkeypatch.setattr(marshal, "loads", lambda code: pytest.fail("code was unpacked"))
    path = write_keras_hdf5(tmp_path / "a.h5", weights, whole_model=True)
    _assert_same(read_weights(path).weights, weights)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("said", ["kernels", "description"])
def test_theano_s_kernels_are_turned_round(said, tmp_path):
    """A true convolution of a [C, H, W] picture is ours of the same picture as [H, W, C]."""
    rng = np.random.default_rng(3)
    picture = rng.normal(size=(2, 6, 6))
    theirs = rng.normal(size=(16, 2, 3, 3)).astype(np.float32)
    dense = rng.normal(size=(16 * 4 * 4, 5)).astype(np.float32)
    convolved = np.stack(
        [sum(scipy.ndimage.convolve(p, k)[1:-1, 1:-1] for p, k in zip(picture, ks, strict=True))
         for ks in theirs]
    )  # fmt: skip
    expected = convolved.ravel() @ dense
    attributes = {"backend": "theano"}
    if said == "description":
        theirs = theirs.transpose(2, 3, 1, 0)
        attributes["model_config"] = '{"data_format": "channels_first"}'
    weights = {"conv": {"kernel": theirs}, "fc": {"kernel": dense}}
    found = read_weights(write_keras_hdf5(tmp_path / "a.h5", weights, attributes=attributes))
    kernel = found.weights["conv"]["kernel"]
    assert kernel.shape == (3, 3, 2, 16)
    windows = np.lib.stride_tricks.sliding_window_view(picture, (3, 3), (1, 2))  # [C, H, W, 3, 3]
    ours = np.einsum("chwij,ijco->hwo", windows, kernel)
    np.testing.assert_allclose(ours.transpose(2, 0, 1), convolved, atol=1e-5)
    np.testing.assert_allclose(ours.ravel() @ found.weights["fc"]["kernel"], expected, atol=1e-3)


def test_kernels_of_an_order_that_is_not_told_are_refused(weights, tmp_path):
    turned = {k: dict(v) for k, v in weights.items()}
    for kinds in turned.values():
        if "kernel" in kinds and kinds["kernel"].ndim == 4:
            kinds["kernel"] = kinds["kernel"].transpose(3, 2, 0, 1)
    path = write_keras_hdf5(tmp_path / "a.h5", {"conv1_2": turned["conv5_3"]})
    with h5py.File(path, "a") as file:
        del file.attrs["backend"]
    with pytest.raises(InputError, match="whether they are flipped is not known"):
        read_weights(path)
    with h5py.File(path, "a") as file:
        file.attrs["backend"] = "tensorflow"
    np.testing.assert_array_equal(
        read_weights(path).weights["conv1_2"]["kernel"], weights["conv5_3"]["kernel"]
    )


def test_files_are_known_by_their_content_not_their_name(weights, tmp_path):
    hdf5 = write_keras_hdf5(tmp_path / "vgg-face.mat", weights)
    matlab = write_matconvnet(tmp_path / "a.mat", weights, map_side=1)
    renamed = matlab.rename(tmp_path / "20180402-114759.pb")
    assert recognise(hdf5).format == "Keras weights (HDF5)"
    assert recognise(renamed).format == "MatConvNet network"


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("vgg16", {"include_top": True, "classes": 2622}),
        ("resnet50", {"include_top": False}),
        ("senet50", {"include_top": False}),
        ("inception_resnet_v1_128", {"embedding_size": 128}),
    ],
)
def test_the_published_layers_are_recognised(assets, name, variant, tmp_path):
    shapes = published_shapes(assets, name)
    architecture = name.removesuffix("_128")
    # Shapes but for the sizes that decide a variant are of no matter here.
    last = ("fc8", "Bottleneck", "classifier")
    small = {
        layer: {
            kind: (*(min(n, 2) for n in shape[:-1]), shape[-1] if layer in last else 2)
            for kind, shape in kinds.items()
        }
        for layer, kinds in shapes.items()
    }
    found = recognise(write_keras_hdf5(tmp_path / "a.h5", random_weights(small)))
    assert (found.architecture, found.variant) == (architecture, variant)
    small["classifier"] = {"kernel": (2, 8631), "bias": (8631,)}
    if architecture in ("resnet50", "senet50"):
        found = recognise(write_keras_hdf5(tmp_path / "b.h5", random_weights(small)))
        assert found.variant == {"include_top": True, "classes": 8631}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet50", "senet50", "inception_resnet_v1"])
def test_every_network_takes_its_weights_from_every_layout(name, tmp_path):
    model = _small(name)
    weights = random_weights(shapes_of(model))
    image = np.random.default_rng(0).normal(size=(2, 75, 75, 3)).astype(np.float32)
    outputs = []
    for number, form in enumerate(FORMS.values()):
        path = write_keras_hdf5(tmp_path / f"{number}.h5", weights, **form)
        fresh = _small(name)
        assign(fresh, read_weights(path))
        outputs.append(fresh(image)["pooled"].numpy())
    assign(model, read_weights(write_keras_vars(tmp_path / "a.weights.h5", weights)))
    outputs.append(model(image)["pooled"].numpy())
    assert np.abs(outputs[0]).max() > 1e-3
    for output in outputs[1:]:
        np.testing.assert_array_equal(output, outputs[0])
