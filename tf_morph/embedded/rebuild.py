"""Rebuilds from nothing the judge that the package ships for the embedded world.

    python -m tf_morph.embedded.rebuild OUT

    OUT/photographs/training/   people it is trained on, LFW's layout
    OUT/photographs/unseen/     others, whom it is measured on
    OUT/judge.keras, judge.json the network and the facts of its training
    OUT/card.json, card.md      what is shipped beside it

Nobody of them is in any world. The same command again goes on where an interrupted one stopped.
"""

import dataclasses
import functools
import json
from collections.abc import Sequence
from pathlib import Path

from absl import flags

from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.embedded.people import draw_people
from tf_morph.embedded.photographer import JUDGE_CROP, SIZE, Assignment
from tf_morph.embedded.world import photograph_once
from tf_morph.errors import InputError, run_main
from tf_morph.morphable_model.makehuman import PAINTED_PEOPLE
from tf_morph.morphable_model.makehuman_residual import people_head
from tf_morph.recognition.card import write_card
from tf_morph.recognition.contrastive import Schedule
from tf_morph.recognition.plan import NetworkPlan
from tf_morph.recognition.train import train_network

JUDGE = "judge"
_FACE_SEED = 0
# Streams beside those of a world: no seed of a world gives these people.
_PEOPLE = {"training": 102, "unseen": 103}
_PHOTOGRAPHS = {"training": 202, "unseen": 203}
_JUDGE_SIZE = 112  # pixels


@dataclasses.dataclass(frozen=True)
class RebuildPlan:
    """How much is made.

    Attributes:
      size: side of photographs, pixels.
      painted_people: see `people_head`.
      people, photographs: the judge is trained on, and how many of each.
      unseen_people, unseen_photographs: the same of those it is measured on.
      judge: the network; it sees the part `JUDGE_CROP` of a photograph.
    """

    size: int = SIZE
    painted_people: int = PAINTED_PEOPLE
    people: int = 5000
    photographs: int = 3
    unseen_people: int = 1000
    unseen_photographs: int = 2
    judge: NetworkPlan = NetworkPlan(
        "facenet_nn2",
        0.25,
        input_size=_JUDGE_SIZE,
        pooling="depthwise",
        first_stride=2,
        schedule=Schedule(1600, seed=2),
    )


def rebuild(out: str | Path, plan: RebuildPlan | None = None, command: str = "") -> None:
    """Makes what is missing in `out`.

    Args:
      out: a folder, made where it is missing; `~` and environment variables are expanded.
      plan: how much; `RebuildPlan()` by default.
      command: what the card says made it.

    Raises:
      InputError: `out` holds what another plan made, or a network without its facts.
    """
    out, plan = expand_path(str(out)), plan or RebuildPlan()
    out.mkdir(parents=True, exist_ok=True)
    _claim(out, plan)
    # Only made for photographs that are not there.
    model = functools.cache(lambda: people_head(_FACE_SEED, plan.painted_people))
    _photograph(model, out, "unseen", plan.unseen_people, plan.unseen_photographs, plan.size)
    _photograph(model, out, "training", plan.people, plan.photographs, plan.size)
    model.cache_clear()
    notes = (
        f"The {plan.unseen_people:,} people it is measured on are not among those it is trained "
        "on, and nobody is in any world. Of a photograph of the embedded world it is shown the "
        f"part {', '.join(f'{edge:g}' for edge in JUDGE_CROP)} (left, top, right, bottom)."
    )
    write_card(out, {JUDGE: _trained(out, plan)}, command, notes)


def _claim(out: Path, plan: RebuildPlan) -> None:
    claim = out / "plan.json"
    wanted = json.dumps(dataclasses.asdict(plan), indent=2) + "\n"
    if not claim.exists():
        with whole_file(claim) as temporary:
            temporary.write_text(wanted)
    elif claim.read_text() != wanted:
        raise InputError(f"{out}: holds what another plan made ({claim.name}); name another folder")


def _photograph(model, out: Path, name: str, count: int, photographs: int, size: int) -> None:
    folder = out / "photographs" / name
    if folder.exists():
        return
    people = draw_people(model(), count, [_FACE_SEED, _PEOPLE[name]])
    assignment = Assignment(photographs, size, [_FACE_SEED, _PHOTOGRAPHS[name]])
    photograph_once(model(), people, assignment, folder, f"for {name}")


def _trained(out: Path, plan: RebuildPlan) -> dict:
    """The facts of the judge's training, which this call makes unless it was made."""
    facts, file = out / f"{JUDGE}.json", out / f"{JUDGE}.keras"
    if file.exists():
        if not facts.exists():
            raise InputError(f"{file}: without its facts, {facts.name}; remove it to train it anew")
        return json.loads(facts.read_text())
    photographs = out / "photographs"
    network = plan.judge._replace(crop=tuple(edge * plan.size for edge in JUDGE_CROP))
    made = train_network(photographs / "training", file, network, JUDGE, photographs / "unseen")
    with whole_file(facts) as temporary:
        temporary.write_text(json.dumps(made, indent=2) + "\n")
    return made


def _plan(values) -> RebuildPlan:
    """The default plan with what the flags change."""
    plan = RebuildPlan(
        people=values.people,
        photographs=values.photographs,
        unseen_people=values.unseen_people,
    )
    schedule = plan.judge.schedule._replace(steps=values.steps)
    return dataclasses.replace(plan, judge=plan.judge._replace(schedule=schedule))


def _define_flags() -> None:
    plan = RebuildPlan()
    flags.DEFINE_integer("people", plan.people, "to train the judge on", lower_bound=2)
    flags.DEFINE_integer("photographs", plan.photographs, "of each of them", lower_bound=2)
    flags.DEFINE_integer("unseen_people", plan.unseen_people, "to measure on", lower_bound=2)
    flags.DEFINE_integer("steps", plan.judge.schedule.steps, "of its training", lower_bound=1)


def main(argv: Sequence[str]) -> None:
    values = flags.FLAGS
    changed = [
        f"--{name}={values[name].value}"
        for name in ("people", "photographs", "unseen_people", "steps")
        if values[name].present
    ]
    command = " ".join(["python -m tf_morph.embedded.rebuild OUT", *changed])
    rebuild(argv[1], _plan(values), command)


if __name__ == "__main__":
    _define_flags()
    run_main(main, ("OUT",))
