"""The commands as a user starts them: bad input ends in one line and a status other than 0."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BAD = {
    "a typo in a config key": (
        ["train.py", "--config=configs/demo.py", "--config.training.stepz=3"],
        "stepz",
    ),
    "a typo in the default config's key": (["train.py", "--config.training.stepz=3"], "stepz"),
    "a value of the wrong type": (
        ["train.py", "--config=configs/demo.py", "--config.training.steps=many"],
        "many",
    ),
    "no such config file": (["train.py", "--config=configs/nothing.py"], "configs/nothing.py"),
    "an argument that is no flag": (["train.py", "configs/demo.py"], "configs/demo.py"),
    "an unknown flag": (["evaluate.py", "--wrokdir=x"], "wrokdir"),
    "networks without the suite for them": (
        ["evaluate.py", "--network=encoder", "--photos=."],
        "--suite=verification",
    ),
    "pairs without a suite for them": (
        ["evaluate.py", "--suite=lfw", "--pairs=pairs.txt"],
        "--pairs belongs to --suite=emd|all",
    ),
    "no pairs of photographs": (
        ["evaluate.py", "--suite=verification", "--network=encoder,judge", "--photos=."],
        "needs --pairs",
    ),
    "no photographs to make pairs of": (
        ["-m", "tf_morph.evaluation.pairs", "nowhere", "pairs.txt"],
        "nowhere",
    ),
    "no such run": (["evaluate.py", "--workdir=nowhere"], "nowhere"),
    "assets that are not set": (
        ["train.py", "--config=configs/lfw_ict.py", "--workdir=unused"],
        "TF_MORPH_ASSETS",
    ),
    "no such face model source": (
        ["-m", "tf_morph.morphable_model.ict_facekit", "nowhere.zip", "out.h5"],
        "nowhere.zip",
    ),
    "no such GNM head": (
        ["-m", "tf_morph.morphable_model.gnm", "nowhere.npz", "out.h5"],
        "nowhere",
    ),
}


def _run_main(main: str) -> subprocess.CompletedProcess:
    script = f"import signal; from tf_morph.errors import run_main; run_main({main})"
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_the_system_refuses_ends_in_one_line(tmp_path):
    ended = _run_main(f"lambda _: open({str(tmp_path)!r})")
    assert ended.returncode == 2
    assert ended.stderr == f"error: {tmp_path}: Is a directory\n"


def test_an_interrupted_command_ends_in_one_line():
    ended = _run_main("lambda _: signal.default_int_handler(signal.SIGINT, None)")
    assert ended.returncode == 130
    assert ended.stderr == "error: interrupted\n"


@pytest.mark.parametrize("case", BAD)
def test_bad_input_ends_in_one_line(case):
    arguments, named = BAD[case]
    environment = {name: value for name, value in os.environ.items() if name != "TF_MORPH_ASSETS"}
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert ended.returncode not in (0, 1), ended.stderr
    assert len(errors) == 1 and named in errors[0], ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    assert not (ROOT / "unused").exists()
