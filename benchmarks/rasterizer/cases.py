"""What is measured: every combination of mesh, picture, batch, threads and kernel, or a few."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

TFG, TENSORFLOW, CPU = "tfg", "tensorflow", "cpu"
KERNELS = (TFG, TENSORFLOW, CPU)  # the peer first: the others' rows tell how they compare
TRIANGLES = (6_912, 52_272, 106_032)  # twelve times 24, 66 and 94 squared, as the mesh has them
SIZES = (64, 112, 224, 512)  # pixels
BATCHES = (1, 8, 24)
USUAL_TRIANGLES, USUAL_SIZE, USUAL_BATCH = TRIANGLES[-1], 224, 8


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Attributes:
      triangles: of the mesh.
      size: of the square pictures, in pixels.
      batch: how many meshes, each with its own shape and pose.
      threads: of TensorFlow and of numba.
      kernel: one of `KERNELS`.
      culled: leave out triangles that face away.
    """

    triangles: int
    size: int
    batch: int
    threads: int
    kernel: str
    culled: bool = True


def all_cases(threads: Sequence[int]) -> list[Case]:
    """The whole product, and the usual case with the triangles that face away, too."""
    return [
        case
        for count in threads
        for case in [
            *(
                Case(triangles, size, batch, count, kernel)
                for triangles, size, batch, kernel in itertools.product(
                    TRIANGLES, SIZES, BATCHES, KERNELS
                )
            ),
            *_usual(count, culled=False),
        ]
    ]


def few_cases(threads: Sequence[int]) -> list[Case]:
    """The usual case of every kernel."""
    return [case for count in threads for case in _usual(count, culled=True)]


def _usual(threads: int, culled: bool) -> list[Case]:
    return [
        Case(USUAL_TRIANGLES, USUAL_SIZE, USUAL_BATCH, threads, kernel, culled)
        for kernel in KERNELS
    ]
