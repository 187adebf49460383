"""Who is on a folder's photographs, by a list, and what may be wrong with it."""

import pytest

from tf_morph.errors import InputError
from tf_morph.evaluation.gallery_suites import listed_photographs


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "mofa"
    (folder / "deep").mkdir(parents=True)
    for name in ("1.jpg", "2.jpg", "deep/3.jpg"):
        (folder / name).write_bytes(b"a picture")
    return folder


def _named(photographs):
    names = (path.rsplit("/", 1)[-1] for path in photographs.paths)
    return dict(zip(names, photographs.identities, strict=True))


def test_without_a_list_the_layout_says_it(folder):
    photographs, chosen = listed_photographs(folder, None)
    assert chosen is None
    assert _named(photographs) == {"1.jpg": "1.jpg", "2.jpg": "2.jpg", "3.jpg": "deep"}


def test_a_list_in_the_folder_says_it(folder):
    (folder / "identities.csv").write_text("path,identity\n1.jpg,Anna\n2.jpg,Ben\n3.jpg,Anna\n")
    photographs, chosen = listed_photographs(folder, None)
    assert chosen == folder / "identities.csv"
    assert _named(photographs) == {"1.jpg": "Anna", "2.jpg": "Ben", "3.jpg": "Anna"}
    assert photographs.identities == ("Anna", "Anna", "Ben")


def test_a_list_elsewhere_goes_before_it(folder, tmp_path):
    (folder / "identities.csv").write_text("1.jpg,Anna\n2.jpg,Ben\n3.jpg,Anna\n")
    other = tmp_path / "who.txt"
    other.write_text("1.jpg\tX\n2.jpg\tY\ndeep/3.jpg\tZ\n")
    photographs, chosen = listed_photographs(folder, other)
    assert chosen == other
    assert _named(photographs) == {"1.jpg": "X", "2.jpg": "Y", "3.jpg": "Z"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("1.jpg,A\n2.jpg,B\n", "3.jpg"),
        ("1.jpg,A\n2.jpg,B\n3.jpg,C\n4.jpg,D\n", "4.jpg"),
        ("1.jpg,A\n1.jpg,B\n", "1.jpg"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(folder, text, named):
    (folder / "identities.csv").write_text(text)
    with pytest.raises(InputError, match=named):
        listed_photographs(folder, None)


def test_a_name_of_two_photographs_is_refused(folder):
    (folder / "other").mkdir()
    (folder / "other" / "3.jpg").write_bytes(b"a picture")
    (folder / "identities.csv").write_text("1.jpg,A\n2.jpg,B\n3.jpg,C\n")
    with pytest.raises(InputError):
        listed_photographs(folder, None)


def test_a_list_that_is_not_there_is_refused(folder, tmp_path):
    with pytest.raises(InputError):
        listed_photographs(folder, tmp_path / "who.csv")
