"""The embedded world: everything a run needs, made on first use by this project's own code.

    python -m tf_morph.embedded.world FOLDER

It has the file layouts of real assets, so that a run on it takes the same path through the code:

    FOLDER/face_model.h5            Basel layout; fewer components than the people have
    FOLDER/photographs/<person>/    of everybody, in LFW's layout
    FOLDER/split.csv                who is for training, who in which gallery
    FOLDER/truth/face_model.h5      the model the people were drawn from
    FOLDER/truth/people.npz         identities [P], shape [P, K], texture [P, L]: who they are in it
    FOLDER/world.json               what made it, how long it took, checksums

The people are open heads (morphable_model/makehuman.py), with more to them than the regressor's
model can say; their photographs show expressions, hair, glasses and what else gets in the way. The
judge comes with the package: `python -m tf_morph.embedded.rebuild` made it, from photographs of
people who are in no world.
"""

import contextlib
import csv
import dataclasses
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from absl import flags

from tf_morph.array_cache import write_arrays
from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.embedded.people import People, draw_people
from tf_morph.embedded.photographer import SIZE, Assignment, photograph_people
from tf_morph.errors import InputError, run_main
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.makehuman import PAINTED_PEOPLE, leading_components
from tf_morph.morphable_model.makehuman_residual import people_head

VERSION = 3  # raised whenever the same seed gives another world
_PEOPLE, _PHOTOGRAPHS = 1, 2  # streams of a world's seed
_RECORD = "world.json"
_LOCK, _CLAIM = ".lock", ".made_by.json"  # only while it is being made


@dataclasses.dataclass(frozen=True)
class WorldPlan:
    """How large a world is.

    Attributes:
      size: side of photographs, pixels.
      painted_people: see `people_head`.
      photographs: of each person.
      sets: name and number of people of each set of the split.
    """

    size: int = SIZE
    painted_people: int = PAINTED_PEOPLE
    photographs: int = 2
    sets: tuple[tuple[str, int], ...] = (("training", 2000), ("the 84", 84), ("the 1000", 1000))


def ensure_world(folder: str | Path, seed: int = 0, plan: WorldPlan | None = None) -> None:
    """Makes the world in `folder`, unless it is there.

    It is built beside `folder` and moved there once whole; what an interrupted call had finished
    is taken up by the next. A second process waits for the first.

    Args:
      folder: made where it is missing; `~` and environment variables are expanded.
      seed: of everything random; the same seed gives the same people and photographs.
      plan: how large; `WorldPlan()` by default.

    Raises:
      InputError: `folder` holds something else, or a world of another seed, plan or version; the
        open head's data are not installed.
    """
    folder, plan = expand_path(str(folder)), plan or WorldPlan()
    if _is_made(folder, seed, plan):
        return
    print(f"{folder}: making the embedded world, once; about two minutes", flush=True)
    partial = folder.with_name(folder.name + ".partial")
    with _alone(partial):
        if _is_made(folder, seed, plan):
            shutil.rmtree(partial, ignore_errors=True)
            return
        _claim(partial, seed, plan)
        _build(partial, seed, plan)
        os.replace(partial, folder)
        for name in (_LOCK, _CLAIM):
            (folder / name).unlink(missing_ok=True)


def _is_made(folder: Path, seed: int, plan: WorldPlan) -> bool:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return False
    try:
        made_by = json.loads((folder / _RECORD).read_text())["made_by"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder}: holds no embedded world, or a damaged one; name another folder, or remove "
            "it if it was one"
        ) from error
    if made_by != _made_by(seed, plan):
        raise InputError(
            f"{folder}: an embedded world of another seed, size or version; remove it or name "
            "another folder"
        )
    return True


def _made_by(seed: int, plan: WorldPlan) -> dict:
    """What decides the world's content, as JSON reads it back."""
    plain = {"version": VERSION, "seed": seed, "plan": dataclasses.asdict(plan)}
    return json.loads(json.dumps(plain))


@contextlib.contextmanager
def _alone(partial: Path) -> Iterator[None]:
    partial.mkdir(parents=True, exist_ok=True)
    with open(partial / _LOCK, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        partial.mkdir(parents=True, exist_ok=True)  # another process may have moved it away
        yield


def _claim(partial: Path, seed: int, plan: WorldPlan) -> None:
    """Drops what an interrupted call has left, if it was to be another world."""
    claim = partial / _CLAIM
    wanted = json.dumps(_made_by(seed, plan), sort_keys=True)
    if not claim.exists() or claim.read_text() != wanted:
        for entry in partial.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != _LOCK:
                entry.unlink()
        claim.write_text(wanted)


def _build(folder: Path, seed: int, plan: WorldPlan) -> None:
    start = time.monotonic()
    faces = _face_models(folder, seed, plan)
    seconds = {"face model": round(time.monotonic() - start, 1)}
    people = draw_people(faces, sum(count for _, count in plan.sets), [seed, _PEOPLE])
    _write_truth(folder / "truth" / "people.npz", people)
    _write_split(folder / "split.csv", people, plan)
    assignment = Assignment(plan.photographs, plan.size, [seed, _PHOTOGRAPHS])
    photograph_once(faces, people, assignment, folder / "photographs")
    seconds["all"] = round(time.monotonic() - start, 1)
    record = {
        "made_by": _made_by(seed, plan),
        "seconds": seconds,
        "sha256": _checksums(folder),
    }
    (folder / _RECORD).write_text(json.dumps(record, indent=2) + "\n")


def _face_models(folder: Path, seed: int, plan: WorldPlan) -> MorphableModel:
    """The people's model; it and the regressor's are in the folder then."""
    truth = folder / "truth" / "face_model.h5"
    if truth.exists():
        return MorphableModel.load(truth)
    faces = people_head(seed, plan.painted_people)
    leading_components(faces).save(folder / "face_model.h5")
    faces.save(truth)
    return faces


def _write_truth(path: Path, people: People) -> None:
    write_arrays(
        path, identities=np.array(people.names), shape=people.shape, texture=people.texture
    )


def _write_split(path: Path, people: People, plan: WorldPlan) -> None:
    sets = [name for name, count in plan.sets for _ in range(count)]
    with whole_file(path) as temporary, open(temporary, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("identity", "set"))
        writer.writerows(zip(people.names, sets, strict=True))


def photograph_once(
    model: MorphableModel, people: People, assignment: Assignment, folder: Path, name: str = ""
) -> None:
    """`photograph_people`, unless `folder` is there; it appears when it is whole."""
    if folder.exists():
        return
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    photograph_people(model, people, assignment, partial, name)
    os.replace(partial, folder)


def _checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of each file; of the photographs, of all their names and bytes."""
    files = ("face_model.h5", "split.csv", "truth/face_model.h5", "truth/people.npz")
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}
    digest = hashlib.sha256()
    for path in sorted((folder / "photographs").rglob("*.jpg")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return sums | {"photographs": digest.hexdigest()}


def main(argv: Sequence[str]) -> None:
    ensure_world(argv[1], flags.FLAGS.seed)
    print(f"{argv[1]}: {(expand_path(argv[1]) / _RECORD).read_text()}")


if __name__ == "__main__":
    flags.DEFINE_integer("seed", 0, "of everything random in the world", lower_bound=0)
    run_main(main, ("FOLDER",))
