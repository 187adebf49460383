"""The section of the suite run: facts, tables, figures, protocol, and its lines in a terminal."""

import re

import ml_collections
import pandas as pd

from tf_morph.evaluation import plots, tables
from tf_morph.evaluation.ground_truth import TruthTables
from tf_morph.evaluation.identification import PAPER_GALLERY, identification_table
from tf_morph.evaluation.measurements import Measurements
from tf_morph.evaluation.methods import HELD_OUT, METHODS
from tf_morph.evaluation.paper import paper_table
from tf_morph.evaluation.predictions import Subjects
from tf_morph.evaluation.section import Head, ImageFile, Plot, Section, Table
from tf_morph.evaluation.similarity import similarity_figure, similarity_table
from tf_morph.regression.photograph_sets import SplitPhotographs
from tf_morph.regression.validation import JUDGE, watching_entry

CONTACT_SHEET, HEADS = "contact_sheet", "heads"
_MOST_SKIPPED_NAMED = 20


def run_facts(
    config: ml_collections.ConfigDict, subjects: Subjects, split: SplitPhotographs
) -> tuple[tuple[str, str], ...]:
    """(what, value) rows of a run."""
    people, photographs = subjects.people, subjects.photographs
    shapes, textures = (values.shape[1] for values in subjects.faces)
    galleries = (
        "everybody, and disjoint ones of "
        f"{PAPER_GALLERY} from one seeded shuffle of the test people, of whom some may be left over"
    )
    if split.galleries:
        sizes = (f"{name} ({len(members):,} people)" for name, members in split.galleries.items())
        galleries = f"fixed by {config.photographs.split}: {', '.join(sizes)}"
    rows = {
        "run": config.description or "(no description in its config)",
        "seed": str(config.seed),
        "seed of the evaluation": str(config.photographs.split_seed),
        "face model": config.face_model.path,
        "coefficients": f"{shapes} shape, {textures} texture",
        "encoder": f"{config.encoder.name} ({', '.join(config.encoder_outputs)})",
        "held out to watch training": _validation(config),
        "photographs": config.photographs.folder,
        "test people, none of them in training": f"{len(people.names):,}",
        "with two photographs or more": f"{len(people.with_another):,}",
        "their photographs": f"{len(photographs.paths):,}",
        "photographs skipped, training and test": f"{len(split.skipped):,}",
        "galleries": galleries,
        "true faces": config.truth or "not known",
        "view of the renderings": "frontal, even light, plain background",
    }
    return tuple(rows.items())


def _validation(config: ml_collections.ConfigDict) -> str:
    validation = config.validation
    if not validation.people:
        return "nobody"
    watched = f"{validation.people:,} training people, by their recall with the "
    if validation.network == JUDGE:
        return f"{watched}held-out network, which is thus no independent one"
    network = config.identity[watching_entry(config)].network
    return f"{watched}training network {network.name}"


def run_section(
    measurements: Measurements,
    facts: tuple[tuple[str, str], ...] = (),
    sheets: dict[str, bytes] | None = None,
    heads: tuple[Head, ...] = (),
    skipped: tuple[tuple[str, str], ...] = (),
) -> Section:
    """The section of a run's test people.

    Args:
      measurements: the tables, and what their figures are made from.
      facts: (what, value) rows.
      sheets: PNG files by stem; without any there are no figures either.
      heads: some of the faces.
      skipped: (path, reason) of photographs that could not be used.
    """
    return Section(
        name="run",
        title="People never trained on",
        protocol=_protocol(measurements),
        facts=facts,
        tables=run_tables(measurements),
        plots=run_plots(measurements) if sheets else (),
        images=_images(sheets or {}, measurements),
        heads=heads,
        notes=(*_nobody_held_out(measurements), *_skipped(skipped)),
    )


