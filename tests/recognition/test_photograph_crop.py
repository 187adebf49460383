"""Which crop is taken, and what a file is known by."""

import pytest
from PIL import Image

from tf_morph.errors import InputError
from tf_morph.photographs import LFW_FACE_CROP
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.photograph_crop import (
    crop_for,
    crop_rule,
    describe_crop,
    read_files,
)


@pytest.fixture
def files(tmp_path):
    """A function from sizes to files of pictures of those sizes; None is a file of none."""

    def files(*sizes):
        paths = []
        for number, size in enumerate(sizes):
            paths.append(tmp_path / f"{number}.png")
            if size is None:
                paths[-1].write_bytes(b"no picture")
            else:
                Image.new("RGB", size, (number, 0, 0)).save(paths[-1])
        return read_files([str(path) for path in paths])

    return files


def test_files_are_known_by_their_bytes(files, tmp_path):
    first, second, third = files((250, 250), (250, 250), (3, 4))
    assert first.digest != second.digest and (first.size, third.size) == ((250, 250), (3, 4))
    (tmp_path / "copy.png").write_bytes((tmp_path / "0.png").read_bytes())
    assert read_files([str(tmp_path / "copy.png")])[0][1:] == first[1:]
    with pytest.raises(InputError, match="gone.png: cannot be read"):
        read_files([str(tmp_path / "gone.png")])


def test_the_usual_crop_is_that_of_lfw_for_photographs_of_its_size(files):
    assert crop_rule(None, files((250, 250), None, (250, 250))) == LFW_FACE_CROP
    assert crop_rule(None, files((64, 64), None, (250, 200))) is None
    with pytest.raises(InputError, match="1.png: 64 x 64 pixels, while others are 250 x 250"):
        crop_rule(None, files((250, 250), (64, 64)))


def test_crops_asked_for(files):
    some = files((250, 250), (64, 64), None)
    assert crop_rule("1, 2.5,30,40", some) == (1, 2.5, 30, 40)
    assert crop_rule("whole", some) is None and crop_rule("aligned", some) == "aligned"
    for crop, words in ((None, "whole"), ((1, 2.5, 30, 40), "1,2.5,30,40"), ("a", "a")):
        assert describe_crop(crop) == words


BAD = {
    "1,2,3": "not the edges",
    "1,2,3,4,5": "not the edges",
    "30,2,1,40": "not the edges",
    "-1,2,3,4": "not the edges",
    "0,0,nan,5": "not the edges",
    "0,0,inf,5": "not the edges",
    "a,b,c,d": "not four numbers",
    "face": "not four numbers; give left,top,right,bottom in pixels, whole or one of aligned",
    "": "not four numbers",
    "64,0,80,20": "1.png: 64 x 64 pixels, outside of --crop=64,0,80,20",
}


@pytest.mark.parametrize("asked", BAD)
def test_bad_crops_are_named(files, asked):
    with pytest.raises(InputError, match=BAD[asked]):
        crop_rule(asked, files((250, 250), (64, 64)))


def test_aligned_is_to_each_networks_own_crop():
    assert crop_for("saved_model", "aligned") == "aligned"
    for kind, architecture in ARCHITECTURES.items():
        assert crop_for(kind, "aligned") == architecture.crop_rule
        assert crop_for(kind, (1, 2, 3, 4)) == (1, 2, 3, 4) and crop_for(kind, None) is None
        assert crop_for(kind, "box_vgg_face") == "box_vgg_face"
