"""The embedded world: everything a run needs, made on first use by this project's own code.

    python -m tf_morph.embedded.world FOLDER

It has the file layouts of real assets, so that a run on it takes the same path through the code:

    FOLDER/face_model.h5                 Basel layout; fewer components than the people have
    FOLDER/photographs/<person>/*.jpg    people for the regressor, in LFW's layout
    FOLDER/recognition/encoder, judge    SavedModels, each trained on people of its own
    FOLDER/recognition/people_of_*       those people's photographs
    FOLDER/world.json                    what made it, how long it took, how good the networks are

It is sized for an installation to be tried in minutes, and shows no more than that its parts work
together: the people have one expression, and hair that changes with every photograph.
One making, seed 0, took 340 s on two cores that others kept busy (197 s of processor time); on
the regressor's 700 people, unseen by both, the encoder's AUC was 0.996, the judge's 0.993.
"""

import contextlib
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

from tf_morph.config import expand_path, network_config
from tf_morph.embedded.photographer import People, photograph_people
from tf_morph.errors import InputError, run_main
from tf_morph.morphable_model.procedural import (
    PAINTED_PEOPLE,
    full_model,
    leading_components,
)
from tf_morph.photographs import list_photographs, load_photographs
from tf_morph.recognition import compute_features, load_network
from tf_morph.recognition.contrastive import Schedule
from tf_morph.recognition.train import NetworkPlan, train_network
from tf_morph.recognition.verification import pair_auc

VERSION = 1  # raised whenever the same seed gives another world
_RECORD = "world.json"
_LOCK, _CLAIM = ".lock", ".made_by.json"  # only while it is being made


@dataclasses.dataclass(frozen=True)
class WorldPlan:
    """How large a world is.

    Attributes:
      size: side of photographs and of the networks' pictures, pixels.
      painted_people: see `full_model`.
      people, photographs: for the regressor, and how many photographs of each.
      network_people, network_photographs: the same for each network's training.
      encoder, judge: the networks; their schedules' seeds are set from the world's.
    """

    size: int = 64
    painted_people: int = PAINTED_PEOPLE
    people: int = 700
    photographs: int = 3
    network_people: int = 800
    network_photographs: int = 4
    encoder: NetworkPlan = NetworkPlan("strided", 24, 128, schedule=Schedule(500))
    judge: NetworkPlan = NetworkPlan("stacked", 12, 128, schedule=Schedule(350))


def ensure_world(folder: str | Path, seed: int = 0, plan: WorldPlan | None = None) -> None:
    """Makes the world in `folder`, unless it is there.

    It is built beside `folder` and moved there once whole; what an interrupted call had finished
    is taken up by the next. A second process waits for the first.

    Args:
      folder: made where it is missing; `~` and environment variables are expanded.
      seed: of everything random; the same seed gives the same people and photographs.
      plan: how large; `WorldPlan()` by default.

    Raises:
      InputError: `folder` holds something else, or a world of another seed, plan or version.
    """
    folder, plan = expand_path(str(folder)), plan or WorldPlan()
    if _is_made(folder, seed, plan):
        return
    print(f"{folder}: making the embedded world, once; a few minutes", flush=True)
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
        record = json.loads((folder / _RECORD).read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: holds no embedded world; name another folder") from error
    if record.get("made_by") != _made_by(seed, plan):
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
    facts_folder = folder / "recognition"
    facts_folder.mkdir(exist_ok=True)
    faces = full_model(seed, plan.painted_people)
    if not (folder / "face_model.h5").exists():
        leading_components(faces).save(folder / "face_model.h5")
    people = People(plan.people, plan.photographs, plan.size, 10 * seed)
    _photograph(faces, people, folder / "photographs", "for the regressor")
    networks = {}
    for number, name in enumerate(("encoder", "judge"), 1):
        photos = facts_folder / f"people_of_{name}"
        people = People(
            plan.network_people, plan.network_photographs, plan.size, 10 * seed + number
        )
        _photograph(faces, people, photos, f"for the {name}")
        networks[name] = _train(photos, facts_folder / name, getattr(plan, name), people.seed, plan)
    auc = _measure(folder, plan)
    record = {
        "made_by": _made_by(seed, plan),
        "seconds": round(time.monotonic() - start, 1),
        "networks": {
            name: facts | {"auc_on_people_of_the_regressor": auc[name]}
            for name, facts in networks.items()
        },
        "sha256": _checksums(folder),
    }
    (folder / _RECORD).write_text(json.dumps(record, indent=2) + "\n")


def _photograph(faces, people: People, folder: Path, name: str) -> None:
    if folder.exists():
        return
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    photograph_people(faces, people, partial, name)
    os.replace(partial, folder)


def _train(photos: Path, out: Path, network: NetworkPlan, seed: int, plan: WorldPlan) -> dict:
    """Facts of the training, kept beside the network for a call that finds it made."""
    facts = out.with_name(out.name + ".json")
    if not (out.exists() and facts.exists()):
        shutil.rmtree(out, ignore_errors=True)
        network = network._replace(
            input_size=plan.size, unseen_share=0.0, schedule=network.schedule._replace(seed=seed)
        )
        facts.write_text(json.dumps(train_network(photos, out, network, out.name)))
    return json.loads(facts.read_text())


def _measure(folder: Path, plan: WorldPlan) -> dict[str, float]:
    """Each network's AUC on the regressor's people, whom neither was trained on."""
    listed = list_photographs(folder / "photographs")
    loaded = load_photographs(listed.paths, None, plan.size)
    identities = np.array(listed.identities)[loaded.kept]
    auc = {}
    for name in ("encoder", "judge"):
        path = str(folder / "recognition" / name)
        network = load_network(network_config(name, path, input_size=plan.size))
        embeddings = compute_features(network, loaded.images)["embedding"]
        auc[name] = round(pair_auc(embeddings, identities), 4)
    return auc


def _checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of the face model, and of the names and bytes of all files of each folder."""
    sums = {"face_model.h5": hashlib.sha256((folder / "face_model.h5").read_bytes()).hexdigest()}
    for name in ("photographs", "recognition/encoder", "recognition/judge"):
        digest = hashlib.sha256()
        for path in sorted(p for p in (folder / name).rglob("*") if p.is_file()):
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
        sums[name] = digest.hexdigest()
    return sums


def main(argv: Sequence[str]) -> None:
    ensure_world(argv[1], flags.FLAGS.seed)
    print(f"{argv[1]}: {(expand_path(argv[1]) / _RECORD).read_text()}")


if __name__ == "__main__":
    flags.DEFINE_integer("seed", 0, "of everything random in the world", lower_bound=0)
    run_main(main, ("FOLDER",))
