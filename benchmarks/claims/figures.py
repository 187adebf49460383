"""What the evaluations of all finished runs say, as one long table."""

from pathlib import Path

import pandas as pd

from benchmarks.claims.runs import finished_runs, run_name
from benchmarks.claims.turned import turned_file
from tf_morph.errors import InputError
from tf_morph.evaluation.methods import OURS
from tf_morph.evaluation.network_features import JUDGE, TRAINING
from tf_morph.regression.run_folder import RunFolder

PRIOR = "prior"
VERTEX_ERROR = "vertex_mm"
TURNED = "_turned"  # after a network's role: by drawings seen from the side
COLUMNS = ("variant", "seed", "method", "figure", "value")
_TOP = (1, 5)


def all_figures(out: Path) -> pd.DataFrame:
    """Figures of every finished run below `out`: `COLUMNS`, a row a figure of a method of a run.

    Raises:
      InputError: a finished run's evaluation is not there.
    """
    tables = []
    for variant, seed in finished_runs(out):
        evaluation = RunFolder(out / run_name(variant, seed)).evaluation
        table = run_figures(evaluation, turned_file(out, variant, seed))
        tables.append(table.assign(variant=variant, seed=seed))
    return pd.concat(tables)[[*COLUMNS]] if tables else pd.DataFrame(columns=[*COLUMNS])


def run_figures(evaluation: Path, turned: Path) -> pd.DataFrame:
    """One evaluation's figures, and those of the table of turned faces: method, figure, value.

    Recall is a fraction, `judge_top1_84`, or `judge_turned_top1_84` of faces seen from the side;
    `fooled_top1_84` is by how much the training network's exceeds the judge's. `vertex_mm` is in
    mm; the other figures are without unit. Where the true faces are not known, what is measured
    against them is left out; so are turned faces where their table is missing.
    """
    rows = _recall_rows(_read(evaluation / "recall.csv"), "")
    if turned.exists():
        rows += _recall_rows(_read(turned, "remove it to have it measured again"), TURNED)
    for _, row in _read(evaluation / "similarity.csv").iterrows():
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


def gallery_sizes(figures: pd.DataFrame) -> list[int]:
    """The galleries recall was measured in, ascending."""
    found = figures["figure"].str.extract(r"_top1_(\d+)$", expand=False).dropna()
    return sorted({int(size) for size in found})


def values(figures: pd.DataFrame, variant: str, figure: str, method: str = OURS) -> pd.Series:
    """The values of one figure by seed; those that are not numbers are left out."""
    chosen = figures[
        (figures["variant"] == variant)
        & (figures["figure"] == figure)
        & (figures["method"] == method)
    ]
    return chosen.set_index("seed")["value"].astype(float).dropna().sort_index()


def _recall_rows(table: pd.DataFrame, view: str) -> list[tuple[str, str, float]]:
    return [
        (row["method"], recall_name(row["role"] + view, k, row["gallery"]), row[f"top{k}"])
        for _, row in table.iterrows()
        for k in _TOP
    ]


def _derived(ours: dict[str, float]) -> list[tuple[str, str, float]]:
    rows = []
    for name, value in ours.items():
        judged = name.replace(f"{TRAINING}_", f"{JUDGE}_", 1)
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


def _read(path: Path, remedy: str = "") -> pd.DataFrame:
    run = path.parent.parent
    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        remedy = remedy or f"evaluate that run again with python evaluate.py --workdir={run}"
        raise InputError(f"{path}: cannot be read; {remedy}") from error
