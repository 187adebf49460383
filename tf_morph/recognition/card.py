"""The card that shipped networks come with: what they are, how they were made, how good they are.

It is written twice: card.json to be read back, card.md to be read.
"""

import hashlib
import json
import textwrap
from collections.abc import Mapping
from pathlib import Path

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError

_JSON, _MARKDOWN = "card.json", "card.md"
_INPUT = "`image` [B, {size}, {size}, 3], RGB coded as sRGB, 0..255; scaled inside the network"
_OUTPUTS = "`embedding` [B, {embedding}], `pooled` (the layer before); neither is normalised"
_ROWS = (
    ("architecture", "Architecture"),
    ("width", "Width, of the published channels"),
    ("pooling", "Pooling of the last map"),
    ("batch_normalization", "Batch normalisation"),
    ("first_stride", "Stride of the first convolution"),
    ("parameters", "Parameters"),
    ("people", "People trained on"),
    ("photographs", "Their photographs"),
    ("steps", "Steps"),
    ("people_per_step", "People a step, two photographs each"),
    ("seed", "Seed"),
    ("minutes", "Minutes"),
    ("cores", "Cores"),
    ("unseen_people", "Unseen people measured on"),
    ("auc", "AUC, all their pairs"),
    ("accuracy", "Accuracy at the best threshold, both kinds of pair weighed alike"),
    ("found", "Photographs whose nearest other one is of the same person"),
    ("sha256", "SHA-256"),
)


def write_card(folder: Path, networks: Mapping[str, dict], command: str, notes: str = "") -> None:
    """Writes card.json and card.md.

    Args:
      folder: where the networks are, `<name>.keras` each.
      networks: {name: facts as `train_network` returns them}.
      command: the line that made them all.
      notes: further sentences on how they were made, for people.
    """
    card = {
        "command": command,
        "licence": "Apache-2.0",
        "notes": notes,
        "networks": dict(networks),
    }
    with whole_file(folder / _JSON) as temporary:
        temporary.write_text(json.dumps(card, indent=2) + "\n")
    with whole_file(folder / _MARKDOWN) as temporary:
        temporary.write_text(_markdown(card))


def read_card(folder: Path) -> dict:
    """The card in `folder`: command, licence, notes, networks.

    Raises:
      InputError: there is none, or it is damaged.
    """
    try:
        return json.loads((folder / _JSON).read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / _JSON}: no card can be read from it ({error})") from error


def check_networks(folder: Path) -> None:
    """Compares the networks in `folder` with their card.

    Raises:
      InputError: no card, a network it names is missing, or has another checksum.
    """
    for name, facts in read_card(folder)["networks"].items():
        path = folder / f"{name}.keras"
        if not path.is_file():
            raise InputError(f"{path}: no such file, though {_JSON} names it")
        if hashlib.sha256(path.read_bytes()).hexdigest() != facts["sha256"]:
            raise InputError(f"{path}: is not the file that {_JSON} describes")


def _markdown(card) -> str:
    networks = card["networks"]
    any_facts = next(iter(networks.values()))
    lines = [
        f"# {', '.join(networks)}",
        "",
        "Of this project's own, trained on rendered photographs of people who do not exist, whom",
        "it tells apart; of no use for real photographs.",
        *(["", *textwrap.wrap(card["notes"], 96)] if card["notes"] else []),
        "",
        f"- Made by `{card['command']}`",
        f"- Input: {_INPUT.format(size=any_facts['input_size'])}",
        f"- Outputs: {_OUTPUTS.format(embedding=any_facts['embedding_size'])}",
        f"- Licence: {card['licence']}",
        "",
        f"| | {' | '.join(networks)} |",
        "|---|" + "---|" * len(networks),
    ]
    for field, title in _ROWS:
        values = (_written(facts.get(field)) for facts in networks.values())
        lines.append(f"| {title} | {' | '.join(values)} |")
    return "\n".join(lines) + "\n"


def _written(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if value >= 10_000 else str(value)
    return "–" if value is None else str(value)
