"""The report of an evaluation, and the files it goes with."""

from collections.abc import Mapping
from dataclasses import dataclass

from tf_morph.evaluation import tables
from tf_morph.evaluation.contact_sheet import CONTACT_SHEET
from tf_morph.evaluation.figures import COEFFICIENTS, RECALL, similarity_file
from tf_morph.evaluation.galleries import PAPER_GALLERY
from tf_morph.evaluation.measurements import Measurements
from tf_morph.evaluation.network_features import JUDGE, METHODS
from tf_morph.evaluation.paper import paper_table

_MOST_SKIPPED_NAMED = 20
_NOT_RUN = (
    "MICC Florence (geometry against scans): not run; the scans are not among the data.",
    "MoFA-Test (84 photographs): not run; galleries of 84 test people stand in for its size, "
    "not for its photographs.",
    "The stress set (pose, light, expression, occlusion, blur) and art: not run.",
)


@dataclass(frozen=True)
class Facts:
    """What was evaluated, as (what, value) rows, and the photographs that could not be."""

    rows: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...]


def report_files(
    facts: Facts, measurements: Measurements, pictures: Mapping[str, bytes]
) -> dict[str, bytes | str]:
    """All files of an evaluation, name to content; the report, which names the others, last."""
    return {
        **pictures,
        "similarity.csv": tables.to_csv(measurements.similarity),
        "coefficients.csv": tables.to_csv(measurements.components),
        "coefficients_summary.csv": tables.to_csv(measurements.coefficients),
        "paper.csv": tables.to_csv(measurements.paper),
        "recall.csv": tables.to_csv(measurements.recall),
        "report.md": report(facts, measurements),
    }


def report(facts: Facts, measurements: Measurements) -> str:
    """The report as Markdown."""
    sections = (
        _what(facts, measurements),
        _recall(measurements),
        _similarity(measurements),
        _coefficients(measurements),
        f"## Faces\n\nPhotograph, then the rendering of the prediction: frontal, turned by 30 "
        f"degrees to either side. People drawn at random; the rank is that of the photograph "
        f"among all test people, by the first network of the tables above.\n\n"
        f"![faces]({CONTACT_SHEET})\n",
        _paper(measurements),
        "## Not run\n\n" + "".join(f"- {line}\n" for line in _NOT_RUN),
    )
    return "\n".join(sections)


def recall_summary(measurements: Measurements) -> str:
    """The recalls alone, as a Markdown table for the terminal."""
    names = ("method", "network", "role", "gallery", "top1", "top5")
    formats = {"top1": tables.percent, "top5": tables.percent}
    return tables.to_markdown(measurements.recall, {name: name for name in names}, formats)


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
    methods = "".join(f"- `{name}`: {meaning}\n" for name, meaning in METHODS.items())
    return (
        "## Recall\n\n"
        "The gallery holds one photograph of each person, the first by name. A query finds its "
        "person if that photograph is among the first k by cosine similarity of features; scores "
        "that differ by less than 1e-6 are in random order, and count by the chance of it. "
        f"Galleries of {PAPER_GALLERY}: disjoint, from one seeded shuffle of the test people, some "
        "of whom may be left over, all their queries together; the deviation is that between the "
        "galleries. The interval is "
        "Wilson's, over the queries.\n\n"
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
