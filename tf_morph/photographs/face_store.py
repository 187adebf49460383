"""Detected faces kept on disk by the content of the photographs' files."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tf_morph.array_cache import keep_arrays, read_arrays
from tf_morph.photographs.detection import DetectedFace, detector_fingerprint

_NUMBERS_OF_A_FACE = 15  # box, five points, score
_DIGEST_BYTES = 16


def content_digest(content: bytes) -> str:
    """Hex; equal for equal bytes."""
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()


class FaceStore:
    """What one detector found in photographs; one file a folder and detector.

    A damaged file counts as none. Several runs may share a folder: saving keeps what another one
    has saved meanwhile.
    """

    def __init__(self, folder: str | Path | None):
        """Reads what is there; with `folder` None nothing is read or written."""
        self._path = None
        if folder is not None:
            self._path = Path(folder) / f"faces-{detector_fingerprint()}.npz"
        self._rows = self._read()
        self._unsaved = False

    def __contains__(self, digest: str) -> bool:
        return digest in self._rows

    def __getitem__(self, digest: str) -> tuple[DetectedFace, ...]:
        """The faces in the photograph whose content has this digest, the surest first."""
        return tuple(
            DetectedFace(row[:4], row[4:14].reshape(5, 2), float(row[14]))
            for row in self._rows[digest]
        )

    def __setitem__(self, digest: str, faces: Sequence[DetectedFace]) -> None:
        rows = [np.concatenate([f.box, f.five_points.ravel(), [f.score]]) for f in faces]
        self._rows[digest] = np.array(rows, np.float64).reshape(-1, _NUMBERS_OF_A_FACE)
        self._unsaved = True

    def save(self) -> None:
        """Writes what is new.

        Raises:
          InputError: the folder cannot be written.
        """
        if self._path is None or not self._unsaved:
            return
        self._rows = {**self._read(), **self._rows}
        counts = np.array([len(rows) for rows in self._rows.values()], np.int64)
        faces = np.concatenate(list(self._rows.values()))
        digests = np.array(list(self._rows))
        keep_arrays(self._path, "detected faces", digests=digests, counts=counts, faces=faces)
        self._unsaved = False

    def _read(self) -> dict[str, np.ndarray]:
        if self._path is None:
            return {}
        stored = read_arrays(self._path, ("digests", "counts", "faces"))
        if stored is None:
            return {}
        digests, counts, faces = stored
        kinds = (digests.dtype.kind, counts.dtype.kind, faces.dtype.kind)
        if kinds != ("U", "i", "f") or counts.ndim != 1 or digests.shape != counts.shape:
            return {}
        sound = (counts >= 0).all() and faces.shape == (counts.sum(), _NUMBERS_OF_A_FACE)
        if not sound or not len(counts) or not np.isfinite(faces).all():
            return {}
        rows = np.split(faces, np.cumsum(counts)[:-1])
        return dict(zip(digests.tolist(), rows, strict=True))
