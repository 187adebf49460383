"""Every candidate's distances from the scans, as tables."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from tf_morph.evaluation.geometry.candidates import Candidates
from tf_morph.evaluation.geometry.fitting import GLOBAL, PER_MESH
from tf_morph.evaluation.geometry.mesh import Mesh
from tf_morph.evaluation.geometry.protocol import Fitted, Scan, measure

SCALING_WORDS = {GLOBAL: "one for the method", PER_MESH: "each mesh its own"}
_FIGURES = ("mean", "rmse", "scan_to_mesh", "mesh_to_scan", "median")
EACH_COLUMNS = ("scaling", "method", "person", "condition", "mesh", *_FIGURES, "scale")
COLUMNS = (
    *("scaling", "method", "condition", "mean_mm", "deviation_mm", "rmse_mm"),
    *("scan_to_mesh_mm", "mesh_to_scan_mm", "median_mm", "scale", "subjects", "meshes"),
)


class Measured(NamedTuple):
    """One method's meshes with where each fits its scan, by scaling."""

    candidates: Candidates
    fitted: Mapping[str, list[Fitted]]

    def of_person(self, row: int, scaling: str = GLOBAL) -> tuple[Mesh, Fitted]:
        """The first mesh of a person; raises `ValueError` where there is none."""
        index = self.candidates.people.index(row)
        return self.candidates.meshes[index], self.fitted[scaling][index]


def measure_all(candidates: Mapping[str, Candidates], scans: Sequence[Scan]) -> dict[str, Measured]:
    """Fits and measures every method's meshes; scans are of the people in their order."""
    found = {}
    bar = tqdm(candidates.items(), "meshes to scans", unit="method")
    for name, each in bar:
        whose = [scans[row] for row in each.people]
        found[name] = Measured(each, measure(each.meshes, whose, each.starts))
    return found


def each_mesh(measured: Mapping[str, Measured], names: Sequence[str]) -> pd.DataFrame:
    """A row a mesh and scaling, see `EACH_COLUMNS`; `names` are the people's."""
    rows = [
        (scaling, method, names[row], condition, number, *fitted.errors, fitted.placement.scale)
        for scaling in SCALING_WORDS
        for method, of_method in measured.items()
        for number, (row, condition, fitted) in enumerate(
            zip(
                of_method.candidates.people,
                of_method.candidates.conditions,
                of_method.fitted[scaling],
                strict=True,
            )
        )
    ]
    return pd.DataFrame(rows, columns=list(EACH_COLUMNS))


def summary(each: pd.DataFrame) -> pd.DataFrame:
    """A row a scaling, method and condition, see `COLUMNS`.

    A person's meshes are averaged first; `deviation_mm` is the standard deviation of the people's
    means, and `scale` the geometric mean.
    """
    rows = []
    for (scaling, method, condition), part in each.groupby(
        ["scaling", "method", "condition"], sort=False
    ):
        people = part.groupby("person")[list(_FIGURES)].mean()
        mean, rmse, *ways = people.mean()
        scale = float(np.exp(np.log(part["scale"]).mean()))
        spread = float(people["mean"].std(ddof=1))
        rows.append(
            (scaling, method, condition, mean, spread, rmse, *ways, scale, len(people), len(part))
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
