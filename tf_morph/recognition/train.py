"""Trains a small recognition network on photographs of people and writes it as a SavedModel.

    python -m tf_morph.recognition.train --photos=FOLDER --out=SAVEDMODEL

FOLDER holds `Name/Name_0001.jpg`, two or more of a person. The network takes `image` [B, S, S, 3]
in 0..255 and gives `embedding` and `pooled`. Its AUC is measured on people kept out of training.
"""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from absl import flags

from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.photographs import list_photographs, load_photographs
from tf_morph.recognition.contrastive import Schedule, train_contrastive
from tf_morph.recognition.small_networks import ARCHITECTURES, build_network, export_network
from tf_morph.recognition.verification import pair_auc

MIN_SIZE = 16
_EMBEDDING_BATCH = 256


class NetworkPlan(NamedTuple):
    """A network and its training.

    Attributes:
      architecture, width, embedding_size, input_size: see `build_network`.
      schedule: see `Schedule`; its seed also draws the initial weights.
      unseen_share: share of the people kept out of training, for the AUC.
    """

    architecture: str = "strided"
    width: int = 32
    embedding_size: int = 128
    input_size: int = 64
    schedule: Schedule = Schedule(steps=600)
    unseen_share: float = 0.1


def train_network(photos: str | Path, out: str | Path, plan: NetworkPlan, name: str = "") -> dict:
    """Trains a network on a folder of photographs and exports it.

    Args:
      photos: folder in the layout of LFW; people with a single photograph are left out.
      out: folder of the SavedModel, which must not exist; it appears when it is whole.
      plan: see `NetworkPlan`.
      name: for the progress bar.

    Returns:
      Facts: parameters, people, photographs, unseen_people, steps, seconds, last_loss,
      auc_unseen (None where too few people are kept out).

    Raises:
      InputError: no usable folder, fewer than two people with two photographs, `out` exists.
    """
    out = expand_path(str(out))
    if out.exists():
        raise InputError(f"{out}: exists; remove it or name another folder")
    start = time.monotonic()
    images, labels = _load_people(photos, plan.input_size)
    seen = _seen_people(labels, plan)
    model = build_network(
        plan.architecture, plan.width, plan.embedding_size, plan.input_size, plan.schedule.seed
    )
    losses = train_contrastive(model, images[seen], labels[seen], plan.schedule, name)
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    export_network(model, str(partial))
    partial.rename(out)
    unseen = np.unique(labels[~seen])
    return {
        "architecture": plan.architecture,
        "width": plan.width,
        "parameters": model.count_params(),
        "people": len(np.unique(labels[seen])),
        "photographs": int(seen.sum()),
        "unseen_people": len(unseen),
        "steps": plan.schedule.steps,
        "seed": plan.schedule.seed,
        "last_loss": round(float(np.mean(losses[-20:])), 4),
        "auc_unseen": measure_auc(model, images[~seen], labels[~seen]) if len(unseen) > 1 else None,
        "seconds": round(time.monotonic() - start, 1),
    }


def measure_auc(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    """`pair_auc` of a network's embeddings of images uint8 [N, S, S, 3] of people [N]."""
    batches = np.split(images, range(_EMBEDDING_BATCH, len(images), _EMBEDDING_BATCH))
    embeddings = [model(b.astype(np.float32), training=False)["embedding"] for b in batches]
    return round(pair_auc(np.concatenate(embeddings), labels), 4)


def _load_people(photos, size):
    """uint8 [N, size, size, 3] and integers [N] of everybody with two photographs or more."""
    listed = list_photographs(photos)
    loaded = load_photographs(listed.paths, None, size)
    _, labels = np.unique(np.array(listed.identities)[loaded.kept], return_inverse=True)
    often = np.bincount(labels)[labels] >= 2
    if len(np.unique(labels[often])) < 2:
        raise InputError(f"{photos}: needs two people or more with two photographs each")
    return loaded.images[often], labels[often]


def _seen_people(labels, plan):
    """bool [N]: which photographs are of people to train on; two at the least."""
    people = np.unique(labels)
    shuffled = np.random.default_rng([plan.schedule.seed, 2]).permutation(people)
    unseen = min(round(plan.unseen_share * len(people)), len(people) - 2)
    return ~np.isin(labels, shuffled[:unseen])


def _define_flags():
    flags.DEFINE_string("photos", None, "folder of photographs, Name/Name_0001.jpg", required=True)
    flags.DEFINE_string("out", None, "folder of the SavedModel to write", required=True)
    flags.DEFINE_enum("architecture", "strided", ARCHITECTURES, "the network's build")
    flags.DEFINE_integer("width", 32, "channels of its first stage", lower_bound=1)
    flags.DEFINE_integer("embedding", 128, "length of the embedding", lower_bound=1)
    flags.DEFINE_integer("size", 64, "side of its pictures, pixels", lower_bound=MIN_SIZE)
    flags.DEFINE_integer("steps", 600, "updates", lower_bound=1)
    flags.DEFINE_integer("seed", 0, "of weights, draws and the people kept out", lower_bound=0)
    return flags.FLAGS


def main(argv: Sequence[str]) -> None:
    del argv
    values = flags.FLAGS
    plan = NetworkPlan(
        values.architecture,
        values.width,
        values.embedding,
        values.size,
        Schedule(values.steps, seed=values.seed),
    )
    facts = train_network(values.photos, values.out, plan)
    print(f"{values.out}: " + ", ".join(f"{name} {value}" for name, value in facts.items()))


if __name__ == "__main__":
    _define_flags()
    run_main(main)
