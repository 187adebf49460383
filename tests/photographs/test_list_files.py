"""Photographs named by a file."""

import pytest

from tf_morph.errors import InputError
from tf_morph.photographs import list_photographs

PHOTOGRAPHS = ("n1/a.jpg", "n1/b, c.jpg", "n2/a.jpg", "beside.jpg")


@pytest.fixture
def folder(tmp_path):
    for name in PHOTOGRAPHS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"picture")
    return tmp_path


def _listed(folder, name, text):
    (folder / name).write_text(text)
    return list_photographs(folder / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.csv", 'path,identity\nn2/a.jpg,Ann\n"n1/b, c.jpg",Ben\n'),
        ("list.tsv", "n2/a.jpg\tAnn\n\nn1/b, c.jpg\tBen\n"),
        ("list.txt", "n2/a.jpg\tAnn\nn1/b, c.jpg\tBen\n"),
    ],
)
def test_a_line_is_a_path_and_a_person(folder, name, text):
    listed = _listed(folder, name, text)
    assert listed.identities == ("Ann", "Ben")
    assert listed.paths == (str(folder / "n2/a.jpg"), str(folder / "n1/b, c.jpg"))


def test_without_a_person_the_folder_names_one_as_in_a_tree(folder):
    listed = _listed(folder, "list.txt", "\n".join(PHOTOGRAPHS))
    tree = list_photographs(folder)
    assert (listed.paths, listed.identities) == (tree.paths, tree.identities)
    assert set(tree.identities) == {"n1", "n2", "beside.jpg"}


def test_photographs_that_are_not_there_are_skipped_and_named(folder):
    listed = _listed(folder, "list.csv", "n1/a.jpg\nn1/gone.jpg\n")
    assert listed.skipped == ((str(folder / "n1/gone.jpg"), "no such file"),)
    assert len(listed) == 1


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("list.csv", "", "names no photograph"),
        ("list.csv", "path,identity\n", "names no photograph"),
        ("list.csv", "n1/a.jpg,Ann,left", "line 1: 3 cells"),
        ("list.csv", ",Ann", "line 1: 2 cells"),
        ("list.csv", "n1/a.jpg,Ann\nn1/a.jpg,Ben", "line 2: n1/a.jpg is in line 1 already"),
        ("list.csv", 'n1/"a.jpg\n"', "not a list"),
        ("list.dat", "n1/a.jpg", "not a folder"),
    ],
)
def test_lists_that_cannot_serve_are_named(folder, name, text, said):
    with pytest.raises(InputError, match=said) as raised:
        _listed(folder, name, text)
    assert name in str(raised.value)
