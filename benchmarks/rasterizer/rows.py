"""The table's rows: each case measured and compared with TF-Graphics', or why it was not run."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.rasterizer.cases import BATCHES, TFG, Case
from tf_morph.atomic import whole_file

FIGURES = ("forward_ms", "total_ms", "peak_mb", "tfg_ratio", "facing_away", "covered", "not_run")
_CALLS = 8  # about as many as a case's slowest measurement takes, first ones and memory's too

Row = dict[str, int | float | str | bool | None]
Measure = Callable[[Case], Row]


def measured_rows(
    cases: Sequence[Case],
    measuring: Callable[[int], AbstractContextManager[Measure]],
    limit_s: float,
    limit_mb: float = math.inf,
) -> Iterator[Row]:
    """Measures the cases, those of one number of threads after those of another.

    Args:
      cases: to be measured; TF-Graphics' before the same of other kernels, small batches first.
      measuring: of a number of threads gives, while its context lasts, what measures a case: it
        returns the figures, or {"not_run": why}, or {"unavailable": why} of kernels not there.
      limit_s, limit_mb: a case that would take longer or more memory, judged by smaller batches,
        is not run.

    Yields:
      A row a case, as it is measured: the case's fields and `FIGURES`, None where there is none.
      `tfg_ratio` is TF-Graphics' total_ms over the row's, `facing_away` a share of the triangles,
      `covered` one of the pixels, `not_run` a reason.
    """
    rows, absent = {}, {}
    for threads in dict.fromkeys(case.threads for case in cases):
        with measuring(threads) as measure:
            for case in (case for case in cases if case.threads == threads):
                reason = absent.get(case.kernel) or _too_much(case, rows, limit_s, limit_mb)
                found = {"not_run": reason} if reason else measure(case)
                if "unavailable" in found:
                    absent[case.kernel] = found["unavailable"]
                    found = {"not_run": found["unavailable"]}
                rows[case] = _row(case, found, rows.get(replace(case, kernel=TFG)))
                yield rows[case]


def write_rows(path: Path, machine: Mapping, rows: Sequence[Row]) -> None:
    """Writes {"machine": ..., "rows": [...]} as JSON, whole."""
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")


def _row(case: Case, found: Row, peer: Row | None) -> Row:
    row = {**asdict(case), **dict.fromkeys(FIGURES), **found}
    peer_ms = row["total_ms"] if case.kernel == TFG else peer and peer["total_ms"]
    if row["total_ms"] and peer_ms:
        row["tfg_ratio"] = peer_ms / row["total_ms"]
    return row


def _too_much(case: Case, rows: Mapping[Case, Row], limit_s: float, limit_mb: float) -> str | None:
    image_ms, image_mb = 0.0, 0.0
    for batch in (batch for batch in BATCHES if batch < case.batch):
        row = rows.get(replace(case, batch=batch), {})
        image_ms = max(image_ms, row.get("total_ms") or 0.0)
        image_mb = max(image_mb, (row.get("peak_mb") or 0.0) / batch)
    seconds, megabytes = _CALLS * case.batch * image_ms / 1e3, case.batch * image_mb
    if seconds > limit_s:
        return f"would take {seconds:.0f} s"
    return f"would need {megabytes / 1e3:.1f} GB" if megabytes > limit_mb else None