def _protocol(measurements: Measurements) -> str:
    compared = set(measurements.recall["method"])
    methods = "".join(f"- `{name}`: {METHODS[name]}\n" for name in METHODS if name in compared)
    truth = (
        "\n**Ground truth.** Vertex error: the mean distance of predicted from true vertices, all "
        "those of the face model counting alike, at the neutral expression, after the best "
        "rotation and translation (no scaling). Colour error: the root mean square difference of "
        "the vertices' sRGB-coded colours, in [0, 1]. `true_face_in_model` is as near as the "
        "regressor's model comes. Correlations are of each predicted coefficient with that of the "
        "true face, projected into the regressor's model, over the people.\n"
    )
    return (
        "**Recall.** The gallery holds one photograph of each person, the first by name. A probe "
        "finds its person if that photograph is among the first k by cosine similarity of "
        "features; scores that differ by less than 1e-6 are in random order, and count by the "
        "chance of it. Of several galleries of one size it is the recall of all their probes "
        "together, and the deviation is that between the galleries. The interval is the "
        f"bootstrap's over people.\n\n{methods}\n"
        "**Similarity.** Cosines between a photograph and its rendering (`ours`, `mean_face`), "
        "between photographs of one person (`another_photograph`, all pairs) and of two people, "
        "and the earth mover's distance (EMD) between those distributions.\n\n"
        "**Coefficients.** Of the predictions for the gallery photographs, in standard deviations; "
        "the morphable model's prior has mean 0 and variance 1 in each.\n"
        f"{truth if measurements.truth else ''}"
    )


def _nobody_held_out(measurements: Measurements) -> tuple[str, ...]:
    if HELD_OUT in set(measurements.recall["role"]):
        return ()
    return (
        "**No held-out network**: the config names none, or one that took part in training. The "
        "figures are the training network's, which a run that fools it flatters.",
    )


