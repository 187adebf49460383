"""The pictures of an evaluation, as PNG bytes by file name."""

import re
from collections.abc import Mapping

import numpy as np

from tf_morph.evaluation import plots
from tf_morph.evaluation.contact_sheet import contact_sheet
from tf_morph.evaluation.measurements import Measurements
from tf_morph.evaluation.network_features import NetworkFeatures
from tf_morph.evaluation.recall import place
from tf_morph.evaluation.subjects import TURN_RADIANS, Subjects, turned_renderings
from tf_morph.regression.run import Run

CONTACT_SHEET = "contact_sheet.png"
CONTACT_SHEET_PEOPLE = 24
RECALL, COEFFICIENTS = "recall.png", "coefficients.png"


def similarity_file(network: str, role: str) -> str:
    """The name of a network's histogram."""
    return f"similarity_{role}_{re.sub(r'[^A-Za-z0-9_-]+', '_', network)}.png"


def draw_pictures(
    run: Run,
    subjects: Subjects,
    measurements: Measurements,
    ranked_by: NetworkFeatures,
    seed: int,
) -> dict[str, bytes]:
    """All pictures; the contact sheet's ranks are those of the network `ranked_by`."""
    return draw_figures(measurements, len(subjects.people.names)) | {
        CONTACT_SHEET: _people_sheet(run, subjects, ranked_by, seed)
    }


def draw_figures(measurements: Measurements, people: int) -> Mapping[str, bytes]:
    """The figures drawn from tables alone."""
    figures = {
        similarity_file(network, role): plots.similarity_figure(cosines, network, role)
        for (network, role), cosines in measurements.cosines.items()
    }
    figures[RECALL] = plots.recall_figure(measurements.recall)
    figures[COEFFICIENTS] = plots.coefficients_figure(measurements.components, people)
    return {name: plots.png(figure) for name, figure in figures.items()}


def _people_sheet(run: Run, subjects: Subjects, ranked_by: NetworkFeatures, seed: int) -> bytes:
    people = subjects.people
    count = min(CONTACT_SHEET_PEOPLE, len(people.names))
    chosen = np.sort(np.random.default_rng([seed, count]).permutation(len(people.names))[:count])
    gallery, rows = ranked_by.gallery(people), np.arange(len(people.names))
    ranks = place(ranked_by.renderings[chosen], chosen, gallery, rows).ranks
    columns = [subjects.photographs.images[people.first[chosen]], subjects.renderings[chosen]]
    columns += [
        turned_renderings(run, subjects, chosen, yaw) for yaw in (-TURN_RADIANS, TURN_RADIANS)
    ]
    captions = [
        f"{people.names[person].replace('_', ' ')}: rank {rank:.0f} of {len(people.names)}"
        for person, rank in zip(chosen, ranks, strict=True)
    ]
    return contact_sheet(columns, captions)
