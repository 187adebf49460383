"""Runs of train.py that are killed and gone on with: on one thread, the same to the bit."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.compat.proto.event_pb2 import Event

from tests.processes import KERNELS, write_config_file

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def start(tiny_config, tmp_path_factory):
    """A function from a run's folder, and changes of the config, to its train.py's process."""
    folder = tmp_path_factory.mktemp("kills")
    config = tiny_config.copy_and_resolve_references()
    config.training.update({"steps": 150, "checkpoint_every": 3, "log_every": 2, "threads": 1})
    config.training.picture_every = 70
    config.validation.update({"people": 2, "every": 30})
    config.stages = {"second": {"first_step": 61, "loss": {"parameter": 1.0, "loopback": 0.0}}}
    file = write_config_file(config, folder)

    def start(workdir, *changes):
        # Features are kept in the home, which is each run's own: they, too, may be cut short.
        environment = os.environ | {"HOME": f"{workdir}.home", "NUMBA_CACHE_DIR": KERNELS}
        return subprocess.Popen(
            [sys.executable, "train.py", f"--config={file}"] + [f"--workdir={workdir}", *changes],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def _finish(process):
    _, errors = process.communicate()
    assert process.returncode == 0, errors[-2000:]


def _kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def _state(workdir):
    """What a run ends in: decoder, optimiser and step by name, and the text of its tables."""
    reader = tf.train.load_checkpoint(str(workdir / "checkpoints"))
    names = [name for name in reader.get_variable_to_shape_map() if "VARIABLE" in name]
    # How often was saved is the run's history, and nothing is computed from it.
    names = [name for name in names if not name.startswith("save_counter")]
    values = {name: reader.get_tensor(name) for name in names}
    tables = [(workdir / name).read_text() for name in ("metrics.csv", "validation.csv")]
    return values, tables


def _assert_same(workdir, undisturbed):
    (values, tables), (expected, expected_tables) = _state(workdir), _state(undisturbed)
    assert values.keys() == expected.keys() and len(values) > 20
    for name, value in values.items():
        np.testing.assert_array_equal(value, expected[name], name)
    assert tables == expected_tables
    assert _told_steps(workdir) == _told_steps(undisturbed)


def _told_steps(workdir):
    """The (tag, step) pairs in TensorBoard's files, in order: none twice."""
    told = []
    for path in (workdir / "tensorboard").glob("events.out.tfevents.*"):
        for record in tf.data.TFRecordDataset(str(path)):
            event = Event.FromString(record.numpy())
            told += [(value.tag, event.step) for value in event.summary.value]
    return sorted(told)


@pytest.fixture(scope="module")
def undisturbed(start, tmp_path_factory):
    """A run's folder, and how many seconds of the processor it took."""
    # The process that compiles the kernels rounds otherwise than those that load them.
    _finish(start(tmp_path_factory.mktemp("compiling") / "run"))
    workdir, before = tmp_path_factory.mktemp("undisturbed") / "run", _spent_by_children()
    _finish(start(workdir))
    return workdir, _spent_by_children() - before


def _spent_by_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _wait_for_seconds(process, seconds):
    """Until the process has had that much of the processor: a busy machine changes nothing."""
    stat, ticks = Path(f"/proc/{process.pid}/stat"), os.sysconf("SC_CLK_TCK")
    while process.poll() is None:
        times = stat.read_text().rpartition(")")[2].split()[11:13]
        if sum(map(int, times)) / ticks >= seconds:
            return
        time.sleep(0.001)


def _wait_for_rows(process, workdir, rows):
    metrics = workdir / "metrics.csv"
    while process.poll() is None:
        if metrics.exists() and len(metrics.read_text().splitlines()) > rows:
            return
        time.sleep(0.002)


@pytest.mark.slow
def test_a_run_killed_between_two_rows_ends_as_if_it_had_not_been(start, undisturbed, tmp_path):
    workdir = tmp_path / "run"
    for rows in (11, 60):
        process = start(workdir)
        _wait_for_rows(process, workdir, rows)
        assert process.poll() is None, "it ended before it was killed"
        _kill(process)
    _finish(start(workdir))
    _assert_same(workdir, undisturbed[0])


@pytest.mark.slow
def test_twenty_kills_at_random_moments_change_nothing(start, undisturbed, tmp_path):
    expected, seconds = undisturbed
    random, kills, runs = np.random.default_rng(6), 0, 0
    while kills < 20:
        workdir = tmp_path / f"run_{runs}"
        for _ in range(4):  # kills of one run
            process = start(workdir)
            _wait_for_seconds(process, random.uniform(0.0, seconds))
            if process.poll() is not None:
                break
            _kill(process)
            kills += 1
        _finish(start(workdir))
        _assert_same(workdir, expected)
        runs += 1


@pytest.mark.slow
def test_another_seed_is_told_apart(start, undisturbed, tmp_path):
    _finish(start(tmp_path / "run", "--config.seed=1"))
    with pytest.raises(AssertionError):
        _assert_same(tmp_path / "run", undisturbed[0])
