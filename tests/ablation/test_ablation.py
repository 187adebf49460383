"""One run made by train.py and evaluate.py in processes of their own, and all that is written."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.processes import write_config_file
from tests.tiny_run import TEST_PEOPLE
from tf_morph.ablation.outputs import write_ablation
from tf_morph.ablation.pictures import PEOPLE, PICTURE, SIDE, write_picture
from tf_morph.ablation.plots import COLLAPSE, FOOLING
from tf_morph.ablation.runs import check_configs, finished_runs, plan_runs, shared_changes
from tf_morph.ablation.schedule import make_runs
from tf_morph.ablation.variants import FULL, Variant
from tf_morph.config import load_config
from tf_morph.errors import InputError
from tf_morph.regression.ablate import (
    ALL,
    chosen_families,
    chosen_variants,
    listing,
    make_families,
    parsed_seeds,
)

# Without the terms that draw, training compiles in a second.
ALONE = Variant("batch_alone", "batch loss alone", {"loss.identity": 0.0, "loss.loopback": 0.0})
NEVER = Variant(FULL, "the three losses", {})


@pytest.fixture(scope="module")
def ablation(tiny_config, tmp_path_factory):
    """The folder of a finished run, the run's plan, and its base config."""
    folder = tmp_path_factory.mktemp("ablation")
    file = write_config_file(tiny_config, folder)
    base = load_config(folder / "config.json")
    out = folder / "out"
    runs = plan_runs([ALONE], [3], out, str(file), shared_changes(base, 2))
    assert make_runs(runs, jobs=1) == {}
    return out, runs, base


def test_a_run_is_made_once_and_all_is_written(ablation):
    out, (run,), base = ablation
    assert run.finished and finished_runs(out) == [("batch_alone", 3)]
    check_configs([run], base)
    variants = {FULL: NEVER, ALONE.name: ALONE}
    text = write_ablation(out, run.config, base, shared_changes(base, 2), variants, [])
    assert text == (out / "ablation.md").read_text() and "judging" in text
    table = pd.read_csv(out / "ablation.csv")
    recall = table[table["figure"] == f"held_out_turned_top1_{TEST_PEOPLE}"]
    assert recall["method"].tolist() == ["ours"] and recall["value"].between(0, 1).all()
    for name in (FOOLING, COLLAPSE):
        assert f"]({name})" in text and Image.open(out / name).width > 600


def test_picture_has_a_row_of_photographs_and_one_a_variant_that_was_run(ablation):
    out, _, _ = ablation
    write_picture(out, {FULL: NEVER, ALONE.name: ALONE})
    picture = np.asarray(Image.open(out / PICTURE))
    assert picture.shape[0] // SIDE == 2 and picture.shape[1] // SIDE > 2 * PEOPLE
    front, side = picture[-SIDE:, -2 * SIDE - 2 : -SIDE - 2], picture[-SIDE:, -SIDE:]
    assert np.abs(front.astype(int) - side).mean() > 1.0


def test_no_picture_before_any_run(tmp_path):
    write_picture(tmp_path, {FULL: NEVER})
    assert not list(tmp_path.iterdir())


def test_families_are_chosen_by_name_and_listed_with_all_they_change(tiny_config, tmp_path):
    families = make_families(tiny_config, tmp_path)
    assert list(chosen_families(families, [ALL])) == list(families)
    chosen = chosen_families(families, ["views", "losses"])
    assert list(chosen) == ["losses", "views"]
    shown = listing(chosen, NEVER).splitlines()
    assert "      --config.training.views=1" in shown and "  no_batch:" in "\n".join(shown)
    assert any("left out" in line for line in listing(families, NEVER).splitlines())
    for names in (["lossses"], []):
        with pytest.raises(InputError, match="--family=.*losses, views.*--list"):
            chosen_families(families, names)


def test_variants_are_chosen_by_name(tiny_config, tmp_path):
    family = make_families(tiny_config, tmp_path)["features"]
    assert [v.name for v in chosen_variants(family.variants, family.left_out, [])] == [
        "swapped_networks"
    ]
    with pytest.raises(InputError, match="random_encoder: left out, .*can be made anew"):
        chosen_variants(family.variants, family.left_out, ["random_encoder"])
    with pytest.raises(InputError, match="no variant nothing; swapped_networks"):
        chosen_variants(family.variants, family.left_out, ["nothing"])


@pytest.mark.parametrize("texts", [["0", "x"], ["-1"], ["1", "1"], []])
def test_seeds_are_different_whole_numbers(texts):
    with pytest.raises(InputError, match="--seeds=.*must be"):
        parsed_seeds(texts)
    assert parsed_seeds(["2", "0"]) == [2, 0]
