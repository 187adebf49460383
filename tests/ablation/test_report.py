"""An ablation's results, verdicts and report from evaluations made by hand."""

import json
import math

import pandas as pd
import pytest

from configs.demo import get_config
from tf_morph.ablation import verdicts
from tf_morph.ablation.cells import mean_and_deviation, spoken
from tf_morph.ablation.facts import make_facts
from tf_morph.ablation.report import Ablation, report
from tf_morph.ablation.results import all_results, gallery_sizes, run_results, values
from tf_morph.ablation.variants import FULL, LeftOut, Variant
from tf_morph.ablation.verdicts import ABOVE, BELOW, Prediction, difference_interval
from tf_morph.errors import InputError

VARIANTS = {name: Variant(name, f"run {name}", {}) for name in (FULL, "no_batch", "no_loopback")}


def _write_evaluation(folder, judge=0.5, training=0.75, drift=0.25, variance=0.75, mm=None):
    """Recall of 84 as given, of 1,000 half that; the columns in another order than evaluate's."""
    folder.mkdir(parents=True)
    recall = [
        (gallery, role, share * top1, share * top1 + 0.125, method)
        for role, top1 in (("held_out", judge), ("training", training))
        for gallery, share in ((84, 1.0), (1000, 0.5))
        for method, share in (("ours", share), ("ours_turned", share / 2), ("chance", 0.0))
    ]
    columns = ["gallery", "role", "top1", "top5", "method"]
    pd.DataFrame(recall, columns=columns).to_csv(folder / "recall.csv", index=False)
    similarity = [
        ("held_out", "ours", 0.25),
        ("training", "ours", 0.125),
        ("held_out", "mean_face", 1.0),
    ]
    columns = ["role", "method", "emd_to_same"]
    pd.DataFrame(similarity, columns=columns).to_csv(folder / "similarity.csv", index=False)
    coefficients = [
        (figure, kind, ours, 0.0)
        for kind in ("shape", "texture")
        for figure, ours in (("drift", drift), ("mean_variance", variance))
    ]
    columns = ["figure", "coefficients", "ours", "prior"]
    pd.DataFrame(coefficients, columns=columns).to_csv(
        folder / "coefficients_summary.csv", index=False
    )
    if mm is not None:
        geometry = {"method": ["ours", "supervised"], "vertex_mm": [mm, 3.0], "color_rms": [0, 0]}
        pd.DataFrame(geometry).to_csv(folder / "geometry.csv", index=False)
        means = {"coefficients": ["shape"], "components": [10], "ours": [0.5], "supervised": [0.6]}
        pd.DataFrame(means).to_csv(folder / "truth_coefficients_summary.csv", index=False)


def _finished(out, variant, seed, **evaluation):
    _write_evaluation(out / f"{variant}_seed{seed}" / "evaluation" / "run", **evaluation)
    (out / "finished").mkdir(exist_ok=True)
    spent = {"seconds": {"train": 30, "evaluate": 10}, "processor_seconds": {"train": 60}}
    (out / "finished" / f"{variant}_seed{seed}.json").write_text(json.dumps(spent))


@pytest.fixture
def three_seeds(tmp_path):
    """Recall 50, 52 and 54 % with the batch loss, 1 point less without it; drifts far apart."""
    for seed in range(3):
        judge = 0.5 + 0.02 * seed
        _finished(tmp_path, FULL, seed, judge=judge, drift=0.1, mm=4.0 + seed)
        _finished(tmp_path, "no_batch", seed, judge=judge - 0.01, drift=2.0 + 0.1 * seed, mm=9.0)
    return tmp_path


def test_figures_of_a_run_are_read_by_their_columns_names(tmp_path):
    _write_evaluation(tmp_path / "evaluation", mm=4.5)
    table = run_results(tmp_path / "evaluation")
    ours = table[table["method"] == "ours"].set_index("figure")["value"].to_dict()
    assert ours == {
        **{"held_out_top1_84": 0.5, "held_out_top5_84": 0.625},
        **{"held_out_turned_top1_84": 0.25, "held_out_turned_top5_84": 0.375},
        **{"held_out_turned_top1_1000": 0.125, "held_out_turned_top5_1000": 0.25},
        **{"training_turned_top1_84": 0.375, "training_turned_top5_84": 0.5},
        **{"training_turned_top1_1000": 0.1875, "training_turned_top5_1000": 0.3125},
        **{"held_out_top1_1000": 0.25, "held_out_top5_1000": 0.375},
        **{"training_top1_84": 0.75, "training_top5_84": 0.875},
        **{"training_top1_1000": 0.375, "training_top5_1000": 0.5},
        **{"fooled_top1_84": 0.25, "fooled_top5_84": 0.25},
        **{"fooled_top1_1000": 0.125, "fooled_top5_1000": 0.125},
        **{"held_out_emd": 0.25, "training_emd": 0.125, "vertex_mm": 4.5, "color_rms": 0.0},
        **{"drift_shape": 0.25, "mean_variance_shape": 0.75, "variance_off_shape": 0.25},
        **{"drift_texture": 0.25, "mean_variance_texture": 0.75, "variance_off_texture": 0.25},
        "correlation_shape_10": 0.5,
    }
    assert gallery_sizes(table) == [84, 1000]


def test_a_finished_run_without_its_tables_is_named(tmp_path):
    _finished(tmp_path, FULL, 0)
    (tmp_path / "full_seed0" / "evaluation" / "run" / "recall.csv").unlink()
    with pytest.raises(InputError, match=r"recall.csv.*evaluate.py --workdir=.*full_seed0"):
        all_results(tmp_path)


