"""Errors a user can mend, and how the commands show them."""

import sys
from collections.abc import Callable, Sequence

from absl import app


class InputError(ValueError):
    """Bad input: the message is one line saying what was wrong, where, and what to do."""


def run_main(main: Callable[[Sequence[str]], None]) -> None:
    """Runs an absl `main`; an `InputError` ends the process with its one line and status 2."""

    def guarded(argv: Sequence[str]) -> None:
        try:
            main(argv)
        except InputError as error:
            print(f"error: {error}", file=sys.stderr)
            sys.exit(2)

    app.run(guarded)
