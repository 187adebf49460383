"""What is to be said of a run's test people: the section of the suite `run`."""

from tf_morph.evaluation.figures import run_plots
from tf_morph.evaluation.measurements import Measurements
from tf_morph.evaluation.methods import METHODS
from tf_morph.evaluation.people_sheet import CONTACT_SHEET, HEADS
from tf_morph.evaluation.roles import JUDGE
from tf_morph.evaluation.run_tables import run_tables
from tf_morph.evaluation.sections import Head, Picture, Section

RUN = "run"
_MOST_SKIPPED_NAMED = 20


def run_section(
    measurements: Measurements,
    facts: tuple[tuple[str, str], ...] = (),
    pictures: dict[str, bytes] | None = None,
    heads: tuple[Head, ...] = (),
    skipped: tuple[tuple[str, str], ...] = (),
) -> Section:
    """The section of a run's test people.

    Args:
      measurements: the tables, and what their figures are drawn from.
      facts: (what, value) rows.
      pictures: `people_pictures`; without any there are no figures either.
      heads: some of the faces.
      skipped: (path, reason) of photographs that could not be used.
    """
    return Section(
        name=RUN,
        title="People never trained on",
        protocol=_protocol(measurements),
        facts=facts,
        tables=run_tables(measurements),
        plots=run_plots(measurements) if pictures else (),
        pictures=_pictures(pictures or {}, measurements),
        heads=heads,
        notes=(*_no_judge(measurements), *_skipped(skipped)),
    )


def _protocol(measurements: Measurements) -> str:
    asked = set(measurements.recall["method"])
    methods = "".join(
        f"- `{name}`: {meaning}\n" for name, meaning in METHODS.items() if name in asked
    )
    return (
        "**Recall.** The gallery holds one photograph of each person, the first by name. A query "
        "finds its person if that photograph is among the first k by cosine similarity of "
        "features; scores that differ by less than 1e-6 are in random order, and count by the "
        "chance of it. Of several galleries of one size it is the recall of all their queries "
        "together, and the deviation is that between the galleries. The interval is Wilson's, over "
        f"the queries.\n\n{methods}\n"
        "**Similarity.** Cosines between a photograph and its rendering (`ours`, `mean_face`), "
        "between photographs of one person (`another_photograph`, all pairs) and of two people, "
        "and the earth mover's distance (EMD) between those distributions.\n\n"
        "**Coefficients.** Of the predictions for the gallery photographs, in standard deviations; "
        "the morphable model's prior has mean 0 and variance 1 in each.\n"
        f"{_TRUTH if measurements.truth else ''}"
    )


_TRUTH = (
    "\n**Against the truth.** Vertex error: the mean distance of predicted from true vertices, all "
    "those of the face model counting alike, at the neutral expression, after the best rotation "
    "and translation (no scaling). Colour error: the root mean square difference of the vertices' "
    "sRGB-coded colours, in [0, 1]. `true_face_in_model` is as near as the regressor's model "
    "comes. Correlations are of each predicted coefficient with that of the true face, projected "
    "into the regressor's model, over the people.\n"
)


def _no_judge(measurements: Measurements) -> tuple[str, ...]:
    if JUDGE in set(measurements.recall["role"]):
        return ()
    return (
        "**No judge**: the config names none, or one that took part in training. The figures "
        "are the training network's, which a fooled run flatters.",
    )


def _skipped(skipped: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    named = [f"Skipped `{path}`: {reason}." for path, reason in skipped[:_MOST_SKIPPED_NAMED]]
    more = len(skipped) - len(named)
    return (*named, f"And {more:,} more photographs were skipped.") if more else tuple(named)


def _pictures(pictures: dict[str, bytes], measurements: Measurements) -> tuple[Picture, ...]:
    if measurements.truth is None:
        shown = "the rendering of the prediction: frontal, turned by 30 degrees to either side"
    else:
        shown = "the prediction, frontal and turned by 35 degrees, then the true face alike"
    captions = {
        CONTACT_SHEET: f"Photograph, then {shown}. People drawn at random; the rank is that of the "
        "photograph among all test people, by the first network of the recall table.",
        HEADS: "Photograph, and the prediction frontal and turned.",
    }
    return tuple(Picture(name, captions[name], png) for name, png in pictures.items())
