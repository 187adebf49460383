"""A split by a file: who is trained on, and who stands in which gallery of the evaluation."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from tf_morph.errors import InputError
from tf_morph.photographs.folders import Photographs

TRAINING_SET = "training"
COLUMNS = ("identity", "set")
_MOST_NAMED = 3


@dataclasses.dataclass(frozen=True)
class FixedSplit:
    """Who is in which set; nobody is in two.

    Attributes:
      training: the people of the set `TRAINING_SET`.
      galleries: every other set's name, in the file's order, to its people.
      path: the file it was read from.
    """

    training: frozenset[str]
    galleries: Mapping[str, frozenset[str]]
    path: Path

    def indices(self, photographs: Photographs) -> tuple[np.ndarray, np.ndarray]:
        """(training, test): int64 indices into `photographs.paths`, each increasing.

        Test photographs are those of all galleries; photographs of people in no set are in
        neither.

        Raises:
          InputError: there is no photograph of somebody in a set.
        """
        photographed = set(photographs.identities)
        test = frozenset().union(*self.galleries.values())
        missing = sorted((self.training | test) - photographed)
        if missing:
            raise InputError(
                f"{self.path}: of {_named(missing)} there is no photograph that can be read; "
                "name people as their folders are named"
            )
        return tuple(
            np.array([i for i, name in enumerate(photographs.identities) if name in side], np.int64)
            for side in (self.training, test)
        )


def read_split(path: Path) -> FixedSplit:
    """Reads a CSV file with the columns `COLUMNS`, a row a person.

    Raises:
      InputError: there is no such file, or no table in it; a column is missing, a cell empty; a
        person is in it twice; there are no training people, no other set, or one person alone is
        in one.
    """
    sets = _sets_by_person(path).groupby("set", sort=False)["identity"].agg(frozenset).to_dict()
    training = sets.pop(TRAINING_SET, None)
    if not training:
        raise InputError(f"{path}: nobody is in the set {TRAINING_SET!r}, which is trained on")
    if not sets:
        raise InputError(f"{path}: no set but {TRAINING_SET!r}; give people to test on another")
    for name, people in sets.items():
        if len(people) < 2:
            raise InputError(
                f"{path}: the set {name!r} has one person; recall needs a gallery of at least 2"
            )
    return FixedSplit(training, sets, path)


def _sets_by_person(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError as error:
        raise InputError(
            f"{path}: no such file; it names each person's set (photographs.split)"
        ) from error
    except ValueError as error:  # pandas' parser errors and undecodable bytes are all of this kind
        raise InputError(f"{path}: not a table of comma-separated values ({error})") from error
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise InputError(
            f"{path}: no column {missing[0]!r}; a row a person is wanted, "
            f"its columns {' and '.join(COLUMNS)}"
        )
    for row, cells in enumerate(table[list(COLUMNS)].itertuples(index=False), 2):
        if not all(cells):
            raise InputError(f"{path}, row {row}: no {COLUMNS[cells.index('')]}")
    twice = table["identity"][table["identity"].duplicated()].tolist()
    if twice:
        raise InputError(f"{path}: {_named(twice)} twice; a person is in one set")
    return table


def _named(people: list[str]) -> str:
    more = len(people) - _MOST_NAMED
    return ", ".join(people[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
