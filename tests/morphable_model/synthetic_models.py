"""Random morphable models of any size, and the files they make."""

import numpy as np

from tf_morph.morphable_model import LinearBasis, MorphableModel
from tf_morph.morphable_model.modes import basis_of_units


def random_basis(
    vertices: int, components: int, seed: int, orthonormal: bool = True
) -> LinearBasis:
    """A basis of unit columns, orthonormal unless told otherwise (which is faster)."""
    rng = np.random.default_rng([seed, vertices, components])
    columns = rng.standard_normal((3 * vertices, components), dtype=np.float32)
    if orthonormal:
        columns = np.linalg.qr(columns)[0]
    columns /= np.linalg.norm(columns, axis=0)
    return LinearBasis(
        mean=rng.standard_normal((vertices, 3), dtype=np.float32),
        basis=columns,
        standard_deviations=np.sort(rng.uniform(0.5, 5.0, components))[::-1],
        noise_variance=0.25,
    )


def small_model(
    vertices: int = 12, components: int = 6, expression: bool = False, **changes
) -> MorphableModel:
    """A model small enough to work out with NumPy; `changes` replace fields."""
    rng = np.random.default_rng([11, vertices])
    fields = {
        "shape": random_basis(vertices, components, 1),
        "color": random_basis(vertices, components - 2, 2),
        "expression": random_basis(vertices, 3, 3) if expression else None,
        "triangles": rng.integers(0, vertices, (9, 3)),
        "reference": rng.standard_normal((vertices, 3)),
        "landmarks": {"center.nose.tip": [0.1, -1e-7, 1 / 3], "left.lips.corner": [3.0, 2.0, 1e6]},
        "attributes": {"source": "drawn at random", "licence": "none – “ö”"},
        "name": "small",
    }
    return MorphableModel(**(fields | changes))


def named_model(**changes) -> MorphableModel:
    """A small model with named expressions, texture coordinates and parts."""
    rng = np.random.default_rng(13)
    fields = {
        "expression": basis_of_units(rng.normal(0, 5, (3, 12, 3))),
        "expression_names": ("jawOpen", "mouthSmileLeft", "Wange links – „ß“"),
        "uvs": rng.uniform(0, 1, (17, 2)),
        "uv_triangles": rng.integers(0, 17, (9, 3)),
        "triangle_parts": [0, 0, 1, 1, 2, 0, 0, 2, 1],
        "part_names": ("skin", "eyes", "dents d’en haut"),
    }
    return small_model(**(fields | changes))


def full_size_model(expression: bool = False) -> MorphableModel:
    """The sizes of the Basel Face Model 2017: 53,149 vertices, 199 + 199 (+ 100) components."""
    vertices = 53_149
    rng = np.random.default_rng(5)
    return MorphableModel(
        shape=random_basis(vertices, 199, 1, orthonormal=False),
        color=random_basis(vertices, 199, 2, orthonormal=False),
        expression=random_basis(vertices, 100, 3, orthonormal=False) if expression else None,
        triangles=rng.integers(0, vertices, (105_694, 3)),
        name="full size",
    )


def assert_same_basis(first: LinearBasis, second: LinearBasis, tolerance: float = 0.0) -> None:
    """Equal bit for bit, the basis to `tolerance` where one is given."""
    np.testing.assert_array_equal(first.mean, second.mean)
    np.testing.assert_allclose(first.basis, second.basis, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(first.standard_deviations, second.standard_deviations)
    assert first.noise_variance == second.noise_variance


def assert_same_model(
    first: MorphableModel, second: MorphableModel, tolerance: float = 0.0
) -> None:
    """Every field equal bit for bit, the bases to `tolerance` where one is given."""
    for part in ("shape", "color", "expression"):
        one, other = getattr(first, part), getattr(second, part)
        assert (one is None) == (other is None), part
        if one is not None:
            assert_same_basis(one, other, tolerance)
    np.testing.assert_array_equal(first.triangles, second.triangles)
    np.testing.assert_array_equal(first.reference, second.reference)
    assert first.landmarks.keys() == second.landmarks.keys()
    for name, point in first.landmarks.items():
        np.testing.assert_array_equal(point, second.landmarks[name])
    for field in ("uvs", "uv_triangles", "triangle_parts"):
        one, other = getattr(first, field), getattr(second, field)
        assert (one is None) == (other is None), field
        np.testing.assert_array_equal(one, other)
    assert first.expression_names == second.expression_names
    assert first.part_names == second.part_names
    assert dict(first.attributes) == dict(second.attributes)
    assert first.name == second.name