def test_values_are_by_seed_and_of_one_method(three_seeds):
    figures = all_results(three_seeds)
    assert values(figures, FULL, "held_out_top1_84").to_dict() == pytest.approx(
        {0: 0.50, 1: 0.52, 2: 0.54}
    )
    assert values(figures, FULL, "vertex_mm", "supervised").tolist() == [3.0] * 3
    assert not len(values(figures, "no_loopback", "held_out_top1_84"))


def test_mean_and_deviation():
    assert mean_and_deviation(pd.Series([0.80, 0.82, 0.84]), 1, percent=True) == "82.0 ± 2.0 %"
    assert mean_and_deviation(pd.Series([0.5]), 2) == "0.50"
    assert mean_and_deviation(pd.Series([], dtype=float), 2) == "–"


def _report(out, variants=VARIANTS, left_out=()):
    base, results = get_config(), all_results(out)
    facts = make_facts("configs/demo.py", base, {"training.steps": 7}, variants, results)
    judged = verdicts.verdicts(results, verdicts.predictions_about(variants))
    return report(Ablation(facts, variants, left_out, results, judged))


def test_tables_name_each_run_its_networks_and_what_was_not_run(three_seeds):
    (three_seeds / "finished" / "no_batch_seed2.json").unlink()
    rows = {}
    for line in _report(three_seeds).splitlines():
        rows.setdefault(line.split("|")[1].strip() if "|" in line else "", []).append(line)
    _, recall, faces = rows["`full`"]
    assert "dlib_resnet" in recall and "FaceNet (judge)" in recall
    assert "| 52.0 ± 2.0 % / 64.5 ± 2.0 % |" in recall and "| 5.00 ± 1.00 " in faces
    assert len(rows["`no_batch` (2 of 3 seeds)"]) == 2
    _, *never = rows["`no_loopback`"], *rows["`no_loopback` (0 of 3 seeds)"]
    assert len(never) == 2 and all("| –" in line for line in never)


def test_the_report_says_what_was_run_and_what_it_cost(three_seeds):
    text = _report(three_seeds, left_out=[LeftOut("one_view", "the same as full")])
    for told in (
        *(
            f"| 7, of the config's {get_config().training.steps}",
            "| 0, 1, 2 ",
            "40 by the clock, of 60 the processor's",
        ),
        *("6 processor minutes in all", "Left out: `one_view` (the same as full).", " cores, "),
    ):
        assert told in text, told


def test_the_report_predicts_nothing_about_variants_that_are_not_asked_for(three_seeds):
    of_full_alone = _report(three_seeds, {FULL: VARIANTS[FULL]})
    assert "no_batch" not in of_full_alone and "`chance` in `full`" in of_full_alone


def test_every_predicted_figure_has_a_name_in_words():
    assert spoken("held_out_turned_top1_1000") == "judge, faces turned, top-1 of 1,000"
    for prediction in verdicts.PREDICTIONS:
        assert "_" not in spoken(prediction.figure.format(few=84, many=1000))


def test_a_report_can_be_made_before_any_run(tmp_path):
    assert "none yet" in _report(tmp_path)


def test_a_report_can_be_made_where_nobody_judges(tmp_path):
    _finished(tmp_path, FULL, 0)
    recall = tmp_path / "full_seed0" / "evaluation" / "run" / "recall.csv"
    table = pd.read_csv(recall)
    table[table["role"] != "held_out"].to_csv(recall, index=False)
    row = next(line for line in _report(tmp_path).splitlines() if "`full`" in line and "%" in line)
    assert "| 75.0 % / 87.5 %" in row and "| –" in row


def test_interval_is_students():
    # Mean 2, standard error 1 / sqrt(3), t of 97.5 % with 2 degrees of freedom 4.3027.
    low, high = difference_interval(pd.Series([1.0, 2.0, 3.0]))
    assert (low, high) == pytest.approx((2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5), abs=1e-3)
    assert difference_interval(pd.Series([1.0])) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("prediction", "verdict"),
    [
        (Prediction("", "drift_shape", BELOW, "no_batch"), "held"),
        (Prediction("", "drift_shape", ABOVE, "no_batch"), "refuted"),
        (Prediction("", "held_out_top1_{few}", ABOVE, FULL, other_method="chance"), "held"),
        (Prediction("", "held_out_top1_{many}", ABOVE, "no_loopback"), "not run"),
        (Prediction("", "vertex_mm", BELOW, FULL, other_method="supervised"), "undecided"),
        (Prediction("", "vertex_mm", BELOW, FULL, other_method="supervised", margin=5.0), "held"),
        (Prediction("", "variance_off_shape", BELOW, "no_batch"), "undecided"),
    ],
)
def test_verdicts(three_seeds, prediction, verdict):
    (found,) = verdicts.verdicts(all_results(three_seeds), [prediction])
    assert found.verdict == verdict


def test_one_seed_decides_nothing(tmp_path):
    _finished(tmp_path, FULL, 0, drift=0.1)
    _finished(tmp_path, "no_batch", 0, drift=9.0)
    _finished(tmp_path, "no_batch", 1, drift=9.0)
    (found,) = verdicts.verdicts(
        all_results(tmp_path), [Prediction("", "drift_shape", BELOW, "no_batch")]
    )
    assert (found.seeds, found.verdict) == (1, "undecided") and found.mean == pytest.approx(-8.9)
