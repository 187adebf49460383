"""All tables of an evaluation, from features and coefficients alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tf_morph.evaluation.coefficients import Coefficients, coefficient_tables
from tf_morph.evaluation.galleries import TestPeople
from tf_morph.evaluation.known_truth.study import TruthTables
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
      people: whose coefficients were regressed.
      components: mean and variance of every coefficient.
      coefficients: figures over all coefficients, ours and the prior's.
      paper: the paper's figures beside ours.
      truth: what is measured against the true faces, where they are known.
    """

    recall: pd.DataFrame
    similarity: pd.DataFrame
    cosines: Mapping[tuple[str, str], Similarities]
    people: int
    components: pd.DataFrame
    coefficients: pd.DataFrame
    paper: pd.DataFrame
    truth: TruthTables | None = None


def measure(
    networks: Sequence[NetworkFeatures],
    people: TestPeople,
    identities: Sequence[str],
    galleries: Sequence[Sequence[np.ndarray]],
    faces: Coefficients,
    seed: int,
    truth: TruthTables | None = None,
) -> Measurements:
    """Makes all tables.

    Args:
      networks: each one's features of the test photographs and the renderings.
      people: P of them, of whom galleries are made.
      identities: whom each of the N test photographs shows.
      galleries: a size's together, each the rows of its people.
      faces: [P] predicted for the gallery photographs.
      seed: of the pairs drawn and of the prior's draws.
      truth: passed on.
    """
    recall, similarity, cosines = [], [], {}
    for features in networks:
        who = {"network": features.network, "role": features.role}
        for of_one_size in galleries:
            recall += recall_rows(
                **who,
                gallery=features.gallery(people),
                methods=features.queries(people),
                galleries=of_one_size,
            )
        scores = features.similarities(people, identities, seed)
        similarity += similarity_rows(scores, **who)
        cosines[features.network, features.role] = scores
    components, figures = coefficient_tables(faces._asdict(), seed)
    recall, similarity = recall_table(recall), pd.DataFrame(similarity, columns=SIMILARITY_COLUMNS)
    paper = beside_ours(recall, similarity)
    return Measurements(
        recall, similarity, cosines, len(people.names), components, figures, paper, truth
    )
