"""GNM Head's npz: what is made of it, by files of its layout, and what is refused."""

import subprocess
import sys
import zipfile

import numpy as np
import pytest

from tests.morphable_model.gnm_file import FULL_SIZE, face_contours, head_arrays, random_arrays
from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.gnm import convert, convert_for_run
from tf_morph.morphable_model.gnm_files import read_landmarks
from tf_morph.morphable_model.landmarks import five_points

PEOPLE = 60


@pytest.fixture
def path(tmp_path):
    """A small file of random numbers."""
    return _write(tmp_path, random_arrays())


def _write(folder, arrays):
    np.savez_compressed(folder / "gnm_head.npz", **arrays)
    return folder / "gnm_head.npz"


def _error(path, landmarks=None) -> str:
    with pytest.raises(InputError) as caught:
        convert(path, landmarks, people=PEOPLE)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_all_people_and_expressions_of_the_file_are_the_models(path, tmp_path):
    arrays = random_arrays()
    model = convert(path, people=PEOPLE)
    template, expressions = arrays["template_vertex_positions"], arrays["expression_basis"]
    np.testing.assert_allclose(model.shape.mean, 1000 * template, rtol=1e-6)
    np.testing.assert_allclose(model.shape.basis.T @ model.shape.basis, np.eye(5), atol=1e-5)
    modes = 1000 * arrays["vertex_identity_basis"].reshape(5, -1)
    scaled = model.shape.basis * model.shape.standard_deviations
    np.testing.assert_allclose(scaled @ scaled.T, modes.T @ modes, rtol=1e-4, atol=1e-3)
    assert model.expression_names == tuple(f"lower_face_region_{i:03d}" for i in range(4))
    weights = np.array([0.5, -1, 2, 0.25])
    moved = model.vertices(np.zeros(1), weights) - model.vertices(np.zeros(1))
    expected = 1000 * np.tensordot(weights, expressions, 1)
    np.testing.assert_allclose(moved, expected, rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(model.triangles, arrays["triangles"])
    assert model.part_names == ("skin", "left_eye", "right_eye", "teeth", "tongue")
    np.testing.assert_array_equal(model.triangle_parts, arrays["triangles"][:, 0] * 5 // 90)
    model.save(tmp_path / "gnm.h5")
    again = MorphableModel.load(tmp_path / "gnm.h5")
    assert again.expression_names == model.expression_names
    assert "Apache" in again.attributes["licence"]


def test_without_landmarks_skin_has_one_colour_and_eyes_and_teeth_their_own(tmp_path):
    arrays, _ = head_arrays()
    model = convert(_write(tmp_path, arrays), people=PEOPLE)
    assert not model.landmarks
    skin, left, right, teeth = arrays["vertex_groups"][:4] > 0.5
    people = model.albedo(np.random.default_rng(0).standard_normal((20, 3))).numpy()
    assert np.ptp(people[:, skin], axis=1).max() < 1e-5
    assert np.ptp(people[:, skin], axis=0).max() > 0.2
    assert np.ptp(people[:, teeth], axis=(0, 1)).max() < 1e-5
    for eye in (left, right):
        foremost = eye & (model.shape.mean[:, 2] == model.shape.mean[eye, 2].max())
        assert people[:, foremost].min() < 0.1
        assert people[:, eye].max() > 0.8


@pytest.mark.parametrize("form", ["vertices", "weights"])
def test_with_landmarks_it_is_painted_and_can_be_framed(tmp_path, form):
    arrays, vertices = head_arrays()
    listed = tmp_path / "head_sparse_68.txt"
    if form == "vertices":
        np.savetxt(listed, vertices, fmt="%d")
    else:  # as published: three of them and their weights; the middle one is the point itself
        rows = [f"{i} 0.000 {i} 1.000 {(i + 1) % 68} 0.000" for i in vertices]
        listed.write_text("\n".join(rows))
    model = convert(_write(tmp_path, arrays), listed, color_components=12, people=PEOPLE)
    assert model.texture_components == 12
    contours = face_contours()
    np.testing.assert_allclose(model.landmarks["center.nose.tip"], contours[30], atol=1e-3)
    right, left = five_points(model.landmarks)[:2]
    np.testing.assert_allclose([right[0], left[0]], [-32, 32], atol=1e-3)
    np.testing.assert_allclose(model.landmarks["left.eye.pupil.center"][0], 32, atol=3)
    skin, lips = arrays["vertex_groups"][0] > 0.5, np.arange(51, 52)
    assert np.ptp(model.color.mean[skin], axis=0).max() > 0.2
    red = model.color.mean[:, 0] / model.color.mean[:, 1]
    assert red[lips] > 1.05 * np.median(red[skin])
    by_itself = convert_for_run(tmp_path / "gnm_head.npz", people=PEOPLE)
    assert by_itself.landmarks.keys() == model.landmarks.keys()


def test_a_jaw_that_goes_backwards_is_put_in_order(tmp_path):
    vertices = np.random.default_rng(0).permutation(68)
    contours = face_contours()
    places = np.empty((68, 3))
    places[vertices] = contours
    vertices[2:7] = vertices[6:1:-1]
    np.savetxt(tmp_path / "list.txt", vertices, fmt="%d")
    np.testing.assert_allclose(read_landmarks(tmp_path / "list.txt", places), contours)


def test_a_run_is_told_of_the_list_beside_the_file(path, tmp_path):
    with pytest.raises(InputError, match=r"gnm_head.npz: has no landmarks .* head_sparse_68.txt"):
        convert_for_run(path)
    with pytest.raises(InputError, match="no such file; get gnm_head.npz from"):
        convert_for_run(tmp_path / "nowhere.npz")


def test_a_file_without_groups_is_read_too(tmp_path):
    arrays = random_arrays()
    for name in ("vertex_groups", "vertex_group_names", "mesh_component_names"):
        del arrays[name]
    model = convert(_write(tmp_path, arrays), people=PEOPLE)
    assert model.triangle_parts is None
    assert model.texture_components == 3


def test_groups_that_do_not_divide_the_mesh_make_no_parts(tmp_path):
    arrays = random_arrays()
    arrays["vertex_groups"][0] = 1
    assert convert(_write(tmp_path, arrays), people=PEOPLE).part_names == ()


_NAN = np.zeros((5, 90, 3), np.float32)
_NAN[4, 89, 2] = np.nan


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("expression_basis", None, "no GNM head: it has no expression_basis"),
        ("vertex_identity_basis", np.ones((5, 89, 3)), "expected (I, V, 3) with I = 5, V = 90"),
        ("vertex_identity_basis", np.ones((5, 270)), "vertex_identity_basis has shape (5, 270)"),
        ("vertex_identity_basis", np.ones((0, 90, 3)), "none of them 0"),
        ("vertex_identity_basis", _NAN, "vertex_identity_basis holds a value that is not finite"),
        ("expression_basis", np.full((4, 90, 3), 1e300), "expression_basis holds a value that is"),
        ("template_vertex_positions", np.full((90, 3), np.inf), "positions holds a value that is"),
        ("template_vertex_positions", np.ones((90, 2)), "expected (V, 3)"),
        ("template_vertex_positions", np.float32(1), "has shape ()"),
        ("template_vertex_positions", np.ones((90, 3), complex), "expected decimal numbers"),
        ("expression_names", np.array(["a", "b", "c"]), "expected (E) with E = 4"),
        ("expression_names", np.array(["a", "b", "c", "a"]), "'a' is given 2 times"),
        ("expression_names", np.array(list("abcd"), object), "Object arrays cannot be loaded"),
        ("expression_names", np.arange(4), "expected text"),
        ("triangles", np.ones((7, 3)), "triangles holds float64, expected integers"),
        ("triangles", np.full((7, 3), 90), "triangles index vertices 90 to 90"),
        ("triangles", np.full((7, 3), -1), "triangles index vertices -1 to -1"),
        ("triangles", np.ones((7, 4), int), "expected (T, 3)"),
        ("vertex_groups", np.ones((6, 91)), "vertex_groups has shape (6, 91)"),
    ],
)
def test_arrays_that_are_wrong(tmp_path, name, value, expected):
    arrays = random_arrays() | {name: value}
    if value is None:
        del arrays[name]
    path = _write(tmp_path, arrays)
    message = _error(path)
    assert message.startswith(f"{path}: ") or expected.startswith("'a'")
    assert expected in message


