"""JSON files: of a bounded size, and every fault one line."""

import json
from pathlib import Path

from tf_morph.errors import InputError

MOST_BYTES = 64 * 2**20


def read_json(path: Path, what: str, remedy: str, most: int = MOST_BYTES):
    """What a JSON file holds.

    Args:
      path: the file.
      what: it should be, such as "a run's config", for errors.
      remedy: what to do where it is none.
      most: bytes of it.

    Raises:
      FileNotFoundError: there is no such file.
      InputError: it is too large, or no JSON; NaN and infinity are none, either.
    """
    size = path.stat().st_size
    if size > most:
        raise InputError(f"{path}: {size:,} bytes, too many for {what}; {remedy}")
    return parse_json(path.read_bytes(), str(path), what, remedy)


def parse_json(content: bytes, name: str, what: str, remedy: str):
    """The same of bytes; see `read_json`."""
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        why = (" ".join(str(error).split()) or type(error).__name__)[:120]
        raise InputError(f"{name}: not {what}, or a damaged one ({why}); {remedy}") from error


def _no_number(text: str):
    raise ValueError(f"{text} is no number")
