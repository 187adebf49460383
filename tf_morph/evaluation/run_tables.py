"""The tables of a run's test people."""

import pandas as pd

from tf_morph.evaluation import tables
from tf_morph.evaluation.known_truth.study import TruthTables
from tf_morph.evaluation.measurements import Measurements
from tf_morph.evaluation.paper import paper_table
from tf_morph.evaluation.sections import Table


def run_tables(measurements: Measurements) -> tuple[Table, ...]:
    """All tables; those of the truth where it is known."""
    return (
        recall_summary(measurements),
        _recall(measurements),
        *(_truth_tables(measurements.truth) if measurements.truth else ()),
        _similarity(measurements),
        _coefficients(measurements),
        Table(
            "coefficients",
            "Mean and variance of every coefficient over the people.",
            measurements.components,
        ),
        _beside_the_paper(measurements),
        Table("paper_all", "All of the paper's figures known here.", paper_table()),
    )


def recall_summary(measurements: Measurements) -> Table:
    """Recall at a glance: a row a method, a column a network and size of gallery."""
    recall = measurements.recall
    shown = pd.DataFrame({"method": recall["method"].unique()})
    networks = recall[["role", "network"]].drop_duplicates()
    alone = networks["role"].is_unique  # else a column is named after its network, too
    for (network, role, gallery), rows in recall.groupby(
        ["network", "role", "gallery"], sort=False
    ):
        cells = {
            row.method: f"{100 * row.top1:.1f} / {100 * row.top5:.1f}" for row in rows.itertuples()
        }
        name = role if alone else f"{network}, {role}"
        shown[f"{name}, {gallery:,}"] = shown["method"].map(cells)
    named = "; ".join(f"{row.role} is {row.network}" for row in networks.itertuples())
    return Table(
        "recall_summary",
        f"Recall, top-1 / top-5, %, by network ({named}) and size of the gallery.",
        shown,
        formats=dict.fromkeys(shown.columns[1:], str),
    )


def _recall(measurements: Measurements) -> Table:
    headings = {
        "method": "method",
        "network": "network",
        "role": "role",
        "gallery": "gallery",
        "top1": "top-1",
        "interval1": "95 % interval",
        "top1_deviation": "between galleries",
        "top5": "top-5",
        "interval5": "95 % interval",
        "top5_deviation": "between galleries",
        "median_rank": "median rank",
        "queries": "queries",
        "galleries": "galleries",
    }
    frame = measurements.recall
    if frame["top1_deviation"].isna().all():  # one gallery of every size
        del headings["top1_deviation"], headings["top5_deviation"]
    shown = frame.assign(interval1=_intervals(frame, "top1"), interval5=_intervals(frame, "top5"))
    formats = dict.fromkeys(("top1", "top5", "top1_deviation", "top5_deviation"), tables.percent)
    formats |= dict.fromkeys(("queries", "galleries", "gallery"), tables.decimals(0))
    formats |= {"median_rank": tables.decimals(1), "interval1": str, "interval5": str}
    return Table("recall", "How often a query finds its person.", frame, headings, formats, shown)


def _intervals(table: pd.DataFrame, name: str) -> list[str | None]:
    return [
        None if low != low else f"{100 * low:.1f} – {100 * high:.1f}"
        for low, high in zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
    ]


def _similarity(measurements: Measurements) -> Table:
    headings = {
        "method": "pairs of a photograph and",
        "network": "network",
        "role": "role",
        "emd_to_same": "EMD to same",
        "emd_to_different": "EMD to different",
        "mean": "mean cosine",
        "mean_same": "same",
        "mean_different": "different",
        "pairs": "pairs",
        "same_pairs": "same pairs",
        "different_pairs": "different pairs",
    }
    formats = dict.fromkeys(("pairs", "same_pairs", "different_pairs"), tables.decimals(0))
    formats |= dict.fromkeys(
        ("emd_to_same", "emd_to_different", "mean", "mean_same", "mean_different"),
        tables.decimals(3),
    )
    caption = "Cosines between photographs and renderings, and their distance from real pairs'."
    return Table("similarity", caption, measurements.similarity, headings, formats)


def _coefficients(measurements: Measurements) -> Table:
    headings = {
        "coefficients": "coefficients",
        "meaning": "figure",
        "ours": "ours",
        "prior": "as many faces from the prior",
    }
    formats = dict.fromkeys(("ours", "prior"), tables.decimals(3))
    caption = "Coefficients of unseen people beside the morphable model's prior."
    return Table("coefficients_summary", caption, measurements.coefficients, headings, formats)


def _beside_the_paper(measurements: Measurements) -> Table:
    headings = {
        "measure": "measure",
        "paper": "the paper's",
        "paper_data": "on",
        "standing": "standing",
        "ours": "ours",
        "our_network": "by",
        "our_data": "on",
    }
    caption = (
        "The paper's figures (Genova et al., CVPR 2018) beside ours: other photographs, other "
        "networks, another face model; for orientation, not for comparison."
    )
    return Table("paper", caption, measurements.paper, headings)


def _truth_tables(truth: TruthTables) -> tuple[Table, ...]:
    return (
        geometry_table(truth),
        Table(
            "truth_coefficients",
            "Correlation of every coefficient with the true face's.",
            truth.correlations,
        ),
        _correlation_means(truth),
    )


def geometry_table(truth: TruthTables) -> Table:
    """The errors of every method, mean ± standard deviation over the people."""
    shown = truth.geometry.assign(
        vertex=_with_deviation(truth.geometry, "vertex_mm", 2),
        color=_with_deviation(truth.geometry, "color_rms", 3),
    )
    headings = {"method": "method", "vertex": "vertex error, mm", "color": "colour error (sRGB)"}
    caption = (
        f"Distance from the true faces of {truth.geometry['people'].iloc[0]:,} people, mean ± "
        "standard deviation."
    )
    formats = {"vertex": str, "color": str}
    return Table("geometry", caption, truth.geometry, headings, formats, shown)


def _with_deviation(frame: pd.DataFrame, name: str, digits: int) -> list[str]:
    return [
        f"{mean:.{digits}f} ± {deviation:.{digits}f}"
        for mean, deviation in zip(frame[name], frame[f"{name}_deviation"], strict=True)
    ]


def _correlation_means(truth: TruthTables) -> Table:
    frame = truth.correlation_means
    headings = {name: name for name in frame.columns}
    headings["components"] = "mean of the first components"
    formats = dict.fromkeys(frame.columns[2:], tables.decimals(2))
    formats |= {"components": tables.decimals(0)}
    caption = "Correlation of coefficients with the true faces', mean of the first components."
    return Table("truth_coefficients_summary", caption, frame, headings, formats)
