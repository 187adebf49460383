"""Training people held out: who they are, the best checkpoint, and when to stop."""

import json

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.regression.callbacks.validation import best_step, ended_before, has_ended
from tf_morph.regression.checkpoints import Checkpoints
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.metrics_table import MetricsTable, read_column
from tf_morph.regression.photograph_sets import PhotographSet, SplitPhotographs
from tf_morph.regression.run import Run
from tf_morph.regression.train import train
from tf_morph.regression.validation import hold_out


@pytest.fixture
def config(tiny_config):
    return tiny_config.copy_and_resolve_references()


def _set(identities, start):
    images = np.arange(start, start + len(identities), dtype=np.uint8)
    paths = tuple(f"{name}/{number}" for number, name in enumerate(identities))
    return PhotographSet(
        np.broadcast_to(images[:, None, None, None], (len(images), 1, 1, 3)),
        tuple(identities),
        paths,
    )


def test_held_out_people_leave_training_and_are_seen_once(config):
    config.validation.people = 2
    split = SplitPhotographs(_set("aabbbcd", 0), _set("xyz", 50), (), {})
    left, shown = hold_out(config, split)
    assert len(shown.identities) == 2 and not set(shown.identities) & set(left.training.identities)
    assert set(shown.identities) | set(left.training.identities) == set("abcd")
    assert left.test is split.test
    for photographs in (left.training, shown):
        for image, path in zip(photographs.images, photographs.paths, strict=True):
            assert path == split.training.paths[image[0, 0, 0]]
    assert [path.partition("/")[0] for path in shown.paths] == list(shown.identities)
    first = {name: min(p for p in split.training.paths if p[0] == name) for name in "abcd"}
    assert all(
        first[name] == path for name, path in zip(shown.identities, shown.paths, strict=True)
    )
    again, _ = hold_out(config, split)
    assert again.training.paths == left.training.paths


def test_nobody_held_out_changes_nothing(config):
    split = SplitPhotographs(_set("aab", 0), _set("x", 5), (), {})
    assert hold_out(config, split) == (split, None)


def test_some_are_left_to_train_on(config):
    config.validation.people = 3
    with pytest.raises(InputError, match="validation.people.*give a number from 1 to 2"):
        hold_out(config, SplitPhotographs(_set("abc", 0), _set("x", 5), (), {}))


def test_the_first_of_equals_is_best_and_patience_counts_from_it():
    recalls = {10: 0.2, 20: 0.5, 30: 0.5, 40: 0.4}
    assert best_step(recalls) == 20 and best_step({}) is None
    assert has_ended(recalls, 2) and not has_ended(recalls, 3)
    assert not has_ended(recalls, 0) and not has_ended({}, 1) and not has_ended({10: 0.0}, 1)


def test_patience_outlives_the_process(tmp_path):
    table = MetricsTable(tmp_path / "validation.csv", 0)
    for step, recall in ((10, 0.5), (20, 0.4), (30, 0.3)):
        table.append(step, {"recall_top1": recall})
    assert ended_before(tmp_path / "validation.csv", 30, 2)
    assert not ended_before(tmp_path / "validation.csv", 20, 2)
    assert not ended_before(tmp_path / "none.csv", 30, 2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("people", -1),
        ("people", 1),
        ("every", 0),
        ("network", "jugde"),
        ("patience", -1),
        ("patience", 3),
    ],
)
def test_values_that_make_no_sense_are_named(config, field, value):
    config.validation[field] = value
    with pytest.raises(InputError, match=f"config: validation.{field} is .*; it must be"):
        check_config(config)


def test_a_run_stops_where_recall_rises_no_more_and_keeps_its_best(config, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "run"
    config.training.update({"steps": 50, "checkpoint_every": 4, "picture_every": 50})
    config.training.update({"learning_rate": 1e-9, "keep_checkpoints": 1})  # recall stays
    config.validation.update({"people": 3, "every": 2, "patience": 2})
    train(config, folder)
    recalls = read_column(folder / "validation.csv", "recall_top1")
    assert list(recalls) == [2, 4, 6] and best_step(recalls) == 2
    assert Run.load(folder, "best").steps == 2 and Run.load(folder).steps == 6
    people = json.loads((folder / "people.json").read_text())
    assert len(people["validation"]) == 3 and people["validation_network"] == "identity"
    assert not set(people["validation"]) & {*people["training"], *people["test"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "save", None)
        train(config, folder)  # which knows that it has ended
