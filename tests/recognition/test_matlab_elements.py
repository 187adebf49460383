"""Sizes in MATLAB files that contradict one another are seen before SciPy believes them."""

import struct

import numpy as np
import pytest
import scipy.io

from tf_morph.recognition.weight_files.matlab_elements import check_elements

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.mark.parametrize("compressed", [False, True])
def test_what_scipy_writes_fits(compressed, tmp_path):
    cells = np.empty((1, 3), object)
    cells[0] = [VALUES, {"name": "conv1_1", "none": np.zeros((0, 0))}, "größer"]
    content = {
        "cells": cells,
        "complex": VALUES + 1j,
        "byte": np.uint8(3),
        "flag": np.array([True]),
    }
    scipy.io.savemat(tmp_path / "a.mat", content, do_compression=compressed)
    check_elements(tmp_path / "a.mat")


@pytest.mark.parametrize(
    ("tag", "other"),
    [
        ((7, 24), (9, 24)),  # singles that are called doubles
        ((7, 24), (7, 20)),  # fewer values than the shape has
        ((7, 24), (7, 1 << 30)),  # more than the file has
        ((7, 24), (14, 24)),  # an array in place of values
        ((5, 8), (5, 4)),  # one axis
        ((6, 8), (5, 8)),  # no flags
        ((2, 3), (2, -3)),  # a negative shape
        ((2, 3), (2, 1 << 28)),
    ],
)
def test_what_contradicts_itself_does_not(tag, other, tmp_path):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"values": VALUES})
    whole, before = path.read_bytes(), struct.pack("<2i", *tag)
    assert whole.count(before) == 1
    path.write_bytes(whole.replace(before, struct.pack("<2i", *other)))
    with pytest.raises(ValueError):
        check_elements(path)


def test_a_file_that_ends_early(tmp_path):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"values": VALUES})
    whole = path.read_bytes()
    for end in (127, 130, 140, len(whole) - 1):
        path.write_bytes(whole[:end])
        with pytest.raises(ValueError):
            check_elements(path)
