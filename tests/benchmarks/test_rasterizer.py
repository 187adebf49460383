"""What `python -m benchmarks.rasterizer` draws, measures and tells."""

import contextlib
import json
from dataclasses import asdict

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.meshes import head_like_mesh
from benchmarks.peers import tfg_rasterizer
from benchmarks.rasterizer import memory, text, worker
from benchmarks.rasterizer.cases import KERNELS, TFG, TRIANGLES, Case, all_cases, few_cases
from benchmarks.rasterizer.machine import free_mb, machine
from benchmarks.rasterizer.pictures import drawer, make_meshes, total_step
from benchmarks.rasterizer.processes import measuring
from benchmarks.rasterizer.rows import FIGURES, measured_rows, write_rows
from tf_morph.rendering.camera import clip_coordinates

SMALL = Case(triangles=300, size=16, batch=2, threads=1, kernel="cpu")


def _drawer(kernel, meshes):
    if kernel == TFG and not tfg_rasterizer.is_built():
        pytest.skip("TF-Graphics' kernel has not been compiled yet")
    return drawer(kernel, meshes, culled=True)


def test_the_head_is_closed_and_of_as_many_triangles_as_told():
    vertices, triangles = head_like_mesh(TRIANGLES[0])
    assert len(triangles) == TRIANGLES[0] and len(vertices) == len(triangles) // 2 + 2  # Euler
    edges = {(int(a), int(b)) for t in triangles for a, b in zip(t, np.roll(t, -1), strict=True)}
    assert len(edges) == 3 * len(triangles) and edges == {(b, a) for a, b in edges}
    volume = np.linalg.det(vertices[triangles].astype(float)).sum() / 6
    np.testing.assert_allclose(volume, 4 / 3 * np.pi * 78 * 110 * 100, rtol=0.01)


def test_about_half_of_each_head_faces_away_and_no_two_are_alike():
    meshes = make_meshes(300, 16, 3)
    assert 0.45 < meshes.facing_away() < 0.65
    spread = meshes.world - tf.reduce_mean(meshes.world, axis=1, keepdims=True)
    assert len(np.unique(np.round(tf.norm(spread, axis=[1, 2]).numpy(), 2))) == 3


@pytest.mark.parametrize("kernel", KERNELS)
def test_colors_are_interpolated_where_the_camera_sees_them(kernel):
    meshes = make_meshes(300, 32, 2)
    # Places as colours: each pixel must hold a place that the camera sees at its centre.
    pictures = _drawer(kernel, meshes)(meshes.world, meshes.world).numpy()
    if kernel == TFG:
        pictures = pictures[:, ::-1]
    seen = np.any(pictures != 0, axis=-1)
    assert 0.3 < seen.mean() < 0.8
    flat = tf.reshape(tf.constant(pictures), [2, -1, 3])
    clip = clip_coordinates(meshes.framing, flat, 1.0).numpy().reshape(2, 32, 32, 4)
    found = (0.5 + 0.5 * clip[..., :2] / clip[..., 3:] * [1, -1]) * 32
    columns, rows = np.meshgrid(np.arange(32) + 0.5, np.arange(32) + 0.5)
    wanted = np.broadcast_to(np.stack([columns, rows], -1), found.shape)
    np.testing.assert_allclose(found[seen], wanted[seen], atol=0.01)


@pytest.mark.parametrize("kernel", [kernel for kernel in KERNELS if kernel != "cpu"])
def test_gradients_are_those_of_the_compiled_kernel(kernel):
    meshes = make_meshes(300, 32, 2)
    noise = meshes.noise[:, ::-1] if kernel == TFG else meshes.noise
    found = total_step(_drawer(kernel, meshes), meshes._replace(noise=noise))()
    wanted = total_step(_drawer("cpu", meshes), meshes)()
    for ours, peer in zip(wanted, found, strict=True):
        # TF-Graphics places corners at multiples of 2^-16: now and then an edge pixel differs.
        close = np.isclose(ours, peer, atol=1e-3 * np.abs(ours).max(), rtol=1e-3)
        assert close.mean() > 0.98 and np.abs(ours).max() > 0


def test_a_worker_answers_with_what_the_table_shows():
    times = worker.answer(SMALL, worker.TIME, seconds=0)
    assert set(times) | {"peak_mb", "tfg_ratio", "not_run"} == set(FIGURES)
    assert 0 < times["forward_ms"] and 0 < times["total_ms"] and 0 < times["covered"] < 1
    assert set(worker.answer(SMALL, worker.MEMORY, seconds=0)) == {"peak_mb"}


