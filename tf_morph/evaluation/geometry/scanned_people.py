"""People of whom there are a scan and photographs: a folder laid out as MICC Florence."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.geometry.mesh import Mesh
from tf_morph.evaluation.geometry.mesh_files import SUFFIXES, find_mesh, read_landmarks, read_mesh
from tf_morph.evaluation.reading import Skipped, read_photographs
from tf_morph.photographs.folders import Photographs, list_photographs

CONDITIONS = ("cooperative", "indoor", "outdoor")
MOST_FRAMES = 50  # of a video, evenly spread
_DISTRIBUTED = "Model/frontal1/obj"  # where MICC's own folders have a scan; from memory


@dataclass(frozen=True, eq=False)
class ScannedPerson:
    """Attributes:
    name: of the folder.
    scan: mm, as it is, not cut.
    landmarks: name to point [3] on it; may be empty.
    frames: condition to photographs [F, S, S, 3] uint8 sRGB, cropped as the run's are, F >= 1.
    true: the face itself in the run's model, where the scan was made from a known one.
    """

    name: str
    scan: Mesh
    landmarks: Mapping[str, np.ndarray]
    frames: Mapping[str, np.ndarray]
    true: Mesh | None = None


def read_people(context: Context, folder: Path) -> tuple[list[ScannedPerson], Skipped]:
    """Reads `<subject>/scan.obj` (or .ply, or the first below `Model/frontal1/obj`) and the frames
    `<subject>/{cooperative,indoor,outdoor}/*.jpg`, of which at most `MOST_FRAMES` a folder.

    Returns:
      The people with a scan and at least one frame, and (path, reason) of all that was left out.

    Raises:
      InputError: there is nobody like that.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give MICC's, with a folder a subject in it")
    subjects = sorted(path for path in folder.iterdir() if path.is_dir())
    scans = {path.name: found for path in subjects if (found := _scan_file(path))}
    skipped = [(str(path), "no scan in it") for path in subjects if path.name not in scans]
    listed = _listed(folder, scans)
    photographs, unread = read_photographs(context, folder, listed)
    frames: dict[str, dict[str, list]] = {name: {} for name in scans}
    for identity, image in zip(photographs.identities, photographs.images, strict=True):
        name, condition = identity.split("/")
        frames[name].setdefault(condition, []).append(image)
    people = []
    for name, scan in scans.items():
        if not frames[name]:
            skipped.append((str(folder / name), "no frame of it can be used"))
            continue
        images = {condition: np.stack(found) for condition, found in frames[name].items()}
        people.append(ScannedPerson(name, read_mesh(scan), read_landmarks(scan), images))
    return people, (*skipped, *unread)


def _scan_file(subject: Path) -> Path | None:
    found = find_mesh(subject, "scan")
    distributed = sorted((subject / _DISTRIBUTED).glob("*"))
    return found or next((path for path in distributed if path.suffix.lower() in SUFFIXES), None)


def _listed(folder: Path, names) -> Photographs:
    """The frames, as of people `subject/condition`."""
    paths, identities = [], []
    for name in names:
        for part in sorted((folder / name).iterdir()):
            if part.is_dir() and part.name.lower() in CONDITIONS and any(part.iterdir()):
                found = list_photographs(part).paths
                chosen = spread(len(found), MOST_FRAMES)
                paths += [found[i] for i in chosen]
                identities += [f"{name}/{part.name.lower()}"] * len(chosen)
    if not paths:
        raise InputError(
            f"{folder}: no subject with a scan and frames; expected <subject>/scan.obj and "
            f"<subject>/{{{','.join(CONDITIONS)}}}/*.jpg"
        )
    return Photographs(tuple(paths), tuple(identities))


def spread(count: int, most: int) -> np.ndarray:
    """Up to `most` of range(count), evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))
