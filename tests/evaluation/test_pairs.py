"""Pairs: LFW's form and what goes beyond it, everything that is none, pairs made for a folder."""

import itertools

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.evaluation.pairs import (
    _unordered,
    make_pairs,
    pair_line,
    photograph_field,
    read_pairs,
)

GOOD = (
    "2\t1",
    "Ann_A\t1\t2",
    "Ann_A\t1\tBob_B\t1",
    "Bob_B\t1\t12",
    "Bob_B\t12\tAnn_A\t2",
)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "photographs"
    for name in ("Ann_A/Ann_A_0001.jpg", "Ann_A/Ann_A_0002.png", "Bob_B/Bob_B_0001.jpg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "Bob_B/Bob_B_0012.jpg").touch()
    return root


@pytest.fixture
def read(folder, tmp_path):
    def read(lines, end="\n", **options):
        (tmp_path / "pairs.txt").write_bytes(end.join([*lines, ""]).encode())
        return read_pairs(tmp_path / "pairs.txt", folder, **options)

    return read


def test_lines_become_pairs(read, folder):
    pairs = read(GOOD)
    names = ["Ann_A_0001.jpg", "Ann_A_0002.png", "Bob_B_0001.jpg", "Bob_B_0012.jpg"]
    assert [path.rpartition("/")[2] for path in pairs.photographs] == names
    assert all(path.startswith(str(folder)) for path in pairs.photographs)
    np.testing.assert_array_equal(pairs.rows, [[0, 1], [0, 2], [2, 3], [3, 1]])
    np.testing.assert_array_equal(pairs.same, [True, False, True, False])
    np.testing.assert_array_equal(pairs.folds, [0, 0, 1, 1])


@pytest.mark.parametrize("form", ["blanks", "windows", "empty lines at the end"])
def test_other_forms_of_the_same(read, form):
    lines = [line.replace("\t", "  ") for line in GOOD] if form == "blanks" else [*GOOD]
    lines += ["", "  "] if form.startswith("empty") else []
    changed = read(lines, end="\r\n" if form == "windows" else "\n")
    assert changed.photographs == read(GOOD).photographs


def test_files_are_named_where_they_have_no_number(read, folder):
    (folder / "Bob B").mkdir()
    for name in ("a photo.png", "Bob B_0003.webp"):
        (folder / "Bob B" / name).touch()
    line = "Bob B\ta photo.png\t3"
    found = read([*GOOD[:3], line, GOOD[4]]).photographs
    assert str(folder / "Bob B/a photo.png") in found
    assert str(folder / "Bob B/Bob B_0003.webp") in found


def test_fields_lead_back_to_their_files(read, folder):
    for name in ("Ann_A_0002.jpg", "Ann_A_7.jpg", "0005.jpg", "Ann_A_x.jpg"):
        (folder / "Ann_A" / name).touch()
    files = sorted((folder / "Ann_A").iterdir())
    # The .png of the same number as a .jpg, and whatever is no number in LFW's form, by its name.
    named = {file.name: photograph_field(file) for file in files}
    assert named == {
        **{name: name for name in named},
        "Ann_A_0001.jpg": "1",
        "Ann_A_0002.jpg": "2",
    }
    for file in (file for file in files if file.name != "Ann_A_0001.jpg"):
        line = pair_line(("Ann_A", "1"), ("Ann_A", photograph_field(file)))
        assert read([GOOD[0], line, *GOOD[2:]]).photographs[1] == str(file)


BAD_LINES = {
    "a pair of two where one of one is due": (1, GOOD[2], 2),
    "a pair of one where one of two is due": (4, GOOD[1], 5),
    "no number": (1, "Ann_A\t1\t", 2),
    "another folder": (4, "..\t1\tAnn_A\t2", 5),
    "a path": (4, "Bob_B\t../Ann_A/Ann_A_0001.jpg\tAnn_A\t2", 5),
    "a photograph with itself": (3, "Bob_B\t1\t1", 4),
    "one person twice": (4, "Bob_B\t1\tBob_B\t12", 5),
    "an empty line within": (3, "", 4),
    "an empty header": (0, "", 1),
    "a header of pairsDevTest.txt": (0, "500", 1),
    "no folds": (0, "0\t1", 1),
    "words": (0, "ten\tpairs", 1),
    "one fold": (0, "1\t2", 1),
    "too few lines": (0, "2\t2", None),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_bad_lines_are_named(read, case):
    number, line, named = BAD_LINES[case]
    lines = list(GOOD)
    lines[number] = line
    with pytest.raises(InputError, match=named and f"line {named}") as raised:
        read(lines)
    assert "\n" not in str(raised.value)


def test_one_fold_is_enough_where_no_threshold_is_chosen(read):
    pairs = read(["1\t1", *GOOD[1:3]], fewest_folds=1)
    np.testing.assert_array_equal(pairs.same, [True, False])
    with pytest.raises(InputError):
        read(["0\t1"], fewest_folds=1)


def test_files_that_hold_no_pairs(read, folder, tmp_path):
    with pytest.raises(InputError, match="line 1"):
        read([])
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    with pytest.raises(InputError):
        read_pairs(tmp_path / "binary", folder)
    with pytest.raises(InputError, match="nothing.txt"):
        read_pairs(tmp_path / "nothing.txt", folder)


def test_missing_photographs_are_named(read, folder):
    for file in (folder / "Ann_A").iterdir():
        file.unlink()
    with pytest.raises(InputError, match="Ann_A_0001.jpg, .*Ann_A_0002.jpg;"):
        read(GOOD)
    for file in (folder / "Bob_B").iterdir():
        file.unlink()
    with pytest.raises(
        InputError, match="Ann_A_0001.jpg, .*Ann_A_0002.jpg, .*Bob_B_0001.jpg and 1"
    ):
        read(GOOD)


def test_the_folder_is_looked_for(tmp_path):
    (tmp_path / "pairs.txt").write_text("\n".join(GOOD))
    with pytest.raises(InputError):
        read_pairs(tmp_path / "pairs.txt", tmp_path / "nowhere")
    with pytest.raises(InputError, match="pairs.txt"):
        read_pairs(tmp_path / "pairs.txt", tmp_path / "pairs.txt")


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
