"""The paper's size on random files: a few training steps and an evaluation, and their memory."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.paper_files import write_paper_files
from tf_morph.config import ASSETS_VARIABLE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
GIBIBYTES = 16  # what the config's batch must fit in
STEPS = 2


@pytest.fixture(scope="module")
def paper_assets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assets")
    before = os.environ.get(ASSETS_VARIABLE)
    write_paper_files(folder)
    os.environ.pop(ASSETS_VARIABLE)
    if before is not None:
        os.environ[ASSETS_VARIABLE] = before
    return folder


@pytest.mark.parametrize("compared, judge", [("", "vgg16"), (":vgg_face", "resnet50")])
def test_it_trains_and_is_evaluated_within_memory(paper_assets, tmp_path, compared, judge):
    workdir = f"--workdir={tmp_path / 'run'}"
    _run(
        paper_assets,
        tmp_path,
        "train.py",
        f"--config=configs/paper.py{compared}",
        f"--config.training.steps={STEPS}",
        "--config.training.log_every=1",
        "--config.photographs.test_identities=8",
        workdir,
    )
    metrics = pd.read_csv(tmp_path / "run" / "metrics.csv")
    assert len(metrics) == STEPS and metrics.notna().all().all()
    _run(paper_assets, tmp_path, "evaluate.py", workdir)
    recall = pd.read_csv(tmp_path / "run" / "evaluation" / "run" / "recall.csv")
    assert judge in set(recall[recall.role == "judge"].network)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20  # KiB on Linux
    print(f"{compared or 'facenet'}: largest peak so far {peak:.1f} GiB")
    if sys.platform == "linux":
        assert peak < GIBIBYTES


def _run(assets, home, *command):
    environment = os.environ | {ASSETS_VARIABLE: str(assets), "HOME": str(home)}
    ended = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
