"""A run's folder: what is in it, and whether it belongs to the config at hand."""

import importlib.metadata
import json
import platform
from pathlib import Path

import ml_collections

from tf_morph.atomic import whole_file
from tf_morph.config import config_difference, fill_missing, load_config, save_config
from tf_morph.errors import InputError
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.config_kinds import check_kinds
from tf_morph.regression.default_config import default_config

VERSIONED_PACKAGES = ("tensorflow", "tensorflow-graphics", "keras", "numpy", "numba", "h5py")


class RunFolder:
    """Paths below a run's folder. Making one touches nothing on disk."""

    def __init__(self, workdir: str | Path):
        self.path = Path(workdir)
        self.config = self.path / "config.json"
        self.versions = self.path / "versions.json"
        self.people = self.path / "people.json"
        self.face_model = self.path / "face_model.h5"
        self.checkpoints = self.path / "checkpoints"
        self.best_checkpoint = self.checkpoints / "best"
        self.metrics = self.path / "metrics.csv"
        self.validation = self.path / "validation.csv"
        self.nonfinite = self.path / "nonfinite"
        self.tensorboard = self.path / "tensorboard"
        self.pictures = self.path / "pictures"
        self.evaluation = self.path / "evaluation"  # a folder a suite, and the report
        self.run_evaluation = self.evaluation / "run"  # of the suite of that name
        self.report = self.evaluation / "report.html"
        # What is to be seen of the run, and the page that shows it.
        self.speed = self.path / "speed.csv"
        self.spread = self.path / "coefficients.csv"
        self.coefficients = self.path / "pictures" / "coefficients.npz"
        self.face = self.path / "pictures" / "face.ply"
        self.state = self.path / "state.json"
        self.page = self.path / "index.html"

    def check_for_training(self, config: ml_collections.ConfigDict) -> None:
        """Checks that the folder is new, empty, or a run of this same config.

        Raises:
          InputError: the folder is a run of another config (the differences are named), or holds
            files that are no run's.
        """
        if self.config.exists():
            self._check_same(config)
        elif self.path.exists() and not _is_empty(self.path):
            raise InputError(
                f"{self.path}: exists and is no run of train.py; name another --workdir"
            )

    def open_for_training(self, config: ml_collections.ConfigDict) -> None:
        """Makes the folder and writes down what is run in it; see `check_for_training`."""
        self.check_for_training(config)
        # First of all: without its config the folder would be no run's, were this cut short.
        save_config(config, self.config)
        self.pictures.mkdir(exist_ok=True)
        write_json(self.versions, _versions())

    def read_config(self) -> ml_collections.ConfigDict:
        """The config the run was trained with; a field that is younger has its default.

        Raises:
          InputError: this is no run's folder.
        """
        if not self.path.is_dir():
            raise InputError(f"{self.path}: no such run folder; train one first with train.py")
        config = load_config(self.config)
        complete(config, str(self.config))
        return config

    def _check_same(self, config: ml_collections.ConfigDict) -> None:
        difference = config_difference(self.read_config(), config)
        if difference:
            raise InputError(
                f"{self.path}: holds a run of another config ({'; '.join(difference)}); "
                "name another --workdir, or give the config the run was begun with"
            )


def complete(config: ml_collections.ConfigDict, source: str) -> None:
    """Checks a config that was read from a file, and gives it the fields that are younger.

    Args:
      config: as it was read; filled in.
      source: the file, for errors.

    Raises:
      InputError: a field is of another kind than the default's, or of a value that makes no sense.
    """
    try:
        check_kinds(config, default_config())
        fill_missing(config, default_config())
        check_config(config)
    except InputError as error:
        raise InputError(f"{source}: {error}") from error


def _is_empty(path: Path) -> bool:
    """Whether it is a folder with nothing in it but what a killed process was about to write."""
    return path.is_dir() and all(entry.suffix == ".partial" for entry in path.iterdir())


def write_json(path: Path, content) -> None:
    """Writes plain data as indented JSON, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n")


def _versions() -> dict[str, str]:
    packages = {name: importlib.metadata.version(name) for name in VERSIONED_PACKAGES}
    return {"python": platform.python_version(), "platform": platform.platform()} | packages
