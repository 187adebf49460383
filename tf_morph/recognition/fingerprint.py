"""Hashes that tell one network's files from another's."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path


def fingerprint_files(files: Iterable[Path], extra: object) -> str:
    """SHA-256 (hex) over the files' names and bytes, in the order given, and `extra` as JSON."""
    digest = hashlib.sha256(json.dumps(extra, sort_keys=True).encode())
    for path in files:
        digest.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
