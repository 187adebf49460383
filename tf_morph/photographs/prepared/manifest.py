"""What a prepared folder holds: written once every shard is there, checked when it is opened."""

import collections
import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError
from tf_morph.photographs.prepared.plan import Plan
from tf_morph.photographs.prepared.records import LAYOUT
from tf_morph.photographs.prepared.shards import (
    FEATURES,
    IMAGES,
    NOBODY,
    SHARDS,
    ShardRecord,
    Skipped,
    finished_shard,
)

MANIFEST, INDEX, SKIPPED = "manifest.json", "index.csv", "skipped.csv"
INDEX_COLUMNS = ("path", "identity", "shard", "row", "offset")
WHAT = "photographs prepared for training by tf_morph"


def write_manifest(plan: Plan, folder: Path) -> dict[str, Any] | None:
    """Writes the manifest, if all of the plan's shards are finished.

    Any number of processes may do so at once. Files of shards of an older plan are removed.

    Returns:
      The manifest; None where a shard is still missing, and nothing was written.

    Raises:
      InputError: none of the photographs can be used.
    """
    records = []
    for number in range(len(plan.shards)):
        record = finished_shard(plan.shard(number), folder)
        if record is None:
            return None
        records.append(record)
    skipped = [Skipped(path, NOBODY, reason) for path, reason in plan.photographs.skipped]
    skipped += [row for record in records for row in record.skipped]
    if not any(record.paths for record in records):
        raise InputError(
            f"{plan.base}: of {len(skipped):,} photographs none can be used; the first, "
            f"{skipped[0].path}: {skipped[0].reason}"
        )
    _remove_others(folder, {record.name for record in records})
    _write_table(folder / INDEX, INDEX_COLUMNS, _index_rows(plan, records))
    _write_table(folder / SKIPPED, Skipped._fields, skipped)
    manifest = _manifest(plan, records, skipped, folder)
    with whole_file(folder / MANIFEST) as temporary:
        temporary.write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a prepared folder whose files are all there, of the sizes it says.

    Raises:
      InputError: the folder is not, or not wholly, prepared, a file is missing or cut short, or
        the index is not the one it was.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text())
        sizes = {f"{SHARDS}/{f['file']}": f["bytes"] for f in _files(manifest)}
        index = manifest["index"]["sha256"]
    except FileNotFoundError as error:
        raise InputError(
            f"{folder}: photographs not wholly prepared (no {MANIFEST}); start "
            "python -m tf_morph.photographs.prepare again, with every --task_index there is"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a manifest of prepared photographs ({error!r})") from error
    for name, size in sizes.items():
        try:
            there = (folder / name).stat().st_size
        except FileNotFoundError as error:
            raise InputError(f"{folder / name}: no such file; {_AGAIN}") from error
        if there != size:
            raise InputError(
                f"{folder / name}: {there:,} bytes, where the manifest says {size:,}; {_AGAIN}"
            )
    if not (folder / INDEX).exists() or _hash(folder / INDEX) != index:
        raise InputError(f"{folder / INDEX}: missing, or not as the manifest says; {_AGAIN}")
    return manifest


def is_prepared(folder: Path) -> bool:
    """Whether a folder holds prepared photographs, wholly or in part, rather than photographs."""
    return (folder / MANIFEST).exists() or (folder / SHARDS).is_dir()


_AGAIN = "prepare the photographs again, which makes what is missing"


def _files(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for shard in manifest["shards"]:
        yield shard["images"]
        yield shard["features"]


def _manifest(
    plan: Plan, records: Sequence[ShardRecord], skipped: Sequence[Skipped], folder: Path
) -> dict[str, Any]:
    reasons = collections.Counter(row.reason.split(" (")[0] for row in skipped)
    return {
        "what": WHAT,
        "source": str(plan.base),
        "counts": {
            "photographs": sum(len(record.paths) for record in records),
            "people": len({name for record in records for name in record.identities}),
            "skipped": len(skipped),
        },
        "recipe": plan.recipe.as_json(),
        "skipped": {"file": SKIPPED, "reasons": dict(reasons.most_common())},
        "index": {"file": INDEX, "sha256": _hash(folder / INDEX)},
        "records": LAYOUT,
        "shards": [
            {
                "photographs": len(record.paths),
                "images": _file(record, IMAGES),
                "features": _file(record, FEATURES),
            }
            for record in records
        ],
    }


def _file(record: ShardRecord, suffix: str) -> dict[str, Any]:
    size, digest = record.files[suffix]
    return {"file": f"{record.name}{suffix}", "bytes": size, "sha256": digest}


def _index_rows(plan: Plan, records: Sequence[ShardRecord]) -> Iterator[tuple]:
    """Rows of `INDEX_COLUMNS` in the order of the listing."""
    places = {
        path: (number, row, offset)
        for number, record in enumerate(records)
        for row, (path, offset) in enumerate(zip(record.paths, record.offsets, strict=True))
    }
    listed = plan.photographs
    for path, identity in zip(listed.paths, listed.identities, strict=True):
        if path in places:
            yield (path, identity, *places[path])


def _write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence]) -> None:
    with (
        whole_file(path) as temporary,
        temporary.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def _remove_others(folder: Path, names: set[str]) -> None:
    """Removes the shards of an older plan, and what processes that were killed left half-written"""
    for path in (folder / SHARDS).iterdir():
        if path.stem not in names and path.suffix in (IMAGES, FEATURES, ".json", ".partial"):
            path.unlink(missing_ok=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
