"""The report of an evaluation, and the files it goes with."""

from dataclasses import dataclass

from tf_morph.evaluation import tables
from tf_morph.evaluation.contact_sheet import CONTACT_SHEET, HEADS
from tf_morph.evaluation.figures import COEFFICIENTS, RECALL, similarity_file
from tf_morph.evaluation.measurements import Measurements
from tf_morph.evaluation.methods import METHODS
from tf_morph.evaluation.paper import paper_table
from tf_morph.evaluation.roles import JUDGE
from tf_morph.evaluation.truth_section import truth_section

_MOST_SKIPPED_NAMED = 20
_NOT_RUN = (
    "MICC Florence (geometry against scans): not run; the scans are not among the data.",
    "MoFA-Test (84 photographs): not run; galleries of 84 test people stand in for its size, "
    "not for its photographs.",
    "The stress set (pose, light, expression, occlusion, blur) and art: not run.",
)


REPORT = "report.md"


@dataclass(frozen=True)
class Facts:
    """What was evaluated, as (what, value) rows, and the photographs that could not be."""

    rows: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...]


def table_files(measurements: Measurements) -> dict[str, str]:
    """The tables of an evaluation, name to content."""
    return {
        "similarity.csv": tables.to_csv(measurements.similarity),
        "coefficients.csv": tables.to_csv(measurements.components),
        "coefficients_summary.csv": tables.to_csv(measurements.coefficients),
        "paper.csv": tables.to_csv(measurements.paper),
        "recall.csv": tables.to_csv(measurements.recall),
        **_truth_files(measurements),
    }


def report(facts: Facts, measurements: Measurements) -> str:
    """The report as Markdown."""
    sections = (
        _what(facts, measurements),
        _recall(measurements),
        *([truth_section(measurements.truth)] if measurements.truth else []),
        _similarity(measurements),
        _coefficients(measurements),
        _faces(measurements),
        _paper(measurements),
        "## Not run\n\n" + "".join(f"- {line}\n" for line in _NOT_RUN),
    )
    return "\n".join(sections)


def _truth_files(measurements: Measurements) -> dict[str, str]:
    truth = measurements.truth
    if truth is None:
        return {}
    return {
        "geometry.csv": tables.to_csv(truth.geometry),
        "truth_coefficients.csv": tables.to_csv(truth.correlations),
        "truth_coefficients_summary.csv": tables.to_csv(truth.correlation_means),
    }


def _faces(measurements: Measurements) -> str:
    if measurements.truth is None:
        shown = "the rendering of the prediction: frontal, turned by 30 degrees to either side"
    else:
        shown = "the prediction, frontal and turned by 35 degrees, then the true face alike"
    return (
        f"## Faces\n\nPhotograph, then {shown}. People drawn at random; the rank is that of the "
        "photograph among all test people, by the first network of the tables above.\n\n"
        f"![faces]({CONTACT_SHEET})\n\n"
        "Some of them larger: photograph, and the prediction frontal and turned.\n\n"
        f"![heads]({HEADS})\n"
    )


def _what(facts: Facts, measurements: Measurements) -> str:
    lines = ["# Evaluation\n\n", "| what | value |\n| --- | --- |\n"]
    lines += [f"| {what} | {value} |\n" for what, value in facts.rows]
    if JUDGE not in set(measurements.recall["role"]):
        lines.append(
            "\n**No judge**: the config names none, or one that took part in training. The figures "
            "below are the training network's, which a fooled run flatters.\n"
        )
    if facts.skipped:
        lines.append("\nPhotographs skipped:\n\n")
        named = facts.skipped[:_MOST_SKIPPED_NAMED]
        lines += [f"- `{path}`: {reason}\n" for path, reason in named]
        if len(facts.skipped) > len(named):
            lines.append(f"- and {len(facts.skipped) - len(named):,} more\n")
    return "".join(lines)


def _recall(measurements: Measurements) -> str:
    table = measurements.recall.assign(
        interval1=_intervals(measurements.recall, "top1"),
        interval5=_intervals(measurements.recall, "top5"),
    )
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
    formats = dict.fromkeys(("top1", "top5", "top1_deviation", "top5_deviation"), tables.percent)
    formats |= dict.fromkeys(("queries", "galleries", "gallery"), tables.decimals(0))
    formats |= {"median_rank": tables.decimals(1), "interval1": str, "interval5": str}
    if table["top1_deviation"].isna().all():  # one gallery of every size
        del headings["top1_deviation"], headings["top5_deviation"]
    asked = set(measurements.recall["method"])
    methods = "".join(
        f"- `{name}`: {meaning}\n" for name, meaning in METHODS.items() if name in asked
    )
    return (
        "## Recall\n\n"
        "The gallery holds one photograph of each person, the first by name. A query finds its "
        "person if that photograph is among the first k by cosine similarity of features; scores "
        "that differ by less than 1e-6 are in random order, and count by the chance of it. "
        "Of several galleries of one size it is the recall of all their queries together, and the "
        "deviation is that between the galleries. The interval is Wilson's, over the queries.\n\n"
        f"{methods}\n"
        f"{tables.to_markdown(table, headings, formats)}\n![recall]({RECALL})\n"
    )


def _intervals(table, name: str) -> list[str | None]:
    return [
        None if low != low else f"{100 * low:.1f} – {100 * high:.1f}"
        for low, high in zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
    ]


def _similarity(measurements: Measurements) -> str:
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
    figures = "".join(
        f"![cosines by {network}]({similarity_file(network, role)})\n"
        for network, role in measurements.cosines
    )
    return (
        "## Similarity\n\n"
        "Cosines between a photograph and its rendering (`ours`, `mean_face`), between "
        "photographs of one person (`another_photograph`, all pairs) and of two people, and the "
        "earth mover's distance (EMD) between those distributions.\n\n"
        f"{tables.to_markdown(measurements.similarity, headings, formats)}\n{figures}"
    )


def _coefficients(measurements: Measurements) -> str:
    formats = dict.fromkeys(("ours", "prior"), tables.decimals(3))
    headings = {
        "coefficients": "coefficients",
        "meaning": "figure",
        "ours": "ours",
        "prior": "as many faces from the prior",
    }
    return (
        "## Coefficients\n\n"
        "Of the predictions for the gallery photographs, in standard deviations; the morphable "
        "model's prior has mean 0 and variance 1 in each.\n\n"
        f"{tables.to_markdown(measurements.coefficients, headings, formats)}\n"
        f"![coefficients]({COEFFICIENTS})\n"
    )


def _paper(measurements: Measurements) -> str:
    headings = {
        "measure": "measure",
        "paper": "the paper's",
        "paper_data": "on",
        "standing": "standing",
        "ours": "ours",
        "our_network": "by",
        "our_data": "on",
    }
    return (
        "## The paper's figures\n\n"
        "Genova et al., CVPR 2018 (arXiv 1806.06098). Other photographs, other networks, another "
        "face model: for orientation, not for comparison. None of the paper's figures was measured "
        "here.\n\n"
        f"{tables.to_markdown(measurements.paper, headings)}\n"
        f"All of the paper's figures known here:\n\n{tables.to_markdown(paper_table())}"
    )
