"""The contact sheet of a run: photographs, and the faces read from them, seen from three sides."""

import numpy as np

from tf_morph.evaluation.contact_sheet import contact_sheet
from tf_morph.evaluation.network_features import NetworkFeatures
from tf_morph.evaluation.recall import place
from tf_morph.evaluation.subjects import TURN_RADIANS, Subjects, turned_renderings
from tf_morph.regression.run import Run

PEOPLE = 24


def people_sheet(run: Run, subjects: Subjects, ranked_by: NetworkFeatures, seed: int) -> bytes:
    """A contact sheet (PNG) of people drawn with the seed, their ranks those of `ranked_by`."""
    people = subjects.people
    count = min(PEOPLE, len(people.names))
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
