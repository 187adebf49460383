"""Data named on the command line, and what is wrong with them."""

import pytest

from tf_morph.config import ASSETS_VARIABLE
from tf_morph.errors import InputError
from tf_morph.evaluation.arguments import data_folders, given_file, method_folders


@pytest.fixture
def assets(tmp_path, monkeypatch):
    for name in ("mofa", "lfw", "bam"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv(ASSETS_VARIABLE, str(tmp_path))
    return tmp_path


def test_data_are_those_asked_for_and_those_among_the_assets(assets):
    other = assets / "other"
    other.mkdir()
    found = data_folders([f"folder:{other}", f"folder:{assets}", f"mofa:{other}"])
    assert found == {"bam": (assets / "bam",), "folder": (other, assets), "mofa": (other,)}


def test_without_assets_there_are_those_asked_for_alone(monkeypatch):
    monkeypatch.delenv(ASSETS_VARIABLE, raising=False)
    assert data_folders([]) == {}


@pytest.mark.parametrize("given", ["mofa", ":x", "mofa:", "moofa:.", "mofa:nowhere"])
def test_what_is_no_data_set_and_folder_is_refused(assets, given):
    with pytest.raises(InputError, match=f"--data={given}"):
        data_folders([given])


def test_two_methods_of_one_name_are_refused(assets):
    asked = f"mofa:{assets}"
    assert method_folders([asked]) == (("mofa", assets),)
    with pytest.raises(InputError):
        method_folders([asked, asked])


def test_a_method_by_the_name_of_one_of_the_tables_is_refused(assets):
    with pytest.raises(InputError, match="--method=ours"):
        method_folders([f"ours:{assets}"])


def test_a_file_is_looked_for_before_anything_is_run(tmp_path):
    file = tmp_path / "pairs.txt"
    with pytest.raises(InputError, match=r"--pairs"):
        given_file(str(file), "pairs")
    file.write_text("")
    assert given_file(str(file), "pairs") == file
    assert given_file(None, "pairs") is None
