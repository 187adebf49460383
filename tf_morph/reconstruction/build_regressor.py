"""Makes the regressor that comes with the package, and its card, from the config of a run.

    python -m tf_morph.reconstruction.build_regressor OUT --config=configs/open.py

Trains the config in OUT/run, or goes on there, evaluates it on people it never saw, and writes
OUT/open.tfmorph, OUT/card.json and OUT/card.md. The three files go to
tf_morph/reconstruction/regressor/.
"""

import csv
import json
import os
import textwrap
from collections.abc import Sequence
from pathlib import Path

import ml_collections
from absl import flags
from ml_collections import config_flags

from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.errors import run_main

_LICENCE = "Apache-2.0; the photographs it learnt from are for research (docs/assets.md)"
_LIMITS = (
    "Trained on press photographs of adults, most of them men, and of politicians, athletes and "
    "actors: it is at its best there. The head is neutral and has no glasses, and no hair but the "
    "colour of it; a grey beard is seldom seen as one. What a photograph does not show, the back "
    "of the head above all, is the average's. Not for telling who somebody is, nor for measuring."
)


def build_regressor(config: ml_collections.ConfigDict, out: Path, command: str) -> None:
    """Trains, evaluates, exports, and writes the card.

    Args:
      config: of the run.
      out: a folder, made where it is missing.
      command: what the card says made it.

    Raises:
      InputError: the config names a file that is missing or wrong, or OUT/run is another's.
    """
    from tf_morph.evaluation.evaluate import evaluate
    from tf_morph.reconstruction.export.bundle import write_bundle
    from tf_morph.reconstruction.run_parts import open_run
    from tf_morph.regression.train import train

    run = out / "run"
    train(config, run)
    evaluate(None, run)
    write_bundle(out / "open.tfmorph", open_run(run))
    write_card(out, card_of(run, command))


def card_of(run: Path, command: str) -> dict:
    """The facts of an evaluated run that its card tells."""
    config = json.loads((run / "config.json").read_text())
    people = json.loads((run / "people.json").read_text())
    table = run / "evaluation" / "run"
    return {
        "command": command,
        "licence": _LICENCE,
        "limits": _LIMITS,
        "description": config["description"],
        "encoder": f"{config['encoder']['name']} ({', '.join(config['encoder_outputs'])})",
        "identity_networks": sorted(config["identity"]),
        "held_out_network": config["judge"]["name"],
        "face_model": config["face_model"]["path"],
        "people_trained_on": len(people["training"]),
        "people_tested": len(people["test"]),
        "steps": config["training"]["steps"],
        "seed": config["seed"],
        "minutes": round(_seconds(run / "speed.csv") / 60, 1),
        "cores": os.cpu_count(),
        "recall_top1_top5": _rows(table / "recall_summary.csv"),
        "similarity_emd": _similarity(table / "similarity.csv"),
    }


def write_card(folder: Path, card: dict) -> None:
    """Writes card.json and card.md."""
    with whole_file(folder / "card.json") as temporary:
        temporary.write_text(json.dumps(card, indent=2) + "\n")
    with whole_file(folder / "card.md") as temporary:
        temporary.write_text(_markdown(card))


def _markdown(card: dict) -> str:
    columns = list(card["recall_top1_top5"][0])
    lines = [
        "# The regressor that comes with tf_morph",
        "",
        f"`{card['command']}`",
        "",
        *textwrap.wrap(
            f"{card['description']}. Encoder {card['encoder']}, face model {card['face_model']}; "
            f"identity compared by {' and '.join(card['identity_networks'])}. "
            f"{card['people_trained_on']:,} people, {card['steps']:,} steps, seed {card['seed']}, "
            f"{card['minutes']} minutes on {card['cores']} cores.",
            100,
        ),
        "",
        *textwrap.wrap(
            f"Recall, top-1 / top-5 in per cent, of {card['people_tested']} people it never saw. "
            f"{card['held_out_network']} took no part in training.",
            100,
        ),
        "",
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
        *(f"| {' | '.join(row.values())} |" for row in card["recall_top1_top5"]),
        "",
        f"**Licence**: {card['licence']}.",
        "",
        *textwrap.wrap(f"**Limits**: {card['limits']}", 100),
    ]
    return "\n".join(lines) + "\n"


def _seconds(path: Path) -> float:
    return sum(float(row["seconds"]) for row in _rows(path))


def _similarity(path: Path) -> dict[str, float]:
    """Of each network the EMD between our scores and those of real pairs of one person."""
    ours = (row for row in _rows(path) if row["method"] == "ours")
    return {f"{row['network']}, {row['role']}": float(row["emd_to_same"]) for row in ours}


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def _define_flags() -> None:
    config_flags.DEFINE_config_file("config", "configs/open.py", "The run.")


def main(argv: Sequence[str]) -> None:
    command = "python -m tf_morph.reconstruction.build_regressor OUT --config=configs/open.py"
    out = expand_path(argv[1])
    build_regressor(flags.FLAGS.config, out, command)
    print((out / "card.md").read_text())


if __name__ == "__main__":
    run_main(main, ("OUT",), _define_flags)
