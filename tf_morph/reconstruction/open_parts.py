"""A regressor's parts, wherever they lie."""

from pathlib import Path

from tf_morph.errors import InputError
from tf_morph.reconstruction.export.bundle import open_bundle
from tf_morph.reconstruction.run_parts import RunParts, open_run


def open_parts(source: str | Path) -> RunParts:
    """Opens a run's folder, or a file that `python -m tf_morph.export` made.

    Raises:
      InputError: it is neither, or a file it needs is missing or wrong.
    """
    path = Path(source)
    if path.is_dir():
        return open_run(path)
    if not path.exists():
        raise InputError(f"{path}: no such run; train one with train.py, or give an exported file")
    return open_bundle(path)
