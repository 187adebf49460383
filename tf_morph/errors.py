"""Errors a user can mend, and how the commands show them."""

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence

from absl import app, flags, logging

TRUST_VARIABLE = "TF_MORPH_TRUST_GRAPHS"
_INTERRUPTED = 130  # as shells report a command ended by Ctrl-C


class InputError(ValueError):
    """Bad input: the message is one line saying what was wrong, where, and what to do."""

    @property
    def lines(self) -> tuple[str, ...]:
        """What a command shows, the first line the message."""
        return (str(self),)


class InputErrors(InputError):
    """Several faults of one kind at once, which a command shows a line each."""

    def __init__(self, summary: str, faults: Sequence[str]):
        """Joins the faults.

        Args:
          summary: what they have in common.
          faults: a line each, as an `InputError`'s.
        """
        super().__init__(f"{summary}: {'; '.join(faults)}")
        self._lines = (f"{summary}:", *faults)

    @property
    def lines(self) -> tuple[str, ...]:
        return self._lines


def run_main(
    main: Callable[[Sequence[str]], None],
    positional: tuple[str, ...] = (),
    define_flags: Callable[[], None] = lambda: None,
) -> None:
    """Runs an absl `main`; an `InputError`, a file or folder that the system refuses, or a bad flag
    ends it with one line and status 2; Ctrl-C, once it runs, with one line and status 130.

    Args:
      main: takes the arguments that are no flags, the program's name first.
      positional: what those arguments are called, all of them needed; where the last ends in
        "...", it may be given more than once.
      define_flags: defines the command's flags; a config flag reads its default file at once, so
        that this, too, fails for reasons of the user's.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up notes

    flags.DEFINE_bool(
        "trust_graphs",
        False,
        "Networks' graphs are your own: whatever operations they hold, files read or written.",
    )

    def guarded(argv: Sequence[str]) -> None:
        if flags.FLAGS["trust_graphs"].value:
            os.environ[TRUST_VARIABLE] = "1"  # read by processes that are started, too
        if not flags.FLAGS["verbosity"].present:
            logging.set_verbosity(logging.WARNING)  # TensorFlow reports each checkpoint otherwise
        if len(argv) - 1 < len(positional):
            _end(f"missing {positional[len(argv) - 1]}; needed are {' '.join(positional)}")
        if len(argv) - 1 > len(positional) and not "".join(positional[-1:]).endswith("..."):
            extra = argv[len(positional) + 1]
            _end(f"unexpected argument {extra!r}; flags are written --name=value (see --help)")
        try:
            main(argv)
        except InputError as error:
            _end(*error.lines)
        except OSError as error:  # no permission, a full disk, a folder where a file should be
            _end(f"{error.filename or 'reading or writing'}: {error.strerror or error}")
        except KeyboardInterrupt:
            _end("interrupted", status=_INTERRUPTED)

    with _flag_errors():
        define_flags()
    app.run(guarded, flags_parser=_parse_flags)


def _parse_flags(argv: Sequence[str]) -> list[str]:
    with _flag_errors():
        return flags.FLAGS(argv)


@contextlib.contextmanager
def _flag_errors() -> Iterator[None]:
    """Config files and overrides fail with many kinds of error, all the user's."""
    try:
        yield
    except flags.Error as error:
        _end(str(error))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # ml_collections nests the message of one error, quoted, in the next.
        message = str(error.args[0] if error.args else error).replace("\\n", " ")
        message = message.replace("\\", "").strip("\"'").replace("' ", ": ")
        _end(f"{_config_line(error)}: {message}")
    except (OSError, ImportError, SyntaxError) as error:
        _end(f"config: {error}")


def _config_line(error: Exception) -> str:
    """The file and line of a config file an error comes from, or `config` for an override."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.name == "get_config":
            return f"{frame.filename}:{frame.lineno}"
    return "config"


def _end(message: str, *details: str, status: int = 2) -> None:
    print(f"error: {_on_one_line(message)}", file=sys.stderr)
    for detail in details:
        print(f"  {_on_one_line(detail)}", file=sys.stderr)
    sys.exit(status)


def _on_one_line(message: str) -> str:
    return " ".join(message.split())
