"""The ICT-FaceKit converter: a tiny folder in its layout, and the real one where there is one."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.ict_facekit import convert, expression_basis
from tf_morph.morphable_model.ict_files import IctFiles
from tf_morph.morphable_model.ict_mesh import read_mesh, split_polygons
from tf_morph.morphable_model.landmarks import five_points

_OBJ = """# a comment
v 0 0 0
v 1 0 0
v 1 1 1e-1
v 0 1 0
v 5 5 5
vt 0.5 0.5
usemtl M_Face
f 1/1 2/1 3/1 4/1
usemtl M_Teeth
f 1/1 2/1 5/1
usemtl M_ScleraRight
f 1 2 4
usemtl M_IrisRight
f 1 2 4
usemtl M_ScleraLeft
f 2 3 4
usemtl M_IrisLeft
f 2 3 4
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of one quad, five vertices (one of teeth alone), three identities and two
    expressions."""
    inner = tmp_path / "ICT-FaceKit" / "FaceXModel"
    inner.mkdir(parents=True)
    (inner / "generic_neutral_mesh.obj").write_text(_OBJ)
    (inner / "vertex_indices.json").write_text(f'{{"idx_to_landmark_verts": {[0] * 68}}}')
    for number in (0, 2, 10):
        text = _OBJ.replace("v 1 0 0", f"v {1 + number} 0 0")
        (inner / f"identity{number:03d}.obj").write_text(text)
    (inner / "mouthSmile_L.obj").write_text(_OBJ.replace("v 1 1 1e-1", "v 1 1.5 1e-1"))
    (inner / "jawOpen.obj").write_text(_OBJ.replace("v 0 1 0", "v 0 1 2"))
    return tmp_path


def test_polygons_are_fanned():
    np.testing.assert_array_equal(
        split_polygons([[4, 5, 6, 7], [1, 2, 3]]), [[4, 5, 6], [4, 6, 7], [1, 2, 3]]
    )


def test_a_tiny_mesh_in_millimetres(folder):
    files = IctFiles(folder)
    assert files.identities == ["identity000.obj", "identity002.obj", "identity010.obj"]
    mesh = read_mesh(files)
    np.testing.assert_array_equal(mesh.kept, [0, 1, 2, 3])
    np.testing.assert_allclose(
        mesh.vertices, [[0, 0, 0], [10, 0, 0], [10, 10, 1], [0, 10, 0]], rtol=1e-6
    )
    np.testing.assert_array_equal(mesh.triangles[:2], [[0, 1, 2], [0, 2, 3]])
    np.testing.assert_array_equal(mesh.eyes, [[1, 1, 0, 1], [0, 1, 1, 1]])
    modes = mesh.offsets(files, "identity010.obj")
    np.testing.assert_allclose(modes, [[0] * 3, [100, 0, 0], [0] * 3, [0] * 3])


def test_expressions_are_named_units_of_full_strength(folder):
    files = IctFiles(folder)
    assert files.expressions == {"jawOpen": "jawOpen.obj", "mouthSmile_L": "mouthSmile_L.obj"}
    basis = expression_basis(files, read_mesh(files))
    np.testing.assert_allclose(basis.standard_deviations, [20, 5], rtol=1e-6)
    full = basis.displacements(np.eye(2))
    np.testing.assert_allclose(full[0], [[0] * 3, [0] * 3, [0] * 3, [0, 0, 20]], atol=1e-5)
    np.testing.assert_allclose(full[1], [[0] * 3, [0] * 3, [0, 5, 0], [0] * 3], atol=1e-5)
    np.testing.assert_array_equal(basis.mean, 0)


def test_a_folder_without_expressions(folder):
    for name in ("jawOpen", "mouthSmile_L"):
        next(folder.rglob(f"{name}.obj")).unlink()
    files = IctFiles(folder)
    assert files.expressions == {}
    assert expression_basis(files, read_mesh(files)) is None


@pytest.mark.parametrize("inside", ["", "ICT-FaceKit", "ICT-FaceKit/FaceXModel"])
def test_any_of_its_folders_will_do(folder, inside):
    assert len(IctFiles(folder / inside).identities) == 3


def test_a_zip_is_as_its_folder(folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "ict.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*.*"):
            archive.write(file, file.relative_to(folder))
    zipped, plain = read_mesh(IctFiles(path)), read_mesh(IctFiles(folder))
    np.testing.assert_array_equal(zipped.vertices, plain.vertices)
    assert IctFiles(path).identities == IctFiles(folder).identities


def _neutral(folder: Path) -> Path:
    return folder / "ICT-FaceKit/FaceXModel/generic_neutral_mesh.obj"


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda f: _neutral(f).unlink(), "no generic_neutral_mesh.obj"),
        (lambda f: [p.unlink() for p in f.rglob("identity*")], "no identity000.obj"),
        (lambda f: _neutral(f).write_text(_OBJ.replace("M_IrisLeft", "x")), "M_IrisLeft"),
        (lambda f: _neutral(f).write_text(_OBJ.replace("v 0 1 0", "v 0 1")), "no readable OBJ"),
        (lambda f: _neutral(f).write_text(_OBJ.replace("f 2 3 4", "f 2 3 x")), "no readable OBJ"),
        (lambda f: _neutral(f).write_text(_OBJ.replace("f 2 3 4", "f 2 3 9")), "fewer vertices"),
        (lambda f: next(f.rglob("*.json")).unlink(), "no vertex_indices.json"),
        (lambda f: next(f.rglob("*.json")).write_text("{}"), "lists no landmarks"),
        (
            lambda f: next(f.rglob("*.json")).write_text('{"idx_to_landmark_verts": [1]}'),
            "1 landmarks",
        ),
        (lambda f: next(f.rglob("identity010.obj")).write_text("v 0 0 0\n"), "1 vertices"),
        (lambda f: next(f.rglob("jawOpen.obj")).write_text("v 0 0 0\n"), "jawOpen.obj has 1"),
        (lambda f: next(f.rglob("jawOpen.obj")).write_text("v 0 0\n"), "no readable OBJ"),
    ],
)
def test_folders_that_lack_something(folder, spoil, expected):
    spoil(folder)
    with pytest.raises(InputError, match=expected) as caught:
        convert(folder, people=2)
    assert "\n" not in str(caught.value)


def test_no_such_folder_and_no_zip(tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"PK no zip")
    with pytest.raises(InputError, match="no such folder"):
        convert(tmp_path / "nowhere")
    with pytest.raises(InputError, match="neither a folder nor a whole zip"):
        convert(tmp_path / "bad.zip")


def test_a_zip_damaged_inside(folder, tmp_path):
    path = tmp_path / "ict.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*.*"):
            archive.write(file, file.relative_to(folder))
    path.write_bytes(path.read_bytes().replace(b"# a comment", b"# a c0mment"))
    with pytest.raises(InputError, match=r"ict.zip: \w+.obj cannot be read from it"):
        convert(path, people=2)


def test_the_command_says_what_is_wrong_in_one_line(tmp_path):
    command = [sys.executable, "-m", "tf_morph.morphable_model.ict_facekit"]
    done = subprocess.run(
        [*command, tmp_path / "nowhere", tmp_path / "out.h5"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"error: {tmp_path / 'nowhere'}: no such")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.h5").exists()


@pytest.fixture(scope="module")
def real_zip(assets) -> Path:
    path = assets / "morphable" / "ict_facekit_subset.zip"
    if not path.is_file():
        pytest.skip(f"needs ICT-FaceKit, {path}")
    return path


@pytest.fixture(scope="module")
def real(real_zip) -> MorphableModel:
    """The real face with six identities and a small colour basis, from the zip."""
    return convert(real_zip, identities=6, color_components=10, people=24)


def test_the_real_face(real, tmp_path):
    assert (real.num_vertices, real.shape_components, real.texture_components) == (12549, 6, 10)
    np.testing.assert_allclose(real.shape.basis.T @ real.shape.basis, np.eye(6), atol=1e-5)
    right, left, nose, mouth_right, mouth_left = five_points(real.landmarks)
    assert 60 < left[0] - right[0] < 66
    assert right[0] < 0 and mouth_right[0] < mouth_left[0]
    assert right[1] > nose[1] > mouth_right[1]
    assert nose[2] > right[2]
    pupils = [real.landmarks[f"{side}.eye.pupil.center"][0] for side in ("right", "left")]
    assert 62 < pupils[1] - pupils[0] < 65.5
    real.save(tmp_path / "ict.h5")
    assert dict(MorphableModel.load(tmp_path / "ict.h5").attributes) == dict(real.attributes)
    assert "MIT" in real.attributes["licence"]


def test_the_real_face_keeps_the_identities_covariance(real, real_zip):
    files = IctFiles(real_zip)
    mesh = read_mesh(files)
    modes = np.stack([mesh.offsets(files, name) for name in files.identities[:6]]).reshape(6, -1)
    probe = np.random.default_rng(0).standard_normal((modes.shape[1], 4))
    scaled = real.shape.basis * real.shape.standard_deviations
    np.testing.assert_allclose(
        scaled @ (scaled.T @ probe), modes.T @ (modes @ probe), rtol=1e-3, atol=0.05
    )


def test_the_real_face_keeps_its_expressions(real, real_zip, tmp_path):
    names = ("jawOpen", "mouthSmile_L", "mouthSmile_R")
    assert real.expression_names == names
    files = IctFiles(real_zip)
    mesh = read_mesh(files)
    neutral = real.vertices(np.zeros(1))
    for name in names:
        moved = real.vertices(np.zeros(1), real.expression_of({name: 1})) - neutral
        np.testing.assert_allclose(moved, mesh.offsets(files, f"{name}.obj"), atol=2e-4)
    moves = np.linalg.norm(real.expression.displacements(np.eye(3)), axis=-1)
    chin, left, right = (
        np.linalg.norm(neutral - real.landmarks[f"{name}"], axis=-1).argmin()
        for name in ("center.chin.tip", "left.lips.corner", "right.lips.corner")
    )
    assert moves[0, chin] > 10
    assert moves[1, left] > 5 > 1 > moves[1, right]
    assert moves[2, right] > 5 > 1 > moves[2, left]
    real.save(tmp_path / "ict.h5")
    assert MorphableModel.load(tmp_path / "ict.h5").expression_names == names


def test_the_real_faces_triangles_face_outward_and_its_mouth_is_closed(real):
    vertices, triangles = real.shape.mean, real.triangles
    first, second, third = (vertices[triangles[:, k]] for k in range(3))
    normals = np.cross(second - first, third - first)
    middle = (first + second + third) / 3
    tip = real.landmarks["center.nose.tip"]
    around = np.linalg.norm(middle - tip, axis=1) < 6
    assert around.sum() > 20
    assert np.mean(normals[around, 2] > 0) > 0.9
    lips = (
        real.landmarks["center.lips.upper.inner"] + real.landmarks["center.lips.lower.inner"]
    ) / 2
    behind = (np.abs(middle[:, :2] - lips[:2]) < [20, 3]).all(axis=1) & (middle[:, 2] < lips[2])
    assert behind.any()
    assert np.all(normals[behind & (middle[:, 2] > lips[2] - 10)][-10:, 2] > 0)
