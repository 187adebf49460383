"""All tables of an evaluation, from features and coefficients alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tf_morph.evaluation.coefficients import coefficient_tables
from tf_morph.evaluation.galleries import PAPER_GALLERY, TestPeople, disjoint_galleries
from tf_morph.evaluation.network_features import NetworkFeatures
from tf_morph.evaluation.paper import beside_ours
from tf_morph.evaluation.recall_table import recall_rows, recall_table
from tf_morph.evaluation.similarity import SIMILARITY_COLUMNS, Similarities, similarity_rows


@dataclass(frozen=True)
class Measurements:
    """The tables of an evaluation.

    Attributes:
      recall: `recall_table.COLUMNS`.
      similarity: `similarity.SIMILARITY_COLUMNS`.
      cosines: (network, role) to the cosines the similarity table sums up.
      components: mean and variance of every coefficient.
      coefficients: figures over all coefficients, ours and the prior's.
      paper: the paper's figures beside ours.
    """

    recall: pd.DataFrame
    similarity: pd.DataFrame
    cosines: Mapping[tuple[str, str], Similarities]
    components: pd.DataFrame
    coefficients: pd.DataFrame
    paper: pd.DataFrame


def measure(
    networks: Sequence[NetworkFeatures],
    people: TestPeople,
    identities: Sequence[str],
    coefficients: Mapping[str, np.ndarray],
    seed: int,
) -> Measurements:
    """Makes all tables.

    Args:
      networks: each one's features of the test photographs and the renderings.
      people: P of them, the galleries' entries.
      identities: whom each of the N test photographs shows.
      coefficients: "shape" and "texture" to [P, K] in standard deviations.
      seed: of the galleries, of the pairs drawn and of the prior's draws.
    """
    recall, similarity, cosines = [], [], {}
    for features in networks:
        who = {"network": features.network, "role": features.role}
        for galleries in galleries_by_size(len(people.names), seed):
            recall += recall_rows(
                **who,
                gallery=features.gallery(people),
                methods=features.queries(people),
                galleries=galleries,
            )
        scores = features.similarities(people, identities, seed)
        similarity += similarity_rows(scores, **who)
        cosines[features.network, features.role] = scores
    components, figures = coefficient_tables(coefficients, seed)
    recall, similarity = recall_table(recall), pd.DataFrame(similarity, columns=SIMILARITY_COLUMNS)
    return Measurements(
        recall, similarity, cosines, components, figures, beside_ours(recall, similarity)
    )


def galleries_by_size(people: int, seed: int) -> list[list[np.ndarray]]:
    """Disjoint galleries of `PAPER_GALLERY` people, where there are more, and one of everybody."""
    everybody = [np.arange(people)]
    if people <= PAPER_GALLERY:
        return [everybody]
    return [disjoint_galleries(people, PAPER_GALLERY, seed), everybody]
