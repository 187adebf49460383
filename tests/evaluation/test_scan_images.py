"""Scans aligned and photographed; the detector that finds their faces is the real one."""

import numpy as np
import pytest
from PIL import Image

from tests.evaluation.painted_scan import (
    TRUE_POINTS,
    landmarks,
    painted_texture,
    write_scan,
)
from tests.evaluation.surfaces import somewhere
from tf_morph.errors import InputError
from tf_morph.evaluation.mesh import read_landmarks, read_mesh, write_landmarks
from tf_morph.evaluation.scan_images import View, photograph_scans, plan_views, take_photograph
from tf_morph.evaluation.scan_pose import POINTS, align_scan, portrait_framing
from tf_morph.evaluation.similarity_transform import IDENTITY, SimilarityTransform, umeyama
from tf_morph.evaluation.textured_scan import read_scan
from tf_morph.photographs.detection import detect_faces
from tf_morph.rendering.camera import project

# Z is up, and it looks along -X and a little aside.
_CAD = np.array([[-0.28, 0.0, -0.96], [-0.96, 0.0, 0.28], [0.0, 1.0, 0.0]])
_LYING = SimilarityTransform(1e-3, _CAD, np.array([0.3, -2.0, 5.0]))


def _placed(path, **said):
    return align_scan(read_scan(path), path, read_landmarks(path), **said)


def _distances(aligned):
    """Of the five points from where they are on the face, mm, wherever that has been brought."""
    found = np.array([aligned.landmarks[name] for name in POINTS])
    onto = umeyama(TRUE_POINTS, found, scaled=False)
    return np.linalg.norm(onto(TRUE_POINTS) - found, axis=1)


