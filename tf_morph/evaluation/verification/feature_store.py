"""Features of photographs by the content of their files: what was once computed is only read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tf_morph.array_cache import keep_arrays, read_arrays

_DIGEST_BYTES = 16


class FeatureStore:
    """Feature vectors of one output of one network under one crop, kept in one file.

    A file that is damaged, or of vectors of another length, counts as empty.

    Attributes:
      seconds: the time steps took that were timed.
      timed: the photographs in them.
    """

    def __init__(self, path: Path, length: int):
        """Opens the store.

        Args:
          path: the file, there or not.
          length: of each vector.
        """
        self._path, self._length = path, length
        self._rows: dict[bytes, np.ndarray] = {}
        self.seconds, self.timed = 0.0, 0
        stored = _read(path, length)
        if stored is not None:
            digests, features, (self.seconds, self.timed) = stored
            keys = (digest.tobytes() for digest in digests)
            self._rows = dict(zip(keys, features, strict=True))

    @property
    def images_per_second(self) -> float:
        """Of the network alone, without reading photographs; nan where nothing was timed."""
        return self.timed / self.seconds if self.seconds > 0 else float("nan")

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._rows

    def add(self, features: Mapping[bytes, np.ndarray]) -> None:
        """Takes {digest: finite float32 [D]}."""
        self._rows.update(features)

    def note(self, seconds: float, photographs: int) -> None:
        """Adds what one step took."""
        self.seconds, self.timed = self.seconds + seconds, self.timed + photographs

    def forget_speed(self) -> None:
        """Drops what was timed, so that a speed is that of one run."""
        self.seconds, self.timed = 0.0, 0

    def get(self, digests: Sequence[bytes]) -> np.ndarray:
        """[N, D] float32; a digest that is not in the store gives a row of nan."""
        empty = np.full(self._length, np.nan, np.float32)
        rows = [self._rows.get(digest, empty) for digest in digests]
        return np.array(rows, np.float32).reshape(len(digests), self._length)

    def save(self) -> None:
        """Writes the file.

        Raises:
          InputError: its folder cannot be written.
        """
        digests = np.frombuffer(b"".join(self._rows), np.uint8).reshape(-1, _DIGEST_BYTES)
        features = np.array(list(self._rows.values()), np.float32).reshape(-1, self._length)
        speed = np.array([self.seconds, self.timed])
        keep_arrays(self._path, "features", digests=digests, features=features, speed=speed)


def _read(path: Path, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    stored = read_arrays(path, ("digests", "features", "speed"))
    if stored is None:
        return None
    digests, features, speed = stored
    sound = (
        digests.dtype == np.uint8
        and digests.shape == (len(digests), _DIGEST_BYTES)
        and features.shape == (len(digests), length)
        and speed.shape == (2,)
        and np.isfinite(features).all()
    )
    return (digests, features, speed) if sound else None
