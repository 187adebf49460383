"""Rebuilds from nothing what the embedded default needs and the package ships.

    python -m tf_morph.embedded.rebuild OUT

    OUT/face_model.h5            as every world of seed 0 has it
    OUT/photographs/encoder/     people the encoder is trained on, LFW's layout
    OUT/photographs/judge/       other people, whom the judge is trained on
    OUT/photographs/unseen/      others again: both are measured on them
    OUT/encoder.keras, judge.keras, card.json, card.md
    OUT/encoder.json, judge.json facts of each training

Nobody of them is in any world. With --only=encoder or --only=judge one network is made, so that
two processes can work side by side, with TF_NUM_INTRAOP_THREADS=1 one core each; the one that ends
last writes the card. The same command again goes on where an interrupted one stopped.
"""

import contextlib
import dataclasses
import fcntl
import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from absl import flags

from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.embedded.people import draw_people
from tf_morph.embedded.photographer import Assignment
from tf_morph.embedded.world import photograph_once
from tf_morph.errors import InputError, run_main
from tf_morph.morphable_model.procedural import PAINTED_PEOPLE, full_model, leading_components
from tf_morph.recognition.card import write_card
from tf_morph.recognition.contrastive import Schedule
from tf_morph.recognition.plan import NetworkPlan
from tf_morph.recognition.train import train_network

NETWORKS = ("encoder", "judge")
_FACE_SEED = 0
# Streams beside those of a world: no seed of a world gives these people.
_PEOPLE = {"encoder": 101, "judge": 102, "unseen": 103}
_PHOTOGRAPHS = {"encoder": 201, "judge": 202, "unseen": 203}


@dataclasses.dataclass(frozen=True)
class RebuildPlan:
    """How much is made.

    Attributes:
      size: side of photographs, pixels.
      painted_people: see `full_model`.
      people: each network is trained on so many of its own.
      photographs: of each of them.
      unseen_people, unseen_photographs: the same of those both networks are measured on.
      encoder, judge: the networks.
    """

    size: int = 64
    painted_people: int = PAINTED_PEOPLE
    people: int = 6000
    photographs: int = 3
    unseen_people: int = 1000
    unseen_photographs: int = 2
    encoder: NetworkPlan = NetworkPlan("facenet_nn2", 0.25, schedule=Schedule(3000, seed=1))
    judge: NetworkPlan = NetworkPlan(
        "vgg_face", 0.125, pooling="flatten", schedule=Schedule(4500, seed=2)
    )


def rebuild(
    out: str | Path,
    plan: RebuildPlan | None = None,
    only: Sequence[str] = NETWORKS,
    command: str = "",
) -> None:
    """Makes what is missing in `out`.

    Args:
      out: a folder, made where it is missing; `~` and environment variables are expanded.
      plan: how much; `RebuildPlan()` by default.
      only: which networks.
      command: what the card says made it.

    Raises:
      InputError: `out` holds what another plan made, or a network without its facts.
    """
    out, plan = expand_path(str(out)), plan or RebuildPlan()
    out.mkdir(parents=True, exist_ok=True)
    with _locked(out):
        _claim(out, plan)
        model = functools.cache(lambda: _face_model(out, plan))  # only for photographs not yet made
        _photograph(model, out, "unseen", plan.unseen_people, plan.unseen_photographs, plan.size)
    for name in only:
        _photograph(model, out, name, plan.people, plan.photographs, plan.size)
        _train(out, name, getattr(plan, name)._replace(input_size=plan.size))
    with _locked(out):
        _write_card_when_all_are_there(out, plan, command)


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Two processes may work on one folder's two networks, not on what these share."""
    with open(out / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _claim(out: Path, plan: RebuildPlan) -> None:
    claim = out / "plan.json"
    wanted = json.dumps(dataclasses.asdict(plan), indent=2) + "\n"
    if not claim.exists():
        with whole_file(claim) as temporary:
            temporary.write_text(wanted)
    elif claim.read_text() != wanted:
        raise InputError(f"{out}: holds what another plan made ({claim.name}); name another folder")


def _face_model(out: Path, plan: RebuildPlan):
    faces = full_model(_FACE_SEED, plan.painted_people)
    if not (out / "face_model.h5").exists():
        leading_components(faces).save(out / "face_model.h5")
    return faces


def _photograph(model, out: Path, name: str, count: int, photographs: int, size: int) -> None:
    folder = out / "photographs" / name
    if folder.exists():
        return
    people = draw_people(model(), count, [_FACE_SEED, _PEOPLE[name]])
    assignment = Assignment(photographs, size, [_FACE_SEED, _PHOTOGRAPHS[name]])
    photograph_once(model(), people, assignment, folder, f"for the {name}")


def _train(out: Path, name: str, network: NetworkPlan) -> None:
    facts, file = out / f"{name}.json", out / f"{name}.keras"
    if facts.exists() and file.exists():
        return
    if file.exists():
        raise InputError(f"{file}: without its facts, {facts.name}; remove it to train it anew")
    photographs = out / "photographs"
    made = train_network(photographs / name, file, network, name, photographs / "unseen")
    with whole_file(facts) as temporary:
        temporary.write_text(json.dumps(made, indent=2) + "\n")


def _write_card_when_all_are_there(out: Path, plan: RebuildPlan, command: str) -> None:
    paths = {name: out / f"{name}.json" for name in NETWORKS}
    if not all(path.exists() for path in paths.values()):
        return
    facts: Mapping[str, dict] = {name: json.loads(p.read_text()) for name, p in paths.items()}
    model = hashlib.sha256((out / "face_model.h5").read_bytes()).hexdigest()
    notes = (
        f"The two share nobody; the {plan.unseen_people:,} people they are measured on are in "
        f"neither's training, and nobody is in any world. SHA-256 of the face model whose faces "
        f"these people have: {model}."
    )
    write_card(out, facts, command, notes)


def _plan(values) -> RebuildPlan:
    """The default plan with what the flags change."""
    plan = RebuildPlan(
        people=values.people,
        photographs=values.photographs,
        unseen_people=values.unseen_people,
    )
    if values.steps is None:
        return plan
    shorter = {
        name: network._replace(schedule=network.schedule._replace(steps=values.steps))
        for name in NETWORKS
        for network in (getattr(plan, name),)
    }
    return dataclasses.replace(plan, **shorter)


def _define_flags() -> None:
    plan = RebuildPlan()
    flags.DEFINE_enum("only", None, NETWORKS, "make this network; default: both, in turn")
    flags.DEFINE_integer("people", plan.people, "to train each network on", lower_bound=2)
    flags.DEFINE_integer("photographs", plan.photographs, "of each of them", lower_bound=2)
    flags.DEFINE_integer("unseen_people", plan.unseen_people, "to measure on", lower_bound=2)
    flags.DEFINE_integer("steps", None, "of each training; default: each plan's", lower_bound=1)


def main(argv: Sequence[str]) -> None:
    values = flags.FLAGS
    changed = [
        f"--{name}={values[name].value}"
        for name in ("people", "photographs", "unseen_people", "steps")
        if values[name].present
    ]
    command = " ".join(["python -m tf_morph.embedded.rebuild OUT", *changed])
    rebuild(argv[1], _plan(values), [values.only] if values.only else NETWORKS, command)


if __name__ == "__main__":
    _define_flags()
    run_main(main, ("OUT",))
