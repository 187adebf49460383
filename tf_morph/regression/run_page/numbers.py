"""The numbers a run leaves in its folder, as far as they can be read."""

import io
from pathlib import Path

import numpy as np
import pandas as pd

STEP = "step"


def read_table(path: Path) -> pd.DataFrame | None:
    """A CSV file; None where there is none, or nothing in it can be read.

    A last line that is not ended yet is being written, and is left out.
    """
    try:
        text = path.read_text(errors="replace")
        whole = text[: text.rfind("\n") + 1]
        table = pd.read_csv(io.StringIO(whole), on_bad_lines="skip")
    except (OSError, ValueError):
        return None
    return table if len(table) else None


def read_course(path: Path) -> pd.DataFrame | None:
    """A CSV file of numbers by step: column `step` of finite numbers, ascending, others float.

    None where it is no such file; what is no number is not-a-number.
    """
    table = read_table(path)
    if table is None or STEP not in table:
        return None
    numbers = table.apply(pd.to_numeric, errors="coerce").astype(np.float64)
    numbers = numbers[np.isfinite(numbers[STEP])]
    return numbers.sort_values(STEP, kind="stable") if len(numbers) else None


def thinned(values: np.ndarray, most: int) -> np.ndarray:
    """Indices of at most about `most` of values [N], ascending, that keep every rise and fall.

    Of each of equal stretches, the least and the greatest value, and one that is not finite if
    there is one; the first and last of all.
    """
    if len(values) <= most:
        return np.arange(len(values))
    kept = {0, len(values) - 1}
    for stretch in np.array_split(np.arange(len(values)), max(1, most // 2)):
        finite = stretch[np.isfinite(values[stretch])]
        if len(finite):
            kept |= {finite[np.argmin(values[finite])], finite[np.argmax(values[finite])]}
        if len(finite) < len(stretch):
            kept.add(stretch[~np.isfinite(values[stretch])][0])
    return np.array(sorted(kept))