def test_nothing_pickled_is_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the file's code was run",))

    trapped = np.array([Trap()] * 4, object)
    _error(_write(tmp_path, random_arrays() | {"expression_names": trapped}))
    _error(_write(tmp_path, random_arrays() | {"identity_names": trapped, "triangles": trapped}))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_a_truncated_file(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert "no whole npz file; get it again" in _error(path)


def test_a_file_damaged_within(path):
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("expression_basis.npy").header_offset
    content[at + 200 : at + 260] = bytes(60)
    path.write_bytes(content)
    assert "expression_basis cannot be read from it" in _error(path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"(162, 3), }", b"(163, 3), }", "cannot be read from it"),
        (b"(162, 3), }", b"(9999999999999, 3), }", "cannot be read from it"),
        (b"(162, 3), }", b"(" + b"9" * 30 + b", 3), }", "cannot be read from it"),
        (b"(162, 3), }", b"(((((((((", "cannot be read from it"),
        (b"(162, 3), }", b"   \n   ", "cannot be read from it"),
        (b"NUMPY", b"RUMPY", "triangles holds no array, expected integers"),
    ],
)
def test_a_header_that_is_wrong(path, old, new, expected):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert old in members["triangles.npy"]
    members["triangles.npy"] = members["triangles.npy"].replace(old, new, 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert expected in _error(path)


def test_what_is_no_npz(tmp_path):
    assert "no such file" in _error(tmp_path)
    np.save(tmp_path / "single.npy", np.zeros(3))
    assert "a single array" in _error(tmp_path / "single.npy")
    (tmp_path / "words.npz").write_text("a letter")
    assert "no whole npz" in _error(tmp_path / "words.npz")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda lines: lines[:67], "67 lines of 1 numbers, expected 68"),
        (lambda lines: ["x", *lines[1:]], "no list of numbers"),
        (lambda lines: ["1 2", *lines[1:]], "no list of numbers"),
        (lambda lines: [f"{line} {line}" for line in lines], "68 lines of 2 numbers"),
        (lambda lines: ["1e9", *lines[1:]], "not one of the head's"),
        (lambda lines: ["0.5", *lines[1:]], "not one of the head's"),
        (lambda lines: ["nan", *lines[1:]], "not one of the head's"),
        (lambda lines: [f"{i} .1 {i} .1 {i} .1" for i in lines], "do not add up to 1"),
        (lambda lines: lines[::-1], "do not lie as on a face"),
        (lambda lines: [lines[0]] * 68, "do not lie as on a face"),
    ],
)
def test_landmark_lists_that_are_wrong(tmp_path, change, expected):
    arrays, vertices = head_arrays()
    listed = tmp_path / "list.txt"
    listed.write_text("\n".join(change([str(i) for i in vertices])))
    message = _error(_write(tmp_path, arrays), listed)
    assert message.startswith(f"{listed}: ")
    assert expected in message


