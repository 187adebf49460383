"""What is told of every training step."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence


class Observer:
    """Told of each step as it ends; does nothing unless a subclass says so.

    Attributes:
      ends_training: whether the step it was last told of is to be the run's last.
    """

    ends_training = False

    def after_step(self, step: int, values: Mapping[str, float]) -> None:
        """Called after the run's `step`th step, counted from 1, with that step's values by name."""

    def after_training(self) -> None:
        """Called once when the loop ends, whether by its last step or by an error."""


def due(steps: int, *intervals: int) -> Callable[[int], bool]:
    """Whether something is done after a step that is done at the end, and at any of the intervals.

    An interval of 0 is never due.
    """
    every = [interval for interval in intervals if interval]
    return lambda step: step == steps or any(step % interval == 0 for interval in every)


@contextlib.contextmanager
def observed(observers: Sequence[Observer]) -> Iterator[None]:
    """Tells the observers that training ended, whether by its last step or by an error."""
    try:
        yield
    finally:
        for observer in observers:
            observer.after_training()
