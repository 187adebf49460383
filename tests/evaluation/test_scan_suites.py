"""The micc and now suites on data as small as they can be."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from tests.evaluation.surfaces import grid_face, height, moved, somewhere
from tests.tiny_run import SIZE
from tf_morph.errors import InputError
from tf_morph.evaluation import scanned_people
from tf_morph.evaluation.context import Context, NotRun
from tf_morph.evaluation.image_sets import predict_faces, read_photographs
from tf_morph.evaluation.mesh import Mesh, write_landmarks, write_mesh
from tf_morph.evaluation.methods import MEAN_FACE, RANDOM_FACE, TRUE_FACE_IN_MODEL
from tf_morph.evaluation.micc import POOLED, SINGLE, mean_face, micc_suite
from tf_morph.evaluation.now import SEVEN_LANDMARKS, now_suite
from tf_morph.evaluation.scan_registration import GLOBAL, PER_MESH
from tf_morph.evaluation.section import write_section
from tf_morph.evaluation.similarity_transform import SimilarityTransform
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.regression.components import (
    coefficient_counts,
    make_drawer,
    make_face_model,
    make_networks,
)
from tf_morph.regression.decoder import make_decoder
from tf_morph.regression.run import Run


def _smooth_model():
    """A face of smooth bumps that varies by smooth bumps, too."""
    mean = grid_face(step=9.0)
    bumps = [(grid_face(step=9.0, seed=seed).vertices - mean.vertices).ravel() for seed in range(4)]
    basis = np.linalg.qr(np.stack(bumps, axis=1))[0]
    x = {"right.eye": -1, "left.eye": 1}
    places = {
        **{f"{eye}.corner_outer": (45 * side, 30) for eye, side in x.items()},
        **{f"{eye}.corner_inner": (18 * side, 30) for eye, side in x.items()},
        "center.nose.tip": (0, 0),
        "center.nose.attachement_to_philtrum": (0, -18),
        "right.lips.corner": (-27, -45),
        "left.lips.corner": (27, -45),
    }
    return MorphableModel(
        shape=LinearBasis(mean.vertices, basis, np.full(4, 40.0)),
        color=LinearBasis(np.full_like(mean.vertices, 0.5), basis[:, :3], np.full(3, 1.0)),
        triangles=mean.triangles,
        landmarks={name: np.array([x, y, height(x, y)]) for name, (x, y) in places.items()},
    )


@pytest.fixture(scope="module")
def context(tiny_config, tmp_path_factory):
    """Of a run that is not trained: its decoder's weights are random."""
    folder = tmp_path_factory.mktemp("run")
    config = tiny_config.copy_and_resolve_references()
    config.face_model.path = str(folder / "smooth.h5")
    _smooth_model().save(config.face_model.path)
    config.photographs.crop = (0, 0, SIZE, SIZE)
    encoder, identity = make_networks(config)
    model = make_face_model(config, folder / "face_model.h5")
    decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
    run = Run(config, model, make_drawer(config, model), encoder, identity, decoder, steps=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr(scanned_people, "PEOPLE", 4)
        yield Context(config, run, ())


def _photographs(folder, seeds):
    folder.mkdir(parents=True)
    for seed in seeds:
        random = np.random.default_rng(seed)
        pixels = random.integers(0, 256, size=(6, 6, 3)).astype(np.uint8)
        Image.fromarray(pixels).resize((SIZE, SIZE)).save(folder / f"{seed}.png")


def _given(context, tmp_path, name, **fields):
    """The context with that data set, whose photographs need no face found."""
    context.config.photographs.folder = str(tmp_path)
    return dataclasses.replace(context, data={name: (tmp_path,)}, **fields)


def _row(section, method, scaling=GLOBAL, condition=None):
    frame = section.tables[0].frame
    chosen = (frame["method"] == method) & (frame["scaling"] == scaling)
    if condition:
        chosen &= frame["condition"] == condition
    (index,) = np.flatnonzero(chosen)
    return frame.iloc[index]


def test_without_scans_drawn_faces_stand_in_and_their_truth_is_nearest(context, tmp_path):
    section = micc_suite(context)
    true = _row(section, TRUE_FACE_IN_MODEL)
    assert true["mean_mm"] < 0.2  # the scans' noise
    assert true["scale"] == pytest.approx(1.0, abs=2e-3)
    assert true["mean_mm"] < 0.5 * _row(section, RANDOM_FACE)["mean_mm"]
    assert _row(section, SINGLE)["meshes"] == 3 * _row(section, POOLED)["meshes"]
    assert any("MICC" in sentence for sentence in section.not_run)
    write_section(tmp_path / "micc", section)


def test_scans_in_a_folder_are_met_and_others_meshes_judged_alike(context, tmp_path):
    scans, others = tmp_path / "micc", tmp_path / "others"
    face = mean_face(context.run)
    for seed, name in enumerate(["anna", "bert"]):
        for number, condition in enumerate(["Cooperative", "outdoor"]):
            _photographs(scans / name / condition, range(10 * seed + 3 * number, 10 * seed + 5))
        # The scan is the very face our run reads from the outdoor frames, pooled.
        found = dataclasses.replace(context)
        found.config.photographs.folder = str(scans)
        images = read_photographs(found, scans / name / "outdoor")[0].images
        shape = predict_faces(context.run, images).shape.mean(axis=0)
        mesh = Mesh.of(context.run.model.vertices(shape).numpy(), context.run.model.triangles)
        place = somewhere(seed, shift=50.0)
        scan = scans / name / ("scan.obj" if seed else "Model/frontal1/obj/a.ply")
        write_mesh(scan, moved(mesh, place))
        write_landmarks(scan, {key: place(point) for key, point in face.landmarks.items()})
        # The other method hands the same face in, in metres.
        own = others / name / "outdoor.ply"
        metres = SimilarityTransform(0.001, np.eye(3), np.zeros(3))
        write_mesh(own, moved(mesh, metres))
        write_landmarks(own, {key: metres(point) for key, point in face.landmarks.items()})
    (scans / "nobody").mkdir()
    given = _given(context, scans, "micc", methods=(("theirs", others),))
    section = micc_suite(given)
    for scaling in (GLOBAL, PER_MESH):
        assert _row(section, "theirs", scaling, "outdoor")["mean_mm"] < 0.02
        assert _row(section, POOLED, scaling, "cooperative")["mean_mm"] > 0.02
        assert _row(section, MEAN_FACE, scaling)["mean_mm"] > 0.1
    # At one scale our faces from other frames, which are no one's, have a say in it.
    assert _row(section, POOLED, PER_MESH, "outdoor")["mean_mm"] < 0.02
    assert _row(section, "theirs")["scale"] == pytest.approx(1000.0, rel=1e-3)
    assert _row(section, SINGLE, condition="cooperative")["meshes"] == 10
    assert any("nobody (no scan in it)" in note for note in section.notes)


def test_a_folder_without_scans_is_refused(context, tmp_path):
    _photographs(tmp_path / "anna" / "indoor", [1])
    with pytest.raises(InputError):
        micc_suite(_given(context, tmp_path, "micc"))


def test_a_scan_in_metres_and_one_far_from_its_landmark_are_refused(context, tmp_path):
    face = mean_face(context.run)
    _photographs(tmp_path / "anna" / "indoor", [1])
    given, scan = _given(context, tmp_path, "micc"), tmp_path / "anna" / "scan.obj"
    write_mesh(scan, moved(face.mesh, SimilarityTransform(0.001, np.eye(3), np.zeros(3))))
    with pytest.raises(InputError):
        micc_suite(given)
    write_mesh(scan, face.mesh)
    write_landmarks(scan, {"center.nose.tip": np.array([0.0, 0.0, 900.0])})
    with pytest.raises(InputError):
        micc_suite(given)


def test_a_submission_has_a_mesh_and_seven_landmarks_an_image(context, tmp_path):
    images = tmp_path / "now"
    _photographs(images / "FaMoS_1" / "selfie", [1, 2])
    _photographs(images / "FaMoS_2" / "multiview_neutral", [1])
    (images / "FaMoS_2" / "multiview_neutral" / "broken.jpg").write_bytes(b"no image")
    given = _given(context, images, "now", workdir=tmp_path / "run")
    section = now_suite(given)
    written = tmp_path / "run" / "now_submission"
    names = sorted(str(path.relative_to(written)) for path in written.rglob("*.*"))
    assert names == [
        f"{stem}.{suffix}"
        for stem in (
            "FaMoS_1/selfie/1",
            "FaMoS_1/selfie/2",
            "FaMoS_2/multiview_neutral/1",
            "FaMoS_2/multiview_neutral/broken",
        )
        for suffix in ("obj", "txt")
    ]
    points = np.loadtxt(written / "FaMoS_2/multiview_neutral/broken.txt")
    expected = [context.run.model.landmarks[name] for name in SEVEN_LANDMARKS]
    assert points.shape == (7, 3)
    assert np.linalg.norm(points - expected, axis=1).max() < 20.0  # a coarse mesh's vertices
    assert dict(section.facts)["of them with the mean face"] == "1"
    with pytest.raises(NotRun, match="--data=now"):
        now_suite(dataclasses.replace(given, data={}))
