"""From modes of variation, or from named units, to the basis a file holds."""

import numpy as np

from tf_morph.morphable_model.linear_basis import LinearBasis

_ROWS_AT_ONCE = 8192


def basis_of_modes(mean: np.ndarray, modes: np.ndarray, noise_variance: float = 0.0) -> LinearBasis:
    """The `LinearBasis` with the distribution of mean + sum of modes times standard normals.

    Modes cropped to a part of a mesh are no longer orthogonal. Their coefficients are rotated here
    (and so stay standard normal) into components of falling variance; the covariance is kept.

    Args:
      mean: [V, 3].
      modes: [K, V, 3], each one standard deviation, K <= 3V.
      noise_variance: as in `LinearBasis`.
    """
    columns = np.asarray(modes, np.float64).reshape(len(modes), -1).T
    basis, deviations = _principal_axes(columns)
    # The largest entry of each column is made positive, so that signs are the same everywhere.
    basis *= np.where(-basis.min(axis=0) > basis.max(axis=0), -1, 1).astype(basis.dtype)
    return LinearBasis(
        mean=mean,
        basis=basis,
        standard_deviations=deviations,
        noise_variance=noise_variance,
    )


def basis_of_units(units: np.ndarray) -> LinearBasis:
    """The `LinearBasis` whose coefficients are the strengths of units, 1 being a full one.

    Column k is unit k and nothing else, scaled to unit length; its standard deviation is that
    length. Columns are not orthogonal. The mean is zero: with no unit in force nothing moves. A
    unit that moves no vertex has a column of zeros.

    Args:
      units: [K, V, 3], the displacements of each unit at full strength, mm.
    """
    flat = np.asarray(units, np.float32).reshape(len(units), -1)
    lengths = np.sqrt(np.einsum("kv,kv->k", flat, flat, dtype=np.float64))
    columns = flat.T / np.where(lengths > 0, lengths, 1.0).astype(np.float32)
    return LinearBasis(np.zeros(units.shape[1:], np.float32), columns, lengths)


def _principal_axes(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The left singular vectors of a tall matrix [R, K] and its singular values, falling."""
    squares, rotation = np.linalg.eigh(columns.T @ columns)
    squares, rotation = squares[::-1], rotation[:, ::-1]
    if len(squares) and squares[-1] > 1e-8 * squares[0]:
        deviations = np.sqrt(squares)
        return _float32_product(columns, rotation / deviations), deviations
    # Of columns that hang on one another the product has lost what tells them apart.
    orthonormal, triangle = np.linalg.qr(columns)
    rotation, deviations, _ = np.linalg.svd(triangle)
    return orthonormal @ rotation, deviations


def _float32_product(tall: np.ndarray, square: np.ndarray) -> np.ndarray:
    """The product of two float64 matrices [R, K] and [K, K] as float32, which takes no float64
    memory of its size."""
    product = np.empty(tall.shape, np.float32)
    for start in range(0, len(tall), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        product[block] = tall[block] @ square
    return product