def test_memory_is_that_of_the_step_alone():
    if not memory.can_reset():
        pytest.skip("this system cannot tell the peak of a step")
    kept = np.ones(8_000_000)
    assert 79 < memory.peak_mb(lambda: np.ones(10_000_000).sum() + kept[0]) < 90
    assert memory.peak_mb(lambda: kept[0]) < 5


@contextlib.contextmanager
def _pretended(threads):
    """The kernels' times are 40, 20 and 2 ms an image; one case breaks down."""

    def measure(case):
        if case.kernel == "tensorflow" and case.size == 64:
            return {"unavailable": "no such kernels"}
        total = {TFG: 40.0, "tensorflow": 20.0, "cpu": 2.0}[case.kernel] * case.size / 112
        return dict(forward_ms=total / 2, total_ms=total, peak_mb=1.0, facing_away=0.5, covered=0.4)

    yield measure


def test_rows_hold_every_combination_once_and_compare_with_the_peer():
    cases = all_cases([1, 2])
    rows = list(measured_rows(cases, _pretended, limit_s=60))
    assert len(set(cases)) == len(rows) == 2 * (3 * 4 * 3 + 1) * 3
    for case, row in zip(cases, rows, strict=True):
        assert set(row) == {*asdict(case), *FIGURES} and asdict(case).items() <= row.items()
    assert {row["tfg_ratio"] for row in rows if row["kernel"] == "cpu"} == {20.0}
    assert {row["not_run"] for row in rows if row["kernel"] == "tensorflow"} == {"no such kernels"}
    assert set(few_cases([1, 2])) < set(cases)


def test_what_would_take_too_long_is_not_run():
    rows = list(measured_rows(all_cases([1]), _pretended, limit_s=10))
    reasons = {
        (row["size"], row["batch"]): row["not_run"]
        for row in rows
        if row["kernel"] == TFG and row["culled"]
    }
    assert reasons[512, 24] == "would take 35 s" and reasons[512, 8] == "would take 12 s"
    assert reasons[512, 1] is None and reasons[224, 8] is None
    cpu = [row for row in rows if row["kernel"] == "cpu" and row["size"] == 512]
    assert [row["tfg_ratio"] is None for row in cpu[:3]] == [False, True, True]


def test_what_would_need_too_much_memory_is_not_run():
    rows = measured_rows(all_cases([1]), _pretended, limit_s=1e9, limit_mb=20)
    reasons = {row["batch"]: row["not_run"] for row in rows if row["kernel"] == "cpu"}
    assert reasons == {1: None, 8: None, 24: "would need 0.0 GB"}
    assert free_mb() > 100


def test_the_table_says_what_was_measured_what_not_and_how_it_grows():
    rows = list(measured_rows(all_cases([1]), _pretended, limit_s=10))
    title, *lines = [text.heading(machine()).splitlines()[-1], *map(text.line, rows)]
    assert all(title.split()[0] == "triangles" and len(line) >= len(title) for line in lines)
    assert lines[2].split() == "6,912 64 1 1 cpu 0.57 1.14 1.0 20.0".split()
    assert lines[1].split()[:9] == "6,912 64 1 1 tensorflow - - - -".split()
    assert lines[1].endswith("not run: no such kernels")
    assert lines[-1].endswith("with the triangles that face away")
    assert "Of 106,032 triangles 50% face away; they cover 40%" in text.shares(rows)
    assert (
        "cpu, threads 1, by size: 64: 1.14, 112: 2.00, 224: 4.00, 512: 9.14; about pixels^0.50"
        in (text.growth(rows))
    )
    assert text.growth(rows[:3]) == ""


def test_rows_are_read_back_from_json(tmp_path):
    rows = list(measured_rows(few_cases([1]), _pretended, limit_s=60))
    write_rows(tmp_path / "rows.json", machine(), rows)
    read = json.loads((tmp_path / "rows.json").read_text())
    assert read["rows"] == rows and read["machine"]["cores"] >= 1
    assert {"tensorflow", "numba"} <= set(read["machine"]["versions"])


@pytest.mark.slow
def test_processes_measure_and_one_that_ends_is_replaced():
    with measuring(threads=1, seconds=0.0) as measure:
        broken = measure(Case(**{**asdict(SMALL), "kernel": "nonsense"}))
        assert "process ended with 1" in broken["not_run"] and "nonsense" in broken["not_run"]
        found = measure(SMALL)
    assert found["total_ms"] > 0 and found["peak_mb"] >= 0
