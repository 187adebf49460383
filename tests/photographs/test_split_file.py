"""Splits by a file: everybody where the file says, and files that say something else."""

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.photographs import Photographs
from tf_morph.photographs.split_file import read_split

ROWS = "a,training\nb,training\nc,the 84\nd,the 84\ne,the 1000\nf,the 1000\ng,the 1000\n"


def _file(folder, text):
    path = folder / "split.csv"
    path.write_text(text)
    return path


def _photographs(people):
    identities = tuple(name for name in people for _ in range(2))
    return Photographs(tuple(f"{i}.jpg" for i in range(len(identities))), identities)


def test_everybody_is_where_the_file_says(tmp_path):
    split = read_split(_file(tmp_path, "identity,set\n" + ROWS))
    assert split.training == {"a", "b"}
    assert split.galleries == {"the 84": {"c", "d"}, "the 1000": {"e", "f", "g"}}
    training, test = split.indices(_photographs("gfedcba"))
    np.testing.assert_array_equal(training, [10, 11, 12, 13])
    np.testing.assert_array_equal(test, np.arange(10))


def test_other_columns_their_order_and_names_like_numbers_do_not_matter(tmp_path):
    rows = "set,sex,identity\ntraining,f,001\ntest,m,NA\ntest,f,1\n"
    split = read_split(_file(tmp_path, rows))
    assert split.training == {"001"} and split.galleries == {"test": {"NA", "1"}}


def test_people_in_no_set_are_on_neither_side(tmp_path):
    split = read_split(_file(tmp_path, "identity,set\n" + ROWS))
    training, test = split.indices(_photographs("abcdefgh"))
    assert not {14, 15} & {*training, *test}


def test_somebody_of_whom_there_is_no_photograph_is_named(tmp_path):
    split = read_split(_file(tmp_path, "identity,set\n" + ROWS))
    with pytest.raises(InputError, match=r"split.csv: of c, e there is no photograph"):
        split.indices(_photographs("abdfg"))
    with pytest.raises(InputError, match=r"of b, c, d and 3 more there is no photograph"):
        split.indices(_photographs("a"))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("identity,set\nb,test\nc,test\n", "nobody is in the set 'training'"),
        ("identity,set\n", "nobody is in the set 'training'"),
        ("identity,set\na,training\n", "no set but 'training'"),
        ("identity,set\na,training\nb,test\n", "the set 'test' has one person"),
        ("name,set\na,training\n", "no column 'identity'.* identity and set"),
        ("identity;set\na;training\n", "no column 'identity'"),
        ("identity,set\na,training\n,test\n", "row 3: no identity"),
        ("identity,set\na,training\nb\n", "row 3: no set"),
        ("identity,set\na,training\nb,test\nc,test\na,test\n", "a twice"),
        ("identity,set\na,training,x\n1,2,3,4,5\n", "not a table"),
        ("", "not a table"),
    ],
)
def test_what_is_no_split_is_named(tmp_path, text, match):
    with pytest.raises(InputError, match=f"split.csv.*{match}"):
        read_split(_file(tmp_path, text))


def test_bytes_that_are_no_text_and_no_file_at_all(tmp_path):
    (tmp_path / "split.csv").write_bytes(b"identity,set\n\xff\xfe,training\n")
    with pytest.raises(InputError, match=r"split.csv: not a table"):
        read_split(tmp_path / "split.csv")
    with pytest.raises(InputError, match=r"none.csv: no such file"):
        read_split(tmp_path / "none.csv")