@pytest.mark.parametrize(
    ("name", "transform", "turned_over", "says"),
    [
        ("upright.glb", IDENTITY, False, ("in mm", "bottom")),
        pytest.param(
            *(
                "turned_over.obj",
                SimilarityTransform(0.1, np.eye(3), np.zeros(3)),
                True,
                ("in cm", "top"),
            ),
            marks=pytest.mark.slow,
        ),
        pytest.param(*("lying.vtk", _LYING, False, ("in m", "bottom")), marks=pytest.mark.slow),
        pytest.param(
            *(
                "unitless.glb",
                SimilarityTransform(0.019, np.eye(3), np.zeros(3)),
                True,
                ("no unit", "top"),
            ),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_face_is_found_upright_in_mm(tmp_path, name, transform, turned_over, says):
    assert np.linalg.det(transform.rotation) == pytest.approx(1.0, abs=1e-2)
    path = write_scan(tmp_path / name, transform, turned_over=turned_over)
    aligned = _placed(path)
    size, direction, how = aligned.notes
    assert says[0] in size and direction.endswith(says[1]) and "cast back" in how
    if says[0] != "no unit":
        assert _distances(aligned).max() < 8.0  # it is a drawing
    span = np.ptp(aligned.scan.mesh.vertices, axis=0)
    np.testing.assert_allclose(span[:2], 220.0, rtol=0.1)
    (face,) = detect_faces([take_photograph(aligned, _view(0.0), 300)])
    right, left, nose, *mouth = face[0].five_points
    assert right[0] < nose[0] < left[0]
    assert max(right[1], left[1]) < nose[1] < min(mouth[0][1], mouth[1][1])


def _view(yaw, condition="cooperative"):
    seed = np.array([3, 4], np.int32)
    return View(f"{condition}/01.jpg", condition, (yaw, 0.0), 20.0, seed)


def test_landmarks_of_a_file_are_believed_and_the_triangles_are_turned_outside(tmp_path):
    """The texture has no face; nothing is sought."""
    plain = Image.new("RGB", (8, 8), (200, 100, 100))
    transform = somewhere(seed=5, scale=0.1)
    path = write_scan(tmp_path / "head.obj", transform, plain)
    lines = [" ".join(["f", *line.split()[:0:-1]]) if line.startswith("f ") else line
             for line in path.read_text().splitlines()]  # fmt: skip
    path.write_text("\n".join(lines))
    write_landmarks(path, landmarks(transform))
    aligned = _placed(path)
    assert _distances(aligned).max() < 1e-3
    assert aligned.notes[0].startswith("in cm")
    assert aligned.scan.mesh.vertex_normals[:, 2].mean() > 0.5
    photograph = take_photograph(aligned, _view(20.0), 96)
    red, _, blue = photograph[40:56, 40:56].reshape(-1, 3).mean(axis=0)
    assert red > blue + 10


def test_a_photograph_shows_each_colour_where_the_camera_sees_it(tmp_path):
    path = write_scan(tmp_path / "head.glb")
    write_landmarks(path, landmarks())
    aligned = _placed(path, v="up")
    five = np.array([aligned.landmarks[name] for name in POINTS])
    framing = portrait_framing(five, 300, 20.0)
    onto = umeyama(TRUE_POINTS, five, scaled=False)
    spot, hair = (onto(np.array(place)) for place in ([42.0, -20, 21.3], [0.0, 93, 10]))
    pixels = take_photograph(aligned, _view(0.0)._replace(field_of_view_degrees=20.0), 300)
    column, row = np.round(project(framing, spot, 300)).astype(int)
    near = pixels[row - 15 : row + 16, column - 15 : column + 16].astype(int)  # rolled a little
    assert (near[..., 2] - near[..., 0]).max() > 60
    elsewhere = pixels[row - 15 : row + 16, 300 - column - 15 : 300 - column + 16].astype(int)
    assert (elsewhere[..., 2] - elsewhere[..., 0]).max() < 0
    column, row = np.round(project(framing, hair, 300)).astype(int)
    assert pixels[row, column].max() < 90


def test_views_spread_over_all_sides_and_lights_and_are_the_same_again():
    views = plan_views(10, [0, 1])
    yaws, pitches = np.array([view.yaw_pitch_degrees for view in views]).T
    np.testing.assert_allclose(np.diff(np.sort(yaws)), 9.0)
    np.testing.assert_allclose(np.sort(pitches)[[0, -1]], [-13.5, 13.5])
    assert {view.condition for view in views} == {"cooperative", "indoor", "outdoor"}
    assert len({view.name for view in views}) == 10
    again, other = plan_views(10, [0, 1]), plan_views(10, [1, 1])
    assert [view[:4] for view in again] == [view[:4] for view in views]
    assert [view[:4] for view in other] != [view[:4] for view in views]


def test_a_folder_for_the_suite_comes_out(tmp_path):
    transform = somewhere(seed=2, scale=1e-3)
    path = write_scan(tmp_path / "anna.glb", transform, painted_texture(128))
    write_landmarks(path, landmarks(transform))
    for out in ("one", "two"):
        photograph_scans({path: None}, tmp_path / out, views=4, size=64, seed=7, v="up")
    anna = tmp_path / "one" / "anna"
    photographs = sorted(anna.glob("*/*.jpg"))
    assert [each.parent.name for each in photographs] == [
        "cooperative", "cooperative", "indoor", "outdoor",
    ]  # fmt: skip
    scan, points = read_mesh(anna / "scan.ply"), read_landmarks(anna / "scan.ply")
    assert set(points) == set(POINTS)
    np.testing.assert_allclose(np.ptp(scan.vertices, axis=0)[0], 220.0, rtol=0.02)
    assert np.abs(scan.tree.search(np.array(list(points.values()))).distances).max() < 1.0
    assert "anna, from anna.glb: in m" in (tmp_path / "one" / "README.md").read_text()
    for each in photographs:
        assert Image.open(each).size == (64, 64)
        assert (
            each.read_bytes()
            == (tmp_path / "two" / each.relative_to(tmp_path / "one")).read_bytes()
        )


@pytest.mark.slow
def test_a_scan_without_a_face_is_refused(tmp_path):
    path = write_scan(tmp_path / "head.glb", image=Image.new("RGB", (8, 8), (90, 90, 90)))
    with pytest.raises(InputError, match="head.glb"):
        _placed(path, v="up")


def test_wrong_unit_missing_landmark_and_two_of_a_name_are_refused(tmp_path):
    path = write_scan(tmp_path / "head.glb", image=Image.new("RGB", (8, 8), (90, 90, 90)))
    write_landmarks(path, landmarks())
    with pytest.raises(InputError, match=r"--unit"):
        _placed(path, unit="cm", v="up")
    write_landmarks(path, dict(list(landmarks().items())[2:]))
    with pytest.raises(InputError, match="head.glb"):
        _placed(path, v="up")
    with pytest.raises(InputError):
        photograph_scans({path: None, tmp_path / "b" / "head.obj": None}, tmp_path, 3, 64, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scan", "says"),
    [
        ("leeperrysmith/LeePerrySmith.glb", ("no unit", "top")),
        ("fran_vtk/fran_cut.vtk", ("in m", "bottom")),
    ],
)
def test_real_heads_are_found(assets, scan, says):
    path = assets / "heads" / scan
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    aligned = _placed(path)
    assert says[0] in aligned.notes[0] and aligned.notes[1].endswith(says[1])
    (face,) = detect_faces([take_photograph(aligned, _view(30.0, "outdoor"), 400)])
    assert face
