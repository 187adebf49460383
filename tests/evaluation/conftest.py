"""Made-up people, whose features are known, for the tests of whole tables."""

import numpy as np
import pytest

from tf_morph.evaluation.identification import Queries
from tf_morph.evaluation.identification import test_people as choose_photographs
from tf_morph.evaluation.methods import OURS, OURS_FROM_ANOTHER, RANDOM_FACE
from tf_morph.evaluation.run_suite import NetworkFeatures

DIMENSIONS = 16


def _album(people):
    photographs = [
        (f"photographs/Person_{person:04d}/{number}.jpg", f"Person_{person:04d}")
        for person in range(people)
        for number in range(2 if person % 3 == 0 else 1)
    ]
    return [list(column) for column in zip(*photographs, strict=True)]


@pytest.fixture(scope="session")
def make_features():
    """A function to people, identities and features: every third person has two photographs, and
    a rendering's features are its photograph's plus noise."""

    def make(count, noise, network="a_network", role="judge", seed=0):
        random = np.random.default_rng(seed)
        paths, identities = _album(count)
        people = choose_photographs(paths, identities)
        whom = np.unique(identities, return_inverse=True)[1]
        photographs = random.normal(size=(count, DIMENSIONS))[whom]
        photographs = photographs + 0.2 * random.normal(size=photographs.shape)

        def rendered(indices):
            values = photographs[indices]
            return values + noise * random.normal(size=values.shape)

        features = NetworkFeatures(
            network=network,
            role=role,
            photographs=photographs,
            drawings={
                OURS: Queries(rendered(people.first), np.arange(count)),
                OURS_FROM_ANOTHER: Queries(
                    rendered(people.another[people.with_another]), people.with_another
                ),
                RANDOM_FACE: Queries(random.normal(size=(count, DIMENSIONS)), np.arange(count)),
            },
            mean_face=random.normal(size=DIMENSIONS),
        )
        return people, identities, features

    return make
