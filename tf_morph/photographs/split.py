"""Training and test photographs with no person in both."""

import numpy as np

from tf_morph.errors import InputError
from tf_morph.photographs.folders import Photographs


def split_identities(
    photographs: Photographs, test_identities: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Splits photographs by person, the same way each time for the same people and seed.

    Args:
      photographs: whom to split; the order of the files does not matter to who is drawn.
      test_identities: how many people are held out, at random.
      seed: a non-negative integer.

    Returns:
      (training, test): int64 indices into `photographs.paths`, each increasing.

    Raises:
      InputError: the seed is negative, or fewer than one person would be left on a side.
    """
    people = sorted(set(photographs.identities))
    if len(people) < 2:
        raise InputError(f"{len(people)} person cannot be split into training and test people")
    if not 0 < test_identities < len(people):
        raise InputError(
            f"{test_identities} test identities of {len(people)} people; "
            f"give a number from 1 to {len(people) - 1}"
        )
    if seed < 0:
        raise InputError(f"seed {seed}: give a non-negative integer")
    order = np.random.default_rng(seed).permutation(len(people))
    held_out = {people[i] for i in order[:test_identities]}
    is_test = np.array([name in held_out for name in photographs.identities])
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)
