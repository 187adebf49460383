"""What tests that start processes of their own share."""

import os
from pathlib import Path

import ml_collections

from tf_morph.config import save_config

# Of the home that tests then change: processes need not compile the kernels anew.
KERNELS = os.environ.get("NUMBA_CACHE_DIR") or str(Path("~/.cache/tf_morph/kernels").expanduser())
_CONFIG_FILE = """
from pathlib import Path
from tf_morph.config import load_config

def get_config():
    return load_config(Path({json!r}))
"""


def write_config_file(config: ml_collections.ConfigDict, folder: Path) -> Path:
    """A file as `--config` takes it, beside a `config.json` of the same."""
    save_config(config, folder / "config.json")
    file = folder / "config.py"
    file.write_text(_CONFIG_FILE.format(json=str(folder / "config.json")))
    return file
