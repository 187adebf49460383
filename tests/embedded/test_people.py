"""Made-up people: fixed by seed and place, standard normal, nobody twice."""

import numpy as np

from tf_morph.embedded.people import draw_people


def test_more_people_leave_the_first_ones_as_they_are(faces):
    few, many = draw_people(faces, 5, [0, 1]), draw_people(faces, 9, [0, 1])
    assert few.names == many.names[:5]
    np.testing.assert_array_equal(few.shape, many.shape[:5])
    np.testing.assert_array_equal(few.texture, many.texture[:5])


def test_coefficients_are_standard_normal(faces):
    people = draw_people(faces, 200, [0, 1])
    assert people.shape.shape == (200, faces.shape_components)
    assert people.texture.shape == (200, faces.texture_components)
    for coefficients in (people.shape, people.texture):
        assert abs(coefficients.mean()) < 0.03
        assert abs(coefficients.std() - 1) < 0.03


def test_nobody_is_there_twice(faces):
    people = [draw_people(faces, 50, seed) for seed in ([0, 1], [1, 1], [0, 101], [0, 102])]
    first = np.concatenate([group.shape[:, 0] for group in people])
    assert len(np.unique(first)) == 200
