"""No person on both sides, and the same people each time."""

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.photographs import Photographs, split_identities


def _photographs(people=40):
    identities = tuple(f"person {i // 2}" for i in range(2 * people))
    return Photographs(tuple(f"{i}.jpg" for i in range(2 * people)), identities)


def test_nobody_is_on_both_sides_and_nobody_is_lost():
    photographs = _photographs()
    training, test = split_identities(photographs, 10, seed=3)
    names = np.array(photographs.identities)
    assert set(names[training]).isdisjoint(names[test])
    assert len(set(names[test])) == 10
    np.testing.assert_array_equal(np.sort(np.concatenate([training, test])), np.arange(80))


def test_the_seed_alone_decides_whatever_the_order():
    photographs = _photographs()
    shuffled = photographs.select(np.random.default_rng(1).permutation(80))
    held_out = [
        {p.identities[i] for i in split_identities(p, 10, seed)[1]}
        for p, seed in ((photographs, 3), (photographs, 3), (shuffled, 3), (photographs, 4))
    ]
    assert held_out[0] == held_out[1] == held_out[2]
    assert held_out[0] != held_out[3]


@pytest.mark.parametrize("test_identities", [0, -1, 40, 41])
def test_a_side_without_people_is_refused(test_identities):
    with pytest.raises(InputError, match="of 40 people; give a number from 1 to 39"):
        split_identities(_photographs(), test_identities, seed=0)


def test_too_few_people_and_negative_seeds_are_refused():
    with pytest.raises(InputError, match="1 person cannot be split"):
        split_identities(_photographs(people=1), 1, seed=0)
    with pytest.raises(InputError, match="seed -1"):
        split_identities(_photographs(), 5, seed=-1)
