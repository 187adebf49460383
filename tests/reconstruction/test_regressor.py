"""Photographs in, heads out."""

import os
from pathlib import Path

import numpy as np
import pytest
import trimesh

from tests.photographs.painted_face import paint
from tf_morph.errors import InputError
from tf_morph.photographs.alignment import warp
from tf_morph.reconstruction.regressor import Regressor
from tf_morph.rendering.kernel_cache import kernel_folder


def test_photographs_of_any_kind_give_one_head(regressor, portrait, tmp_path):
    photograph, _ = portrait
    photograph.save(tmp_path / "portrait.png")
    kinds = [photograph, np.asarray(photograph), tmp_path / "portrait.png"]
    heads = [regressor.reconstruct(kind) for kind in kinds]
    assert all((head.shape == heads[0].shape).all() for head in heads)
    expected = regressor.model.vertices(heads[0].shape).numpy()
    np.testing.assert_allclose(heads[0].mesh.vertices, expected, atol=1e-3)


def test_alignment_leads_from_photograph_to_crop(regressor, portrait):
    photograph, points = portrait
    head = regressor.reconstruct(photograph)
    crop = warp(photograph, head.alignment, regressor.crop_size)
    assert (crop == head.found.crop).all()
    places = points @ head.alignment[:, :2].T + head.alignment[:, 2]
    wanted = np.array(regressor.config.rendering.five_points) * regressor.crop_size
    assert np.abs(places - wanted).max() < 0.1 * regressor.crop_size


def test_bad_photographs_among_good_ones_are_told_in_place(regressor, portrait):
    blank = np.full((80, 80, 3), 90, np.uint8)
    good, bad, missing = regressor.reconstruct_all([portrait[0], blank, "no such.png"])
    assert good.mesh.colors.shape == (81, 3)
    assert "no face found" in str(bad) and "no such.png: no such file" in str(missing)


def test_pooled_head_has_the_mean_coefficients(regressor, portrait):
    mirrored = np.asarray(portrait[0])[:, ::-1]
    heads = regressor.reconstruct_all([portrait[0], mirrored])
    pooled = regressor.pooled(heads)
    np.testing.assert_allclose(pooled.shape, (heads[0].shape + heads[1].shape) / 2, atol=1e-6)
    expected = (heads[0].mesh.vertices + heads[1].mesh.vertices) / 2
    np.testing.assert_allclose(pooled.mesh.vertices, expected, atol=1e-3)
    with pytest.raises(InputError, match="at least one"):
        regressor.pooled([])


@pytest.mark.slow  # compiles the search
def test_fitted_head_lies_over_its_face(regressor, portrait):
    photograph, _ = portrait
    head = regressor.reconstruct(photograph, fit=True)
    drawn = np.asarray(regressor.overlay(photograph, head), int)
    changed = np.abs(drawn - np.asarray(photograph, int)).sum(-1) > 30
    rows, columns = np.nonzero(changed)
    assert 30 < columns.mean() < 130 and 20 < rows.mean() < 120 and changed.mean() > 0.05
    assert np.isfinite(head.fitted.landmark_error)


def test_head_is_drawn_and_saved(regressor, portrait, tmp_path):
    head = regressor.reconstruct(portrait[0])
    front, turned = head.render(size=64), head.render(pose=(0.6, 0.0, 0.0), size=64)
    assert front.shape == (64, 64, 3) and (front != turned).any() and (front[0] == 255).all()
    head.save(tmp_path / "new" / "face.glb")
    assert len(trimesh.load_mesh(tmp_path / "new" / "face.glb", process=False).vertices) == 81


def test_what_is_no_run_is_said(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    for source, words in (
        (tmp_path, "config.json"),
        (tmp_path / "none", "no such run"),
        (tmp_path / "notes.txt", "no regressor's file"),
    ):
        with pytest.raises(InputError, match=words):
            Regressor.load(source)


def test_several_faces_come_from_left_to_right(regressor):
    from tf_morph.reconstruction.found_faces import find_faces

    photograph, points = paint((330, 160), (20, 20, 100), (200, 30, 100))
    (found,) = find_faces([photograph], regressor.crop_rule, regressor.crop_size, every=True)
    noses = [face.detected.five_points[2] for face in found]
    np.testing.assert_allclose(noses, points[:, 2], atol=6)


def test_a_few_photographs_wait_for_no_compiler(run_folder, tmp_path, monkeypatch):
    def drawn_by(photographs):
        return Regressor.load(run_folder, photographs).config.rendering.kernels

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kernel_folder.cache_clear()
    try:
        assert drawn_by(1) == "tensorflow" and drawn_by(500) == drawn_by(None) == "auto"
        (Path(kernel_folder()) / "shading._forward-64.py311.nbi").touch()
        assert drawn_by(1) == "tensorflow"  # half of them are kept
        (Path(kernel_folder()) / "shading._backward-108.py311.nbi").touch()
        assert drawn_by(1) == "auto"
        os.utime(Path(kernel_folder()) / "shading._backward-108.py311.nbi", (1, 1))
        assert drawn_by(1) == "tensorflow"  # older than its source
    finally:
        monkeypatch.undo()
        kernel_folder.cache_clear()
