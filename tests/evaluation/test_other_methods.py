"""Which file of another method belongs to which photograph."""

import pytest

from tf_morph.errors import InputError
from tf_morph.evaluation.other_methods import results_of


@pytest.fixture
def photographs(tmp_path):
    return tmp_path, [str(tmp_path / "a" / "1.jpg"), str(tmp_path / "b" / "1.jpg")] + [
        str(tmp_path / "b" / "2.jpg")
    ]


def _results(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_files_are_found_by_path_and_by_a_stem_of_one_photograph(photographs, tmp_path):
    source, paths = photographs
    folder = _results(tmp_path / "theirs", "b/1.png", "deeper/2.ply", "1.png", "notes.txt")
    found = {row: str(file.relative_to(folder)) for row, file in _found(folder, paths, source)}
    assert found == {1: "b/1.png", 2: "deeper/2.ply"}


def _found(folder, paths, source):
    return results_of(folder, paths, source).items()


def test_a_picture_goes_before_a_mesh(photographs, tmp_path):
    source, paths = photographs
    folder = _results(tmp_path / "theirs", "b/2.ply", "b/2.png", "a/1.obj")
    found = {row: file.name for row, file in _found(folder, paths, source)}
    assert found == {0: "1.obj", 2: "2.png"}


def test_two_of_a_kind_and_nothing_at_all_are_refused(photographs, tmp_path):
    source, paths = photographs
    with pytest.raises(InputError):
        results_of(_results(tmp_path / "twice", "b/2.png", "b/2.jpg"), paths, source)
    with pytest.raises(InputError):
        results_of(_results(tmp_path / "none", "notes.txt"), paths, source)
    with pytest.raises(InputError):
        results_of(tmp_path / "nowhere", paths, source)


def test_what_fits_no_photograph_is_passed_over(photographs, tmp_path):
    source, paths = photographs
    assert results_of(_results(tmp_path / "others", "c/9.png"), paths, source) == {}