def test_landmarks_that_cannot_be_painted_by(tmp_path):
    arrays, vertices = head_arrays()
    vertices[17:22] = 17  # a brow that is a point
    np.savetxt(tmp_path / "list.txt", vertices, fmt="%d")
    assert "no face can be painted" in _error(_write(tmp_path, arrays), tmp_path / "list.txt")


def test_landmarks_without_eyeballs(tmp_path):
    arrays, vertices = head_arrays()
    arrays["vertex_groups"][1] = 0
    np.savetxt(tmp_path / "list.txt", vertices, fmt="%d")
    assert "no groups of vertices" in _error(_write(tmp_path, arrays), tmp_path / "list.txt")


def test_the_command(path, tmp_path):
    command = [sys.executable, "-m", "tf_morph.morphable_model.gnm"]
    done = subprocess.run([*command, path, tmp_path / "m.h5"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.endswith("5 shape and 3 colour components, 4 expressions")
    assert second.startswith("It has no landmarks") and "--landmarks=head_sparse_68.txt" in second
    path.write_bytes(path.read_bytes()[:500])
    done = subprocess.run([*command, path, tmp_path / "n.h5"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"error: {path}: no whole npz")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "n.h5").exists()


# The kernel's own mark of this process: see test_full_size.py.
_MEASURE = """
import pathlib, sys, time
from tf_morph.morphable_model.gnm import convert

def peak():
    status = pathlib.Path("/proc/self/status").read_text().splitlines()
    return int(next(l for l in status if l.startswith("VmHWM:")).split()[1]) * 1024

before, start = peak(), time.perf_counter()
model = convert(sys.argv[1])
seconds = time.perf_counter() - start
assert (model.num_vertices, model.shape_components) == (17821, 253)
model.save(sys.argv[2])
print(peak() - before, seconds)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_published_size(tmp_path):
    path = _write(tmp_path, random_arrays(**FULL_SIZE))
    output = subprocess.run(
        [sys.executable, "-c", _MEASURE, path, tmp_path / "m.h5"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    memory, seconds = map(float, output.split())
    print(f"{seconds:.1f} s, {memory / 1e6:.0f} MB")
    assert seconds < 45  # 14 on two idle cores
    assert memory < 1.2e9
    model = MorphableModel.load(tmp_path / "m.h5")
    assert len(model.expression_names) == model.expression_components == 383
