"""Hard photographs of the user's own, with clean counterparts or without."""

import numpy as np
import pandas as pd

from tf_morph.errors import InputError
from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.reading import read_faces
from tf_morph.evaluation.stress.folders import FolderLevel, StressFolder
from tf_morph.evaluation.stress.measurement import (
    KEPT_AS,
    Example,
    Gallery,
    Sitting,
    Stressed,
    measure,
    recall_columns,
)
from tf_morph.recognition.recall import place

SHOWN = 5  # pictures of a style in the contact sheet
ITSELF_COLUMNS = (
    *("family", "stress", "level", "network", "role", "pictures", "gallery"),
    *("top1", "top1_low", "top1_high", "top5", "shape_square", "texture_square"),
)


def beside_clean(
    context: Context, family: str, folder: StressFolder
) -> tuple[pd.DataFrame, list[Example]]:
    """`measure` among the folder's own clean photographs; people without one are left out.

    Raises:
      InputError: fewer than two clean photographs, or a level none of whose people has one.
    """
    names = folder.clean.names
    if len(names) < 2:
        raise InputError(f"{folder.path}/clean: {len(names)} photograph; recall needs at least 2")
    rows = {name: row for row, name in enumerate(names)}
    images, everybody = folder.clean.images, np.arange(len(names))
    clean = read_faces(context.run, images, KEPT_AS)
    gallery = Gallery([network.features(images) for network in context.networks], everybody)
    levels = [_stressed(family, folder, clean, level, rows) for level in folder.levels]
    return measure(context, gallery, levels)


def _stressed(
    family: str,
    folder: StressFolder,
    clean: Coefficients,
    level: FolderLevel,
    rows: dict[str, int],
) -> Stressed:
    known = [index for index, name in enumerate(level.names) if name in rows]
    if len(known) < 2:
        raise InputError(
            f"{folder.path}/{level.stress}/{level.level}: {len(known)} of its people has a "
            "photograph of the same name in clean; at least 2 are needed"
        )
    whom = np.array([rows[level.names[index]] for index in known])
    sitting = Sitting(family, whom, clean.rows(whom))
    words = (level.stress, level.stress, level.level or level.stress)
    return Stressed(sitting, *words, level.amount, level.severity, level.images[known])


def among_themselves(
    context: Context, family: str, folder: StressFolder
) -> tuple[pd.DataFrame, list[Example]]:
    """For pictures without clean counterparts: is the very picture found by the drawing of the
    prediction from it, among all the folder's pictures; and how far the faces are from the mean.

    Returns:
      Rows of `ITSELF_COLUMNS`: `shape_square` and `texture_square` are mean squared coefficients,
      1 for faces of the prior; and an example a level.
    """
    images = np.concatenate([level.images for level in folder.levels])
    faces = read_faces(context.run, images, KEPT_AS)
    drawings = context.run.draw(*faces)
    ends = np.cumsum([len(level.images) for level in folder.levels])
    parts = [slice(end - len(lv.images), end) for end, lv in zip(ends, folder.levels, strict=True)]
    everything, rows = np.arange(len(images)), []
    for network in context.networks:
        gallery, queries = network.features(images), network.features(drawings)
        for level, part in zip(folder.levels, parts, strict=True):
            placing = place(queries[part], everything[part], gallery, everything)
            rows.append(
                {
                    "family": family,
                    "stress": level.stress,
                    "level": level.level,
                    "network": network.name,
                    "role": network.role,
                    "pictures": len(level.images),
                    "gallery": len(images),
                }
                | recall_columns(placing)
                | _squares(faces.rows(part))
            )
    pictures = [
        Example(
            f"{level.stress} {level.level}", ("",), images[part][:SHOWN], drawings[part][:SHOWN]
        )
        for level, part in zip(folder.levels, parts, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(ITSELF_COLUMNS)), pictures


def _squares(faces: Coefficients) -> dict[str, float]:
    return {
        f"{kind}_square": float(np.mean(np.square(values)))
        for kind, values in faces._asdict().items()
    }


def left_out(name: str, folder: StressFolder) -> tuple[str, ...]:
    """Notes on what of a folder was not measured."""
    notes = []
    if folder.clean is None:
        notes.append(f"{name.upper()}: no folder clean: its pictures are sought among themselves.")
    if folder.skipped:
        path, reason = folder.skipped[0]
        notes.append(
            f"{name.upper()}: {len(folder.skipped)} photographs could not be used, the first "
            f"{path}: {reason}."
        )
    if folder.clean is not None:
        known = set(folder.clean.names)
        alone = sum(name not in known for level in folder.levels for name in level.names)
        if alone:
            notes.append(f"{name.upper()}: {alone} photographs of people not in clean left out.")
    return tuple(notes)
