"""A regressor's parts, wherever they lie."""

from pathlib import Path

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.reconstruction.export.bundle import open_bundle
from tf_morph.reconstruction.run_parts import RunParts, open_run

SHIPPED = "package:reconstruction/regressor/open.tfmorph"  # its card lies beside it


def open_parts(source: str | Path | None = None) -> RunParts:
    """Opens a run's folder, or a file that `python -m tf_morph.export` made; None: the regressor
    that comes with the package.

    Raises:
      InputError: it is neither, or a file it needs is missing or wrong.
    """
    path = expand_path(SHIPPED) if source is None else Path(source)
    if path.is_dir():
        return open_run(path)
    if not path.exists():
        raise InputError(f"{path}: no such run; train one with train.py, or give an exported file")
    return open_bundle(path)
