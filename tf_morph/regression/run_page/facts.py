"""What a run is made of, as its folder says."""

import json
from pathlib import Path

from tf_morph.regression.identity import identity_entries
from tf_morph.regression.run_folder import RunFolder

_PEOPLE = {
    "training": "people trained on",
    "test": "people never trained on",
    "validation": "people held out of training",
    "skipped": "photographs skipped",
}


def read_facts(folder: RunFolder) -> list[tuple[str, str]]:
    """(what, value) rows of the config's files and the people.

    Raises:
      InputError: it is no run's folder.
    """
    config = folder.read_config()
    compared = [entry.network.path for entry in identity_entries(config).values()]
    rows = [
        ("folder", folder.path.resolve().name),
        ("face model", config.face_model.path),
        ("photographs", config.photographs.folder),
        ("encoder", config.encoder.path),
        ("compared with in training", ", ".join(compared)),
        ("judge", config.judge.path or "none"),
        ("seed", str(config.seed)),
    ]
    return [*rows, *_people(folder.people)]


def read_versions(folder: RunFolder) -> list[tuple[str, str]]:
    """(package, version) rows; none where the file cannot be read."""
    return [(name, str(version)) for name, version in _read_json(folder.versions).items()]


def _people(path: Path) -> list[tuple[str, str]]:
    """How many there are on each side, and photographs skipped."""
    return [
        (_PEOPLE.get(name, name), f"{len(value):,}")
        for name, value in _read_json(path).items()
        if isinstance(value, list)
    ]


def _read_json(path: Path) -> dict:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
