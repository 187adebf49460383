"""One shard: made whole or not at all, and known again when it is there."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.atomic import whole_file
from tf_morph.photographs.aligned import load_aligned
from tf_morph.photographs.prepared.plan import ShardPlan
from tf_morph.photographs.prepared.records import FRAME_BYTES, feature_record, image_record

SHARDS = "shards"  # the folder they are in
IMAGES, FEATURES, RECORD = ".images", ".features", ".json"
NOBODY = ""  # the identity of files that never counted as photographs, such as empty ones
NOT_FINITE = "a network's features of it are not finite"
_BLOCK = 256  # photographs held at once
_BATCH = 64  # pictures a step of the networks

# Images uint8 [B, S, S, 3] sRGB -> {feature's key: float32 [B, D]}.
ComputeFeatures = Callable[[np.ndarray], Mapping[str, np.ndarray]]


class Skipped(NamedTuple):
    """A photograph that could not be used."""

    path: str
    identity: str
    reason: str


@dataclasses.dataclass(frozen=True)
class ShardRecord:
    """What a finished shard holds.

    Attributes:
      name: of its files, without suffix.
      inputs: the `inputs_digest` of the plan it was made by.
      files: {`IMAGES` or `FEATURES`: (bytes, SHA-256 in hex)}.
      paths: of the photographs, in the order of the records.
      identities: the person on each.
      offsets: the byte at which each one's record begins in the file of images.
      skipped: photographs of the plan that are not in it.
    """

    name: str
    inputs: str
    files: Mapping[str, tuple[int, str]]
    paths: tuple[str, ...]
    identities: tuple[str, ...]
    offsets: tuple[int, ...]
    skipped: tuple[Skipped, ...]


def make_shard(
    plan: ShardPlan,
    folder: Path,
    compute: ComputeFeatures,
    *,
    threads: int | None = None,
    report: Callable[[int], None] = lambda photographs: None,
) -> None:
    """Prepares a shard's photographs; its `ShardRecord` is written last.

    Args:
      plan: of the shard.
      folder: the prepared folder.
      compute: what gives the features.
      threads: that decode; the number of cores when None.
      report: told after each block how many photographs it had.
    """
    inputs = plan.inputs_digest()  # before: what changes meanwhile is then made again
    stem = folder / SHARDS / plan.name
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(RECORD).unlink(missing_ok=True)
    images, features = (stem.with_suffix(suffix) for suffix in (IMAGES, FEATURES))
    kept, offsets, skipped = [], [0], []
    with whole_file(images) as image_path, whole_file(features) as feature_path:
        writer = tf.io.TFRecordWriter
        with writer(str(image_path)) as image_file, writer(str(feature_path)) as feature_file:
            for block in _blocks(plan, compute, threads, skipped, report):
                for position, image, values in block:
                    record = image_record(image, plan.paths[position], plan.identities[position])
                    image_file.write(record)
                    feature_file.write(feature_record(values))
                    offsets.append(offsets[-1] + len(record) + FRAME_BYTES)
                    kept.append(position)
    _write_record(
        stem.with_suffix(RECORD),
        ShardRecord(
            name=plan.name,
            inputs=inputs,
            files={IMAGES: _size_and_hash(images), FEATURES: _size_and_hash(features)},
            paths=tuple(plan.paths[i] for i in kept),
            identities=tuple(plan.identities[i] for i in kept),
            offsets=tuple(offsets[:-1]),
            skipped=tuple(skipped),
        ),
    )


def finished_shard(plan: ShardPlan, folder: Path) -> ShardRecord | None:
    """The record of a shard that is there, whole, and made by this plan; else None."""
    record = read_record(folder, plan.name)
    if record is None or not all(
        _size(folder / SHARDS / f"{plan.name}{suffix}") == size
        for suffix, (size, _) in record.files.items()
    ):
        return None
    return record if record.inputs == plan.inputs_digest() else None


def read_record(folder: Path, name: str) -> ShardRecord | None:
    """What the shard of this name holds; None where it is not finished."""
    try:
        written = json.loads((folder / SHARDS / f"{name}{RECORD}").read_text())
        return ShardRecord(
            name=name,
            inputs=written["inputs"],
            files={suffix: tuple(values) for suffix, values in written["files"].items()},
            paths=tuple(written["paths"]),
            identities=tuple(written["identities"]),
            offsets=tuple(written["offsets"]),
            skipped=tuple(Skipped(*row) for row in written["skipped"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _blocks(
    plan: ShardPlan,
    compute: ComputeFeatures,
    threads: int | None,
    skipped: list[Skipped],
    report: Callable[[int], None],
) -> Iterator[list[tuple[int, np.ndarray, dict[str, np.ndarray]]]]:
    """(position in the plan, image, {key: [V, D]}) of each usable photograph, a block at a time."""
    files = plan.files
    for start in range(0, len(plan), _BLOCK):
        block = files[start : start + _BLOCK]
        recipe = plan.recipe
        loaded = load_aligned(block, recipe.crop, recipe.size, threads=threads, progress=False)
        reasons = dict(loaded.skipped)
        features = _features(compute, loaded.images, recipe.mirrored)
        finite = np.ones(len(loaded.images), bool)
        for values in features.values():
            finite &= np.isfinite(values).all(axis=(1, 2))
        rows = {int(position): row for row, position in enumerate(loaded.kept) if finite[row]}
        for position, file in enumerate(block):
            if position not in rows:
                path, identity = plan.paths[start + position], plan.identities[start + position]
                skipped.append(Skipped(path, identity, reasons.get(file, NOT_FINITE)))
        yield [
            (start + position, loaded.images[row], {k: v[row] for k, v in features.items()})
            for position, row in rows.items()
        ]
        report(len(block))


def _features(
    compute: ComputeFeatures, images: np.ndarray, mirrored: bool
) -> dict[str, np.ndarray]:
    """{key: float32 [N, V, D]}; none where there are no images."""
    if not len(images):
        return {}
    variants = [images, images[:, :, ::-1]] if mirrored else [images]
    computed = [_in_batches(compute, variant) for variant in variants]
    return {key: np.stack([part[key] for part in computed], axis=1) for key in computed[0]}


def _in_batches(compute: ComputeFeatures, images: np.ndarray) -> dict[str, np.ndarray]:
    parts = [compute(images[i : i + _BATCH]) for i in range(0, len(images), _BATCH)]
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _write_record(path: Path, record: ShardRecord) -> None:
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(dataclasses.asdict(record)) + "\n")


def _size_and_hash(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return _size(path), hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
