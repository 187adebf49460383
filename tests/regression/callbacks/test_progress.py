"""The bar over a run, as a log has it."""

import re

import pytest

from tf_morph.regression.callbacks import progress
from tf_morph.regression.callbacks.progress import ProgressBar
from tf_morph.regression.callbacks.seeing import images_a_step, stage_name
from tf_morph.regression.callbacks.speed import StepRate
from tf_morph.regression.default_config import default_config


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_images_a_second_are_of_the_last_steps(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("tf_morph.regression.callbacks.speed.time.perf_counter", clock)
    rate = StepRate(lambda step: 10 if step <= 100 else 40)
    assert rate.images_a_second() == 0.0
    for step in range(1, 161):
        clock.now += 0.5
        rate.after_step(step)
        if step == 100:
            assert rate.images_a_second() == pytest.approx(20.0)
    assert rate.images_a_second() == pytest.approx(80.0)
    assert rate.seconds_a_step() == pytest.approx(0.5)


@pytest.fixture
def lines(monkeypatch, capsys):
    """What a run of 40 steps of two stages prints where stderr is no terminal, a line a step."""
    monkeypatch.setattr(progress, "_SECONDS_IN_LOG", 0.0)
    bar = ProgressBar(
        10, 50, lambda step: 3, lambda step: "synthetic" if step <= 20 else "photographs"
    )
    for step in range(11, 51):
        name = "parameter" if step <= 20 else "identity"
        bar.after_step(step, {"loss": 2.0 if step % 2 else 4.0, name: 0.125, "gradient_norm": 9.0})
    bar.after_training()
    return capsys.readouterr().err.splitlines()


def test_the_bar_names_stage_rate_and_time_left(lines):
    assert all(re.search(r"\d+/50 \[.*<.*images/s", line) for line in lines)
    assert lines[0].startswith("synthetic") and lines[-1].startswith("photographs 50/50")


def test_losses_are_smoothed_and_those_of_another_stage_forgotten(lines):
    assert "parameter 0.125" in lines[5] and "identity" not in lines[5]
    assert "identity 0.125" in lines[-1] and "parameter" not in lines[-1]
    assert "gradient_norm" not in lines[-1]
    shown = float(re.search(r"loss ([\d.]+)", lines[-1]).group(1))
    assert 2.5 < shown < 3.5  # 2 and 4 in turn


def test_a_log_is_not_flooded(monkeypatch, capsys):
    bar = ProgressBar(0, 1000, lambda step: 1)
    for step in range(1, 1001):
        bar.after_step(step, {"loss": 1.0})
    bar.after_training()
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_stages_have_names_and_numbers_of_pictures():
    config = default_config()
    config.training.update({"steps": 30, "rendered_faces": 4, "views": 3, "synthetic_faces": 7})
    config.loss.update({"identity": 0.0, "loopback": 0.0, "parameter": 1.0})
    config.stages.photographs = {"first_step": 11, "loss": {"identity": 1.0}}
    config.stages.alone = {"first_step": 21, "loss": {"identity": 1.0, "parameter": 0.0}}
    images, name = images_a_step(config), stage_name(config)
    assert [images(step) for step in (1, 10, 11, 20, 21, 30)] == [7, 7, 19, 19, 12, 12]
    assert [name(step) for step in (10, 11, 30)] == ["", "photographs", "alone"]
