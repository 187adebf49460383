"""Errors a user can mend, and how the commands show them."""

import os
import sys
from collections.abc import Callable, Sequence

from absl import app, flags, logging


class InputError(ValueError):
    """Bad input: the message is one line saying what was wrong, where, and what to do."""


def run_main(main: Callable[[Sequence[str]], None], positional: tuple[str, ...] = ()) -> None:
    """Runs an absl `main`; an `InputError`, a file or folder that the system refuses, or a bad flag
    ends it with one line and status 2.

    Args:
      main: takes the arguments that are no flags, the program's name first.
      positional: what those arguments are called, all of them needed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up notes

    def guarded(argv: Sequence[str]) -> None:
        if not flags.FLAGS["verbosity"].present:
            logging.set_verbosity(logging.WARNING)  # TensorFlow reports each checkpoint otherwise
        if len(argv) - 1 < len(positional):
            _end(f"missing {positional[len(argv) - 1]}; needed are {' '.join(positional)}")
        if len(argv) - 1 > len(positional):
            extra = argv[len(positional) + 1]
            _end(f"unexpected argument {extra!r}; flags are written --name=value (see --help)")
        try:
            main(argv)
        except InputError as error:
            _end(str(error))
        except OSError as error:  # no permission, a full disk, a folder where a file should be
            _end(f"{error.filename or 'reading or writing'}: {error.strerror or error}")

    app.run(guarded, flags_parser=_parse_flags)


def _parse_flags(argv: Sequence[str]) -> list[str]:
    """Parses flags; config files and overrides fail with many kinds of error, all the user's."""
    try:
        return flags.FLAGS(argv)
    except flags.Error as error:
        _end(str(error))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        _end(f"config: {error.args[0] if error.args else error}")
    except (OSError, ImportError, SyntaxError) as error:
        _end(f"config: {error}")


def _end(message: str) -> None:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)
