"""Rows as lines of a table, and how cost grows, in words."""

import math
from collections.abc import Mapping, Sequence

from benchmarks.rasterizer.cases import KERNELS, USUAL_BATCH, USUAL_SIZE, USUAL_TRIANGLES
from benchmarks.rasterizer.rows import Row

_COLUMNS = {
    "triangles": "9,",
    "size": "6",
    "batch": "6",
    "threads": "8",
    "kernel": "11",
    "forward_ms": "11.2f",
    "total_ms": "9.2f",
    "peak_mb": "8.1f",
    "tfg_ratio": "10.1f",
}
_TITLES = {"tfg_ratio": "tfg / it"}


def heading(machine: Mapping) -> str:
    """The machine in a line, what is measured, and the table's first line."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    cells = [_TITLES.get(name, name).rjust(_width(kind)) for name, kind in _COLUMNS.items()]
    return (
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load']}; {versions}\n"
        "Milliseconds an image, the fastest of several: clip transform, visibility and colours to\n"
        "pixels; total: and back to vertices and colours. peak_mb: a whole batch, beyond the "
        "inputs.\n\n" + "".join(cells)
    )


def line(row: Row) -> str:
    """A row of the table; behind it why it was not run, or what it draws beside the others."""
    cells = [_cell(row[name], kind) for name, kind in _COLUMNS.items()]
    notes = [f"not run: {row['not_run']}"] if row["not_run"] else []
    if not row["culled"]:
        notes.append("with the triangles that face away")
    return "".join(cells) + ("  " + "; ".join(notes) if notes else "")


def shares(rows: Sequence[Row]) -> str:
    """How much of each mesh faces away, and how much of its pictures it covers."""
    measured = {row["triangles"]: row for row in rows if row["facing_away"] is not None}
    return "\n".join(
        f"Of {count:,} triangles {row['facing_away']:.0%} face away; "
        f"they cover {row['covered']:.0%} of the pixels."
        for count, row in measured.items()
    )


def growth(rows: Sequence[Row]) -> str:
    """How total_ms an image grows with triangles, pixels and batch; "" where nothing varies."""
    usual = {"triangles": USUAL_TRIANGLES, "size": USUAL_SIZE, "batch": USUAL_BATCH}
    lines = []
    for name in usual:
        fixed = {other: value for other, value in usual.items() if other != name}
        for threads in sorted({row["threads"] for row in rows}):
            for kernel in KERNELS:
                chosen = {**fixed, "threads": threads, "kernel": kernel, "culled": True}
                lines += _series([row for row in rows if chosen.items() <= row.items()], name)
    return "\n".join(["How total_ms an image grows, all else as usual:", *lines]) if lines else ""


def exponent(amounts: Sequence[float], costs: Sequence[float]) -> float:
    """The p of the cost ~ amount^p that fits best (least squares of the logarithms)."""
    x, y = ([math.log(value) for value in values] for values in (amounts, costs))
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    return covariance / sum((a - x_mean) ** 2 for a in x)


def _series(rows: Sequence[Row], name: str) -> list[str]:
    points = [(row[name], row["total_ms"]) for row in rows if row["total_ms"]]
    if len(points) < 2:
        return []
    amounts, costs = zip(*points, strict=True)
    shown = ", ".join(f"{amount:,}: {cost:.2f}" for amount, cost in points)
    what, fitted = name, exponent(amounts, costs)
    if name == "size":
        what, fitted = "pixels", fitted / 2
    kernel, threads = rows[0]["kernel"], rows[0]["threads"]
    return [f"  {kernel}, threads {threads}, by {name}: {shown}; about {what}^{fitted:.2f}"]


def _cell(value: int | float | str | None, kind: str) -> str:
    return "-".rjust(_width(kind)) if value is None else format(value, f">{kind}")


def _width(kind: str) -> int:
    return int(kind.rstrip(",f").split(".")[0])
