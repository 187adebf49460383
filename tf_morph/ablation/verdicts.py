"""The paper's claims as predictions about pairs of runs.

A prediction is about the difference of one figure between two variants under the same seed. It
*held* if the 95 % interval of that difference over the seeds (Student's t) lies on the predicted
side of zero, was *refuted* if it lies on the other, and is *undecided* else. The interval is that
of training anew on the same people; it says nothing of other people or other worlds.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd
from scipy import stats

from tf_morph.ablation.families import SYNTHETIC_ONLY, WITH_PARAMETER
from tf_morph.ablation.results import VERTEX_ERROR, gallery_sizes, values
from tf_morph.ablation.variants import FULL
from tf_morph.evaluation.methods import CHANCE, MEAN_FACE, OURS, SOMEBODY_ELSE, SUPERVISED

ABOVE, BELOW = "above", "below"
HELD, REFUTED, UNDECIDED, NOT_RUN = "held", "refuted", "undecided", "not run"
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Prediction:
    """That `figure` is above, or below, in `variant` than in `other`.

    Attributes:
      claim: the paper's.
      figure: its name (see results.py); `{few}` and `{many}` stand for the smallest and the
        largest gallery.
      direction: `ABOVE` or `BELOW`.
      variant, other: names of variants.
      other_method: whose figure of `other` is compared with ours of `variant`.
      margin: how far on the wrong side still counts as no difference.
    """

    claim: str
    figure: str
    direction: str
    other: str
    variant: str = FULL
    other_method: str = OURS
    margin: float = 0.0


_ALONE = "It can be trained from photographs and the face model alone"
_BATCH = "The batch distribution loss prevents bias and collapse"
_LOOPBACK = "The loopback loss keeps the networks from being fooled"
_VIEWS = "Several views keep the networks from being fooled"
_ALL = "The identity loss alone is fooled; the three together are not"
_STAGE = "Reading drawings of known faces too (the paper's first stage) helps"
_FEATURES = "The features of a face recognition network carry the face"
_LAYERS = "The decoder needs its hidden layers (the paper's two)"
_UNLABELLED = "Photographs teach what drawings of known faces do not"
_PAR = "It is on a par with supervised regression: at most 5 points, or 0.5 mm, worse"
RECALL_MARGIN, MM_MARGIN = 0.05, 0.5

PREDICTIONS = (
    Prediction(_ALONE, "held_out_top1_{few}", ABOVE, FULL, other_method=CHANCE),
    Prediction(_ALONE, "held_out_top1_{many}", ABOVE, FULL, other_method=SOMEBODY_ELSE),
    Prediction(_ALONE, VERTEX_ERROR, BELOW, FULL, other_method=MEAN_FACE),
    Prediction(_BATCH, "drift_shape", BELOW, "no_batch"),
    Prediction(_BATCH, "drift_texture", BELOW, "no_batch"),
    Prediction(_BATCH, "variance_off_shape", BELOW, "no_batch"),
    Prediction(_BATCH, "variance_off_texture", BELOW, "no_batch"),
    Prediction(_BATCH, VERTEX_ERROR, BELOW, "no_batch"),
    Prediction(_LOOPBACK, "held_out_top1_{many}", ABOVE, "no_loopback"),
    Prediction(_LOOPBACK, "fooled_top1_{many}", BELOW, "no_loopback"),
    Prediction(_VIEWS, "held_out_top1_{many}", ABOVE, FULL, variant="three_views"),
    Prediction(_VIEWS, "held_out_top1_{many}", ABOVE, "one_view"),
    Prediction(_VIEWS, "held_out_top1_{many}", ABOVE, "fixed_view"),
    Prediction(_VIEWS, "held_out_turned_top1_{many}", ABOVE, "fixed_view"),
    Prediction(_VIEWS, "fooled_top1_{many}", BELOW, "fixed_view"),
    Prediction(_ALL, "held_out_top1_{many}", ABOVE, "identity_only"),
    Prediction(_ALL, "fooled_top1_{many}", BELOW, "identity_only"),
    Prediction(_ALL, "held_out_top1_{many}", ABOVE, "identity_only_fixed_view"),
    Prediction(_ALL, "held_out_turned_top1_{many}", ABOVE, "identity_only_fixed_view"),
    Prediction(_ALL, "fooled_top1_{many}", BELOW, "identity_only_fixed_view"),
    Prediction(_ALL, VERTEX_ERROR, BELOW, "identity_only_fixed_view"),
    Prediction(_FEATURES, "held_out_top1_{many}", ABOVE, "random_encoder"),
    Prediction(_FEATURES, "held_out_top1_{many}", ABOVE, "random_identity"),
    Prediction(_FEATURES, "fooled_top1_{many}", BELOW, "random_identity"),
    Prediction(_LAYERS, "held_out_top1_{many}", ABOVE, "no_hidden_layer"),
    Prediction(_UNLABELLED, "held_out_top1_{many}", ABOVE, SYNTHETIC_ONLY),
    Prediction(_STAGE, "held_out_top1_{many}", ABOVE, FULL, variant=WITH_PARAMETER),
    Prediction(_STAGE, VERTEX_ERROR, BELOW, FULL, variant=WITH_PARAMETER),
    Prediction(
        _PAR, "held_out_top1_{many}", ABOVE, FULL, other_method=SUPERVISED, margin=RECALL_MARGIN
    ),
    Prediction(_PAR, VERTEX_ERROR, BELOW, FULL, other_method=SUPERVISED, margin=MM_MARGIN),
)


@dataclass(frozen=True)
class Verdict:
    """What the runs say of a prediction: the difference's mean and interval over the seeds."""

    prediction: Prediction
    figure: str
    seeds: int
    mean: float
    low: float
    high: float
    verdict: str


def predictions_about(variants: Collection[str]) -> list[Prediction]:
    """The predictions that name no variant but these."""
    return [p for p in PREDICTIONS if {p.variant, p.other} <= set(variants)]


def verdicts(
    results: pd.DataFrame, predictions: Sequence[Prediction] = PREDICTIONS
) -> list[Verdict]:
    """A verdict a prediction; it takes two seeds or more of both variants to hold or be refuted."""
    sizes = gallery_sizes(results) or [0]
    return [_verdict(results, prediction, sizes) for prediction in predictions]


def difference_interval(differences: pd.Series) -> tuple[float, float]:
    """Student's interval of the mean of differences [N]; (-inf, inf) for fewer than two."""
    if len(differences) < 2:
        return -math.inf, math.inf
    half = stats.t.ppf((1 + _CONFIDENCE) / 2, len(differences) - 1) * stats.sem(differences)
    return float(differences.mean() - half), float(differences.mean() + half)


def _verdict(results: pd.DataFrame, prediction: Prediction, sizes: Sequence[int]) -> Verdict:
    name = prediction.figure.format(few=sizes[0], many=sizes[-1])
    ours = values(results, prediction.variant, name)
    others = values(results, prediction.other, name, prediction.other_method)
    differences = (ours - others).dropna()
    if not len(differences):
        return Verdict(prediction, name, 0, math.nan, math.nan, math.nan, NOT_RUN)
    low, high = difference_interval(differences)
    verdict = _judged(low, high, prediction)
    return Verdict(prediction, name, len(differences), differences.mean(), low, high, verdict)


def _judged(low: float, high: float, prediction: Prediction) -> str:
    if prediction.direction == BELOW:
        low, high = -high, -low
    if low > -prediction.margin:
        return HELD
    return REFUTED if high < -prediction.margin else UNDECIDED
