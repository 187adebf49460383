"""Which files count as photographs, of whom, and what is said when there are none."""

import pytest

from tf_morph.errors import InputError
from tf_morph.photographs import list_photographs


def _touch(path, content=b"picture"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_lfw_layout_names_people_by_their_folder(tmp_path):
    for name in ("Zoe_Ball/Zoe_Ball_0002.jpg", "Zoe_Ball/Zoe_Ball_0001.JPG", "Al/Al_0001.png"):
        _touch(tmp_path / name)
    photographs = list_photographs(tmp_path)
    assert photographs.identities == ("Al", "Zoe_Ball", "Zoe_Ball")
    assert [p.rsplit("/", 1)[1] for p in photographs.paths] == [
        "Al_0001.png",
        "Zoe_Ball_0001.JPG",
        "Zoe_Ball_0002.jpg",
    ]


def test_flat_folder_is_one_person_a_file(tmp_path):
    for name in ("b_1.jpg", "b_2.jpg", "a.jpeg"):
        _touch(tmp_path / name)
    assert list_photographs(tmp_path).identities == ("a.jpeg", "b_1.jpg", "b_2.jpg")


def test_deeper_folders_name_people_as_in_vggface2(tmp_path):
    for name in ("train/n000001/0001_01.jpg", "test/n000009/0001_01.jpg", "train/n000001/2.jpg"):
        _touch(tmp_path / name)
    _touch(tmp_path / "train" / ".thumbnails" / "x.jpg")
    (tmp_path / "train" / "n000001" / "again").symlink_to(tmp_path)
    assert list_photographs(tmp_path).identities == ("n000001", "n000001", "n000009")


def test_other_and_hidden_files_are_passed_over(tmp_path):
    for name in ("readme.txt", ".hidden.jpg", ".git/x.jpg", "Al/._Al_0001.jpg", "Al/Al_0001.jpg"):
        _touch(tmp_path / name)
    (tmp_path / "Al" / "folder.jpg").mkdir()
    photographs = list_photographs(tmp_path)
    assert photographs.paths == (str(tmp_path / "Al" / "Al_0001.jpg"),)
    assert photographs.skipped == ()


def test_empty_files_and_dangling_links_are_skipped_and_named(tmp_path):
    _touch(tmp_path / "good.jpg")
    _touch(tmp_path / "empty.jpg", b"")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    photographs = list_photographs(tmp_path)
    assert photographs.paths == (str(tmp_path / "good.jpg"),)
    assert dict(photographs.skipped) == {
        str(tmp_path / "empty.jpg"): "an empty file",
        str(tmp_path / "gone.jpg"): "no such file",
    }


def test_select_keeps_paths_and_people_together(tmp_path):
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        _touch(tmp_path / name)
    chosen = list_photographs(tmp_path).select([2, 0])
    assert chosen.identities == ("c.jpg", "a.jpg")
    assert chosen.paths == (str(tmp_path / "c.jpg"), str(tmp_path / "a.jpg"))


def test_folders_that_cannot_serve_are_named(tmp_path):
    _touch(tmp_path / "file.jpg")
    (tmp_path / "none").mkdir()
    _touch(tmp_path / "none" / "notes.txt")
    with pytest.raises(InputError, match="absent: no such folder"):
        list_photographs(tmp_path / "absent")
    with pytest.raises(InputError, match=r"file\.jpg: not a folder"):
        list_photographs(tmp_path / "file.jpg")
    with pytest.raises(InputError, match="none: no photograph"):
        list_photographs(tmp_path / "none")


def test_a_folder_of_broken_files_alone_says_why(tmp_path):
    _touch(tmp_path / "empty.jpg", b"")
    with pytest.raises(InputError, match=r"1 skipped.*empty\.jpg: an empty file"):
        list_photographs(tmp_path)


def test_unset_assets_variable_is_named(monkeypatch):
    monkeypatch.delenv("TF_MORPH_ASSETS", raising=False)
    with pytest.raises(InputError, match="TF_MORPH_ASSETS is not set"):
        list_photographs("$TF_MORPH_ASSETS/lfw")
