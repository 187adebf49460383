"""What the evaluations of all finished runs say, as one long table."""

import json
from pathlib import Path

import pandas as pd

from tf_morph.ablation.runs import finished_runs, record_file, run_name
from tf_morph.errors import InputError
from tf_morph.evaluation.methods import HELD_OUT, OURS, OURS_TURNED, TRAINING
from tf_morph.regression.run_folder import RunFolder

PRIOR = "prior"
VERTEX_ERROR = "vertex_mm"
TURNED = "_turned"  # after a network's role: by drawings seen from the side
SECONDS, PROCESSOR_SECONDS = "seconds", "processor_seconds"
COLUMNS = ("variant", "seed", "method", "figure", "value")
_TOP = (1, 5)


def all_results(out: Path) -> pd.DataFrame:
    """Figures of every finished run below `out`: `COLUMNS`, a row a figure of a method of a run.

    Raises:
      InputError: a finished run's evaluation is not there.
    """
    tables = []
    for variant, seed in finished_runs(out):
        evaluation = RunFolder(out / run_name(variant, seed)).run_evaluation
        table = pd.concat([run_results(evaluation), _cost(record_file(out, variant, seed))])
        tables.append(table.assign(variant=variant, seed=seed))
    return pd.concat(tables)[[*COLUMNS]] if tables else pd.DataFrame(columns=[*COLUMNS])


def run_results(evaluation: Path) -> pd.DataFrame:
    """One evaluation's figures: method, figure, value.

    Recall is a fraction, `held_out_top1_84`, or `held_out_turned_top1_84` of faces seen from the
    side; `fooled_top1_84` is by how much the training network's exceeds the held-out one's. Of
    several training networks, each figure is the mean of theirs. `vertex_mm` is in mm; the other
    figures are without unit. Where the true faces are not known, what is measured against them is
    left out, and where no network is held out, what it would say.
    """
    rows = _recall_rows(_by_role(_read(evaluation / "recall.csv"), ["method", "role", "gallery"]))
    for _, row in _by_role(_read(evaluation / "similarity.csv"), ["method", "role"]).iterrows():
        rows.append((row["method"], f"{row['role']}_emd", row["emd_to_same"]))
    for _, row in _read(evaluation / "coefficients_summary.csv").iterrows():
        name = f"{row['figure']}_{row['coefficients']}"
        rows += [(OURS, name, row["ours"]), (PRIOR, name, row["prior"])]
    rows += _truth_rows(evaluation)
    rows += _derived({name: value for method, name, value in rows if method == OURS})
    return pd.DataFrame(rows, columns=["method", "figure", "value"])


def recall_name(role: str, k: int, gallery: int) -> str:
    """The figure's name; `role` as in the recall table, or with `TURNED` after it."""
    return f"{role}_top{k}_{gallery}"


def gallery_sizes(results: pd.DataFrame) -> list[int]:
    """The galleries recall was measured in, ascending."""
    found = results["figure"].str.extract(r"_top1_(\d+)$", expand=False).dropna()
    return sorted({int(size) for size in found})


def values(results: pd.DataFrame, variant: str, figure: str, method: str = OURS) -> pd.Series:
    """The values of one figure by seed; those that are not numbers are left out."""
    chosen = results[
        (results["variant"] == variant)
        & (results["figure"] == figure)
        & (results["method"] == method)
    ]
    return chosen.set_index("seed")["value"].astype(float).dropna().sort_index()


def _by_role(table: pd.DataFrame, named: list[str]) -> pd.DataFrame:
    """The mean of the networks of one role, of all numbers."""
    return table.groupby(named, sort=False, dropna=False).mean(numeric_only=True).reset_index()


def _recall_rows(table: pd.DataFrame) -> list[tuple[str, str, float]]:
    rows = []
    for _, row in table.iterrows():
        turned = row["method"] == OURS_TURNED
        method, view = (OURS, TURNED) if turned else (row["method"], "")
        for k in _TOP:
            rows.append(
                (method, recall_name(row["role"] + view, k, row["gallery"]), row[f"top{k}"])
            )
    return rows


def _derived(ours: dict[str, float]) -> list[tuple[str, str, float]]:
    rows = []
    for name, value in ours.items():
        judged = name.replace(f"{TRAINING}_", f"{HELD_OUT}_", 1)
        if name.startswith(f"{TRAINING}_top") and judged in ours:
            rows.append((OURS, name.replace(TRAINING, "fooled", 1), value - ours[judged]))
        if name.startswith("mean_variance_"):
            rows.append((OURS, name.replace("mean_variance", "variance_off", 1), abs(value - 1.0)))
    return rows


def _truth_rows(evaluation: Path) -> list[tuple[str, str, float]]:
    if not (evaluation / "geometry.csv").exists():
        return []
    rows = [
        (row["method"], figure, row[figure])
        for _, row in _read(evaluation / "geometry.csv").iterrows()
        for figure in (VERTEX_ERROR, "color_rms")
    ]
    correlations = _read(evaluation / "truth_coefficients_summary.csv")
    named = ["coefficients", "components"]
    for _, row in correlations.iterrows():
        name = "correlation_{}_{}".format(*row[named])
        rows += [(method, name, row[method]) for method in correlations.columns.drop(named)]
    return rows


def _cost(record: Path) -> pd.DataFrame:
    """Seconds of training and evaluation together, by the clock and by the processor."""
    spent = json.loads(record.read_text())
    rows = [(OURS, kind, sum(spent[kind].values())) for kind in (SECONDS, PROCESSOR_SECONDS)]
    return pd.DataFrame(rows, columns=["method", "figure", "value"])


def _read(path: Path) -> pd.DataFrame:
    run = path.parent.parent
    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read; evaluate that run again with python evaluate.py "
            f"--workdir={run}"
        ) from error
