"""People drawn for the open head: as broad and long as published, symmetric on average, seeded."""

import numpy as np
import pytest
import scipy.spatial

from tf_morph.morphable_model.anthropometry import PUBLISHED, Published, base_distances
from tf_morph.morphable_model.makehuman_mesh import (
    CONTOURS,
    LOWER_LIP,
    MM,
    UPPER_LIP,
    eyes_middle,
    fitted_sphere,
)
from tf_morph.morphable_model.makehuman_population import ORIGINS, YEARS


@pytest.fixture(scope="module")
def people(population):
    return population.draw(800, [7])


def test_pooled_men_and_women():
    """Against numbers drawn and pooled."""
    men, women = np.random.default_rng(0).standard_normal((2, 200_000))
    both = np.concatenate([30 + 4 * men, 24 + 3 * women])
    mean, deviation = Published((30, 4), (24, 3)).pooled()
    assert mean == 27
    assert deviation == pytest.approx(both.std(), rel=0.01)


@pytest.mark.parametrize("name", PUBLISHED)
def test_distances_are_as_published(people, name):
    """Means within 0.35 published standard deviations, those within a third."""
    mean, deviation = PUBLISHED[name].pooled()
    drawn = people.distances[name]
    assert abs(drawn.mean() - mean) < 0.35 * deviation
    assert 0.7 < drawn.std() / deviation < 1.33


def test_distances_are_of_the_vertices(people, population, makehuman):
    again = base_distances(people.vertices[:5], population._targets.used)
    for name, values in again.items():
        np.testing.assert_array_equal(values, people.distances[name][:5])
    double = base_distances(2 * people.vertices[:5], population._targets.used)
    for name, values in double.items():
        np.testing.assert_allclose(values, 2 * people.distances[name][:5], rtol=1e-5)
    # At the base mesh, whose measures were taken by hand: 143 mm across the cheekbones.
    base = MM * makehuman.base.vertices[None, population._targets.used]
    assert base_distances(base, population._targets.used)["bizygomatic breadth"][
        0
    ] == pytest.approx(143, abs=1.5)


def test_people(people):
    low, high = YEARS
    assert people.years.min() >= low
    assert people.years.max() <= high
    assert np.percentile(people.years, 95) - np.percentile(people.years, 5) > 35
    assert 0 <= people.male.min() <= people.male.max() <= 1
    assert people.male.mean() == pytest.approx(0.5, abs=0.06)
    assert people.origins.shape == (800, len(ORIGINS))
    np.testing.assert_allclose(people.origins.sum(axis=1), 1)
    np.testing.assert_allclose(people.origins.mean(axis=0), 1 / 3, atol=0.06)
    assert people.vertices.dtype == np.float32
    assert np.isfinite(people.vertices).all()


def test_men_are_larger_than_women(people):
    men, women = people.male > 0.7, people.male < 0.3
    for name in ("bizygomatic breadth", "bigonial breadth", "menton-sellion length"):
        values = people.distances[name]
        assert values[men].mean() > values[women].mean() + 0.2 * values.std()


def test_symmetric_on_average_and_not_each(people, population, makehuman):
    base = makehuman.base.vertices
    places = (base - eyes_middle(base, makehuman.base))[population._targets.used]
    distances, twins = scipy.spatial.cKDTree(places).query(places * [-1, 1, 1])
    assert distances.max() < 1e-3
    mean = people.vertices.mean(axis=0)
    uneven = np.linalg.norm(mean[twins] * [-1, 1, 1] - mean, axis=1)
    assert uneven.max() < 0.5
    one = people.vertices[:50]
    uneven = np.linalg.norm(one[:, twins] * np.float32([-1, 1, 1]) - one, axis=-1)
    assert 0.2 < np.median(uneven.mean(axis=1)) < 3


def test_the_same_seed_gives_the_same_people(population):
    first, again, other = (population.draw(6, seed) for seed in ([3, 1], [3, 1], [3, 2]))
    np.testing.assert_array_equal(first.vertices, again.vertices)
    np.testing.assert_array_equal(first.years, again.years)
    assert np.abs(first.vertices - other.vertices).mean() > 1


def test_the_origin_lies_between_the_eyes(people, population, makehuman):
    ids = [makehuman.base.groups[f"helper-{side}-eye"][0] for side in ("r", "l")]
    eyes = [
        people.vertices[:, np.searchsorted(population._targets.used, np.unique(i))] for i in ids
    ]
    middles = np.mean([eye.mean(axis=1) for eye in eyes], axis=0)
    np.testing.assert_allclose(middles, 0, atol=1e-3)


def test_lips_are_closed(people, population):
    """Where they meet, within two millimetres, and on average touch."""
    upper, lower = (
        people.vertices[:, np.searchsorted(population._targets.used, ids), 1].mean(axis=1)
        for ids in (UPPER_LIP, LOWER_LIP)
    )
    gaps = upper - lower
    assert abs(gaps.mean()) < 0.7
    assert np.percentile(gaps, 98) < 1.7


def test_lids_lie_on_the_eyeballs(people, population, head):
    """The middles of the lids' margins neither sink in by half a millimetre nor stand off by two
    and a half."""
    few = people.vertices[:150].astype(float)
    vertices = np.stack([head.matrix @ one for one in few])
    for side, lids in ((0, [37, 38, 40, 41]), (1, [43, 44, 46, 47])):
        for one in vertices:
            center, radius = fitted_sphere(one[head.eyes[side]])
            gaps = np.linalg.norm(one[head.contours[lids]] - center, axis=1) - radius
            assert -0.5 < gaps.min() < gaps.max() < 2.5


def test_axes(population):
    names = [axis.name for axis in population.axes]
    assert len(set(names)) == len(names) > 100
    assert {"size", "jaw", "nose/nose-scale-horiz incr", "ears/ear-scale incr askew"} <= set(names)
    assert not [name for name in names if name.split("/")[-1].startswith(("l-", "r-"))]
    assert not [name for name in names if "decr" in name or "head-age" in name]
    for axis, mean, deviation in zip(
        population.axes, population.means, population.deviations, strict=True
    ):
        assert deviation > 0
        assert mean == 0 or not axis.centred


def test_the_average_is_between_the_sexes(population, makehuman):
    average = population.average
    assert average.shape == makehuman.base.vertices.shape
    contours = MM * (average - eyes_middle(average, makehuman.base))[list(CONTOURS)]
    assert contours[8, 1] == pytest.approx(-108, abs=8)  # the chin below the eyes
