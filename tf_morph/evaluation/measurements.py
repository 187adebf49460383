"""Measurements of the suite run: all its tables, from features and coefficients alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tf_morph.evaluation.ground_truth import TruthTables
from tf_morph.evaluation.identification import (
    PERSON,
    Probes,
    TestPeople,
    identification_frame,
    identify,
)
from tf_morph.evaluation.methods import ANOTHER_PHOTOGRAPH, MEAN_FACE, METHODS, OURS, SOMEBODY_ELSE
from tf_morph.evaluation.paper import beside_ours
from tf_morph.evaluation.similarity import (
    SIMILARITY_COLUMNS,
    Similarities,
    different_person_pairs,
    pair_cosines,
    row_cosines,
    same_person_pairs,
    similarity_rows,
)
from tf_morph.regression.coefficient_statistics import (
    FIGURES,
    component_statistics,
    prior_sample,
    summary,
)
from tf_morph.regression.ground_truth_faces import Coefficients


@dataclass(frozen=True)
class TestFeatures:
    """Features by one network of everything the suite compares.

    Attributes:
      network: its name.
      role: `methods.HELD_OUT` or `methods.TRAINING`.
      images: [N, D] of all test photographs.
      renderings: by method, the gallery photograph of whom each is to find; `OURS` is there, of the
        P people in their order.
      mean_face: [D] of the mean face's rendering.
    """

    __test__ = False  # not a test case, whatever its name

    network: str
    role: str
    images: np.ndarray
    renderings: Mapping[str, Probes]
    mean_face: np.ndarray

    def probes(self, people: TestPeople) -> dict[str, Probes]:
        """Of each method but chance, in the order of `METHODS`."""
        first, some = people.first, people.with_another
        ours = self.renderings[OURS].features
        found = {
            **self.renderings,
            MEAN_FACE: Probes(np.tile(self.mean_face, (len(first), 1)), first),
            SOMEBODY_ELSE: Probes(np.roll(ours, 1, axis=0), first),
            ANOTHER_PHOTOGRAPH: Probes(self.images[people.another[some]], first[some]),
        }
        return {method: found[method] for method in METHODS if method in found}

    def similarities(
        self, people: TestPeople, identities: Sequence[str], seed: int
    ) -> Similarities:
        """Cosines of pairs of photographs, and of gallery photographs with renderings.

        Args:
          people: the test people.
          identities: whom each of the N test photographs shows.
          seed: of the sample of pairs of two people, where there are too many to take all.
        """
        gallery = self.images[people.first]
        mean_face = np.broadcast_to(self.mean_face, gallery.shape)
        return Similarities(
            same=pair_cosines(self.images, same_person_pairs(identities)),
            different=pair_cosines(gallery, different_person_pairs(len(gallery), seed)),
            ours=row_cosines(gallery, self.renderings[OURS].features),
            mean_face=row_cosines(gallery, mean_face),
        )


@dataclass(frozen=True)
class Measurements:
    """The tables of the suite.

    Attributes:
      recall: `identification.COLUMNS`.
      similarity: `similarity.SIMILARITY_COLUMNS`.
      cosines: (network, role) to the cosines the similarity table sums up.
      people: how many people's coefficients were predicted.
      components: mean and variance of every coefficient.
      coefficients: figures over all coefficients, ours and the prior's.
      paper: the paper's figures beside ours.
      truth: what is measured against the ground-truth faces, where they are known.
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
    networks: Sequence[TestFeatures],
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
      seed: of the bootstrap, of the pairs sampled and of the prior's samples.
      truth: passed on.
    """
    found, similarity, cosines = [], [], {}
    labels = {PERSON: np.unique(identities, return_inverse=True)[1]}
    for features in networks:
        named = {"network": features.network, "role": features.role}
        for of_one_size in galleries:
            entries = [people.first[rows] for rows in of_one_size]
            probes = features.probes(people)
            found += identify(features.images, probes, entries, labels, seed=seed, **named)
        scores = features.similarities(people, identities, seed)
        similarity += similarity_rows(scores, **named)
        cosines[features.network, features.role] = scores
    components, figures = coefficient_tables(faces._asdict(), seed)
    recall = identification_frame(found)
    similarity = pd.DataFrame(similarity, columns=SIMILARITY_COLUMNS)
    paper = beside_ours(recall, similarity)
    return Measurements(
        recall, similarity, cosines, len(people.names), components, figures, paper, truth
    )


def coefficient_tables(
    groups: dict[str, np.ndarray], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Statistics of each group of coefficients.

    Args:
      groups: name ("shape", "texture") to coefficients [N, K] in standard deviations.
      seed: of the samples of the prior.

    Returns:
      One row a component (coefficients, component, mean, variance), and one row a figure
      (coefficients, figure, ours, prior, meaning).
    """
    components, figures = [], []
    for name, values in groups.items():
        table = component_statistics(values)
        table.insert(0, "coefficients", name)
        components.append(table)
        ours, prior = summary(values), summary(prior_sample(values.shape, seed))
        figures += [
            (name, figure, ours[figure], prior[figure], meaning)
            for figure, meaning in FIGURES.items()
        ]
    columns = ["coefficients", "figure", "ours", "prior", "meaning"]
    return pd.concat(components, ignore_index=True), pd.DataFrame(figures, columns=columns)
