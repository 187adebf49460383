"""The picture of the same people by each variant."""

import numpy as np

from tf_morph.ablation.pictures import labelled_rows, wrapped


def test_rows_stand_below_one_another_beside_their_labels():
    dark, light = (np.full((3, 16, 16, 3), value, np.uint8) for value in (10, 200))
    picture = np.asarray(labelled_rows([("a", dark), ("b", light)]))
    assert picture[:16, -16:].max() == 10 and picture[-16:, -16:].min() == 200
    assert picture[:, 0].min() == 255


def test_labels_are_wrapped_at_words():
    assert wrapped("one two three fourteen", 9, len) == ["one two", "three", "fourteen"]
    assert wrapped("incomprehensible", 4, len) == ["incomprehensible"]
