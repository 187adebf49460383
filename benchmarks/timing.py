"""How long a step takes."""

import math
import time
from collections.abc import Callable

_LEAST = 2


def fastest_seconds(step: Callable[[], object], repeats: int, seconds: float = math.inf) -> float:
    """Of several calls the fastest; a first call, which traces and compiles, does not count.

    Args:
      step: is called.
      repeats: how many calls count, at most.
      seconds: once they have passed, after two calls, there are no more.
    """
    step()
    times = []
    while len(times) < repeats and (len(times) < _LEAST or sum(times) < seconds):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return min(times)
