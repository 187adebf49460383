"""Pairs made for a folder: readable, without repetition, nobody in two folds."""

import itertools

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.evaluation.pairs import _unordered, make_pairs, read_pairs


def _folder(root, photographs):
    """Person k has photographs[k] of them, one in three not named in LFW's form."""
    for person, count in enumerate(photographs):
        folder = root / f"person {person:03d}"
        folder.mkdir(parents=True)
        for number in range(1, count + 1):
            lfw_name = f"{folder.name}_{number:04d}.png"
            (folder / (f"x{number}.png" if number % 3 == 0 else lfw_name)).write_bytes(b"x")
    return root


def _read(folder, text):
    file = folder.parent / "made.txt"
    file.write_text(text)
    return read_pairs(file, folder)


@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_of_their_kind_distinct_and_people_in_one_fold(tmp_path, seed):
    folder = _folder(tmp_path / "photographs", [1, 5, 2, 2, 1, 3, 4, 2, 1, 2, 7, 2])
    pairs = _read(folder, make_pairs(folder, folds=3, pairs=4, seed=seed))
    people = np.array([path.split("/")[-2] for path in pairs.photographs])
    assert (people[pairs.rows[:, 0]] == people[pairs.rows[:, 1]]).tolist() == pairs.same.tolist()
    assert len({frozenset(row) for row in pairs.rows.tolist()}) == len(pairs.rows) == 24
    members = [set(people[pairs.rows[pairs.folds == fold]].ravel()) for fold in range(3)]
    assert not any(one & other for one, other in itertools.combinations(members, 2))


def test_nobody_comes_twice_before_everybody_came_once(tmp_path):
    folder = _folder(tmp_path / "photographs", [9] + [2] * 19)
    pairs = _read(folder, make_pairs(folder, folds=2, pairs=10))
    people = [path.split("/")[-2] for path in pairs.photographs]
    same = [people[row] for row in pairs.rows[pairs.same][:, 0]]
    assert len(set(same)) == 20
    meetings = [frozenset(people[i] for i in row) for row in pairs.rows[~pairs.same]]
    assert len(set(meetings)) == 20


def test_all_pairs_there_are_can_be_had(tmp_path):
    folder = _folder(tmp_path / "photographs", [3, 3, 2, 2])  # each fold: people of 3 and 2
    pairs = _read(folder, make_pairs(folder, folds=2, pairs=4))
    assert len({frozenset(row) for row in pairs.rows.tolist()}) == 16
    with pytest.raises(InputError):
        make_pairs(folder, folds=2, pairs=5)


def test_the_seed_decides(tmp_path):
    folder = _folder(tmp_path / "photographs", [3] * 20)
    made = [make_pairs(folder, folds=2, pairs=5, seed=seed) for seed in (0, 0, 1)]
    assert made[0] == made[1] != made[2]


def test_unordered_pairs_are_counted_without_gap_or_rounding():
    first = [_unordered(index) for index in range(190)]
    assert sorted(first) == sorted(itertools.combinations(range(20), 2))
    large = 10**17 + 12345  # beyond what a float64 holds exactly
    i, j = _unordered(large)
    assert 0 <= i < j and j * (j - 1) // 2 + i == large


BAD = {
    "one fold": {"folds": 1},
    "no pairs": {"pairs": 0},
    "a negative seed": {"seed": -1},
    "more folds than people": {"folds": 9},
    "one person a fold": {"folds": 4},
}


@pytest.mark.parametrize("case", BAD)
def test_too_few_are_named(tmp_path, case):
    folder = _folder(tmp_path / "photographs", [2, 2, 2, 2])
    with pytest.raises(InputError):
        make_pairs(folder, **{"folds": 2, "pairs": 1, **BAD[case]})


def test_flat_folders_have_no_pairs_of_one_person(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "b.png").write_bytes(b"x")
    with pytest.raises(InputError):
        make_pairs(tmp_path, folds=2, pairs=1)
