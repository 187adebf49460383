"""TensorFlow Graphics' transforms, imported without its long start.

Each of its modules asks `inspect.stack()` who imports it, to list its public names; that looks for
the source of every frame among all modules loaded, which takes seconds with TensorFlow's thousands.
"""

import contextlib
import inspect
import traceback
from collections.abc import Iterator


@contextlib.contextmanager
def _stack_without_sources() -> Iterator[None]:
    """`inspect.stack()` gives frames alone, which is all that TensorFlow Graphics takes of it."""

    def frames(context=1):
        return [(frame,) for frame, _ in traceback.walk_stack(inspect.currentframe().f_back)]

    stack, inspect.stack = inspect.stack, frames
    try:
        yield
    finally:
        inspect.stack = stack


with _stack_without_sources():
    from tensorflow_graphics.geometry.transformation import rotation_matrix_3d
    from tensorflow_graphics.rendering.camera import perspective

__all__ = ["perspective", "rotation_matrix_3d"]