def _skipped(skipped: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    named = [f"Skipped `{path}`: {reason}." for path, reason in skipped[:_MOST_SKIPPED_NAMED]]
    more = len(skipped) - len(named)
    return (*named, f"And {more:,} more photographs were skipped.") if more else tuple(named)


def _images(sheets: dict[str, bytes], measurements: Measurements) -> tuple[ImageFile, ...]:
    if measurements.truth is None:
        shown = "the rendering of the prediction: frontal, rotated by 30 degrees to either side"
    else:
        shown = "the prediction, frontal and rotated by 35 degrees, then the true face alike"
    captions = {
        CONTACT_SHEET: f"Photograph, then {shown}. People sampled at random; the rank is that of "
        "the photograph among all test people, by the first network of the recall table.",
        HEADS: "Photograph, and the prediction frontal and rotated.",
    }
    return tuple(ImageFile(name, captions[name], png) for name, png in sheets.items())


# Figures.


def run_plots(measurements: Measurements) -> tuple[Plot, ...]:
    """All figures of the suite's tables."""
    recall = plots.recall_figure(measurements.recall)
    coefficients = plots.coefficients_figure(measurements.components, measurements.people)
    found = [
        Plot("recall", "Recall of every method, with 95 % intervals.", recall),
        *(
            Plot(
                similarity_name(network, role),
                f"Cosines of photographs with one another and with renderings, by {network}.",
                similarity_figure(cosines, network, role),
            )
            for (network, role), cosines in measurements.cosines.items()
        ),
        Plot(
            "coefficients",
            "Mean and variance of each coefficient over unseen people, and the prior's.",
            coefficients,
        ),
    ]
    if measurements.truth is not None:
        caption = "How each coefficient follows the true face's."
        correlations = plots.correlations_figure(measurements.truth.correlations)
        found.append(Plot("truth_coefficients", caption, correlations))
    return tuple(found)


def similarity_name(network: str, role: str) -> str:
    """The name of a network's histogram."""
    return f"similarity_{role}_{re.sub(r'[^A-Za-z0-9_-]+', '_', network)}"


# Tables.


def run_tables(measurements: Measurements) -> tuple[Table, ...]:
    """All tables; those of the ground truth where it is known."""
    paper_headings = {
        "measure": "measure",
        "paper": "the paper's",
        "paper_data": "on",
        "standing": "standing",
        "ours": "ours",
        "our_network": "by",
        "our_data": "on",
    }
    return (
        recall_summary(measurements),
        identification_table("recall", measurements.recall),
        *(_truth_tables(measurements.truth) if measurements.truth else ()),
        similarity_table(
            "similarity",
            "Cosines between photographs and renderings, and their distance from real pairs'.",
            measurements.similarity,
        ),
        Table(
            "coefficients_summary",
            "Coefficients of unseen people beside the morphable model's prior.",
            measurements.coefficients,
            {
                "coefficients": "coefficients",
                "meaning": "figure",
                "ours": "ours",
                "prior": "as many faces from the prior",
            },
            dict.fromkeys(("ours", "prior"), tables.decimals(3)),
        ),
        Table(
            "coefficients",
            "Mean and variance of every coefficient over the people.",
            measurements.components,
        ),
        Table(
            "paper",
            "The paper's figures (Genova et al., CVPR 2018) beside ours: other photographs, other "
            "networks, another face model; for orientation, not for comparison.",
            measurements.paper,
            paper_headings,
        ),
        Table("paper_all", "All of the paper's figures known here.", paper_table()),
    )


def recall_summary(measurements: Measurements) -> Table:
    """Recall at a glance: a row a method, a column a network and size of gallery."""
    recall = measurements.recall
    shown = pd.DataFrame({"method": recall["method"].unique()})
    networks = recall[["role", "network"]].drop_duplicates()
    alone = networks["role"].is_unique  # else a column is named after its network, too
    groups = recall.groupby(["network", "role", "gallery"], sort=False)
    for (network, role, gallery), rows in groups:
        cells = {
            row.method: f"{100 * row.top1:.1f} / {100 * row.top5:.1f}" for row in rows.itertuples()
        }
        name = role if alone else f"{network}, {role}"
        shown[f"{name}, {gallery:,}"] = shown["method"].map(cells)
    named = "; ".join(f"{row.role} is {row.network}" for row in networks.itertuples())
    caption = f"Recall, top-1 / top-5, %, by network ({named}) and size of the gallery."
    return Table("recall_summary", caption, shown, formats=dict.fromkeys(shown.columns[1:], str))


def _truth_tables(truth: TruthTables) -> tuple[Table, ...]:
    means = truth.correlation_means
    headings = {name: name for name in means.columns}
    headings["components"] = "mean of the first components"
    formats = dict.fromkeys(means.columns[2:], tables.decimals(2))
    formats |= {"components": tables.decimals(0)}
    return (
        geometry_table(truth),
        Table(
            "truth_coefficients",
            "Correlation of every coefficient with the true face's.",
            truth.correlations,
        ),
        Table(
            "truth_coefficients_summary",
            "Correlation of coefficients with the true faces', mean of the first components.",
            means,
            headings,
            formats,
        ),
    )


def geometry_table(truth: TruthTables) -> Table:
    """The errors of every method, mean ± standard deviation over the people."""
    frame = truth.geometry

    def with_deviation(name: str, digits: int) -> list[str]:
        pairs = zip(frame[name], frame[f"{name}_deviation"], strict=True)
        return [f"{mean:.{digits}f} ± {deviation:.{digits}f}" for mean, deviation in pairs]

    shown = frame.assign(
        vertex=with_deviation("vertex_mm", 2), color=with_deviation("color_rms", 3)
    )
    headings = {"method": "method", "vertex": "vertex error, mm", "color": "colour error (sRGB)"}
    caption = (
        f"Distance from the true faces of {frame['people'].iloc[0]:,} people, mean ± standard "
        "deviation."
    )
    return Table("geometry", caption, frame, headings, {"vertex": str, "color": str}, shown)


def summary(measurements: Measurements) -> str:
    """The figures that matter, for a terminal: recall a line a method; beside the ground truth,
    where it is known, geometry and correlation."""
    recall = recall_summary(measurements)
    parts = [f"{recall.caption}\n{tables.to_markdown(*recall.as_shown)}"]
    if measurements.truth is not None:
        means = measurements.truth.correlation_means
        lines = [
            f"Correlation with the truth, {row['coefficients']}, first {row['components']}: "
            + ", ".join(f"{name} {row[name]:.2f}" for name in means.columns[2:])
            for _, row in means.iterrows()
        ]
        parts += [
            tables.to_markdown(*geometry_table(measurements.truth).as_shown),
            "\n".join(lines) + "\n",
        ]
    return "\n".join(parts)
