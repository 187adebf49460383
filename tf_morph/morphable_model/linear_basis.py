"""A Gaussian over per-vertex values: mean plus a linear basis in standard deviations."""

import dataclasses
import functools

import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class LinearBasis:
    """values = mean + basis @ (standard_deviations * coefficients), coefficients standard normal.

    Where components are named units (an expression such as "jawOpen") instead of principal
    components, their columns are of unit length, but not orthogonal to each other, and a standard
    deviation is the length of the unit's full displacement: a coefficient of 1 is the full unit
    (`modes.basis_of_units`).

    Attributes:
      mean: float32 [V, 3], the value of each vertex at zero coefficients (mm or colour).
      basis: float32 [3V, K], columns of unit length, of principal components orthonormal, rows
        interleaved x0 y0 z0 x1 y1 z1 ...
      standard_deviations: float32 [K], not negative, in the unit of `mean`.
      noise_variance: variance of what the basis leaves out, in the unit of `mean` squared.

    The arrays are read-only. Raises `InputError` where shapes disagree or a value is not finite.
    """

    mean: np.ndarray
    basis: np.ndarray
    standard_deviations: np.ndarray
    noise_variance: float = 0.0

    def __post_init__(self):
        for field in ("mean", "basis", "standard_deviations"):
            array = np.ascontiguousarray(getattr(self, field), np.float32).view()
            array.flags.writeable = False
            object.__setattr__(self, field, array)
        _check(self)

    @property
    def num_components(self) -> int:
        return self.standard_deviations.shape[0]

    def evaluate(self, coefficients) -> tf.Tensor:
        """The values of every vertex.

        Args:
          coefficients: float32 [..., k] with k <= K, in standard deviations; the K - k last
            components are at zero.

        Returns:
          float32 [..., V, 3].

        Raises:
          InputError: k > K.
        """
        coefficients = tf.convert_to_tensor(coefficients, tf.float32)
        return self._per_vertex(self._flat(coefficients) + self._tensors[0], coefficients)

    def displacements(self, coefficients) -> tf.Tensor:
        """What coefficients add to the mean: as `evaluate`, less the mean."""
        coefficients = tf.convert_to_tensor(coefficients, tf.float32)
        return self._per_vertex(self._flat(coefficients), coefficients)

    def of_vertices(self, kept: np.ndarray) -> "LinearBasis":
        """The same of some vertices, by their indices [N]; its columns are orthonormal no more."""
        rows = (3 * np.asarray(kept)[:, None] + np.arange(3)).ravel()
        return dataclasses.replace(self, mean=self.mean[kept], basis=self.basis[rows])

    def _flat(self, coefficients: tf.Tensor) -> tf.Tensor:
        """[N, 3V], what the coefficients [..., k] add, their leading dimensions made one."""
        count = coefficients.shape[-1]
        if count is None or count > self.num_components:
            raise InputError(
                f"{count} coefficients for a basis of {self.num_components} components: "
                "give as many or fewer, as the last dimension"
            )
        # Not -1: with no coefficients at all it would be ambiguous.
        rows = tf.reshape(coefficients, [tf.reduce_prod(tf.shape(coefficients)[:-1]), count])
        return tf.matmul(rows, self._tensors[1][:count])

    def _per_vertex(self, flat: tf.Tensor, coefficients: tf.Tensor) -> tf.Tensor:
        """[N, 3V] as [..., V, 3], with the leading dimensions of the coefficients."""
        per_vertex = [self.mean.shape[0], 3]
        values = tf.reshape(flat, tf.concat([tf.shape(coefficients)[:-1], per_vertex], 0))
        values.set_shape(coefficients.shape[:-1].concatenate(per_vertex))
        return values

    @functools.cached_property
    def _tensors(self) -> tuple[tf.Tensor, tf.Tensor]:
        # Components first: a prefix of them is then a contiguous slice, and tf.function captures
        # the one eager tensor instead of copying it into each graph.
        with tf.init_scope():
            scaled = self.basis.T * self.standard_deviations[:, None]
            return tf.constant(self.mean.reshape(1, -1)), tf.constant(scaled)


def _check(linear: LinearBasis) -> None:
    rows, components = linear.mean.size, linear.standard_deviations.shape[0]
    if linear.mean.ndim != 2 or linear.mean.shape[1] != 3:
        raise InputError(f"the mean has shape {linear.mean.shape}, expected (vertices, 3)")
    if linear.basis.ndim != 2 or linear.basis.shape[0] != rows:
        raise InputError(
            f"the basis has shape {linear.basis.shape}, expected {rows} rows: "
            f"three for each of the {rows // 3} vertices of its mean"
        )
    if linear.basis.shape[1] != components or linear.standard_deviations.ndim != 1:
        raise InputError(
            f"{linear.basis.shape[1]} basis columns but {components} variances: one for each"
        )
    for name in ("mean", "basis", "standard_deviations"):
        if not all_finite(getattr(linear, name)):
            raise InputError(f"the {name.replace('_', ' ')} holds a value that is not finite")
    if components and linear.standard_deviations.min() < 0:
        raise InputError("a standard deviation is negative")


def all_finite(array: np.ndarray) -> bool:
    """Whether no value is NaN or infinite, without a temporary of the array's size."""
    return array.size == 0 or bool(np.isfinite(array.min()) and np.isfinite(array.max()))
