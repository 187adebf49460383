"""Trains a recognition network on photographs of people and writes it as a Keras file.

    python -m tf_morph.recognition.train --photos=FOLDER --out=FILE.keras

FOLDER holds `Name/Name_0001.jpg`, two or more of a person. The network takes `image` [B, S, S, 3]
in 0..255 and gives `embedding` and `pooled`. Its AUC and accuracy are measured on people it was not
trained on. A training that was ended goes on from its state, FILE.keras.training.npz. With
--steps=0 the network is written untrained: random features, for comparison.
"""

import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from absl import flags

from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.photographs import list_photographs, load_photographs
from tf_morph.recognition.contrastive import Schedule, train_contrastive
from tf_morph.recognition.layers import POOLINGS
from tf_morph.recognition.plan import ARCHITECTURES, NetworkPlan, build_network
from tf_morph.recognition.training_state import TrainingState
from tf_morph.recognition.verification import pair_accuracy, pair_auc

MIN_SIZE = 32
_EMBEDDING_BATCH = 256


def train_network(
    photos: str | Path,
    out: str | Path,
    plan: NetworkPlan,
    name: str = "",
    unseen_photos: str | Path | None = None,
) -> dict:
    """Trains a network on a folder of photographs and writes it.

    Args:
      photos: folder in the layout of LFW; people with a single photograph are left out.
      out: the .keras file, which must not exist; it appears when it is whole. Until then a
        training's state is kept beside it, and taken up by the next call with the same plan.
      plan: see `NetworkPlan`.
      name: for the progress bar.
      unseen_photos: a folder of other people to measure the network on; None keeps a share of
        those in `photos` out of training for that.

    Returns:
      Facts: architecture, width, pooling, batch_normalization, first_stride, embedding_size,
      input_size, parameters, people, photographs, steps, people_per_step, seed, last_loss (of the
      last steps, None without any), unseen_people, auc, accuracy, found (all None with fewer than
      two unseen people, see `measure`), minutes (of this call), cores, sha256.

    Raises:
      InputError: no usable folder, fewer than two people with two photographs, `out` exists or is
        no .keras file, pictures too small for the network, or the state beside it is damaged or
        another plan's.
    """
    out = expand_path(str(out))
    if out.suffix != ".keras":
        raise InputError(f"{out}: name a file that ends in .keras")
    if out.exists():
        raise InputError(f"{out}: exists; remove it or name another file")
    start = time.monotonic()
    images, labels, unseen_images, unseen_labels = _load(photos, unseen_photos, plan)
    model = build_network(plan)
    people = len(np.unique(labels))
    state = TrainingState(
        out.with_name(out.name + ".training.npz"), [plan._asdict(), people, len(images)]
    )
    losses = train_contrastive(model, images, labels, plan.schedule, name, state)
    facts = {
        **_described(plan),
        "parameters": model.count_params(),
        "people": people,
        "photographs": len(images),
        "last_loss": round(float(np.mean(losses[-20:])), 4) if losses else None,
        **measure(model, unseen_images, unseen_labels),
        "minutes": round((time.monotonic() - start) / 60, 1),
        "cores": _cores(),
    }
    save_network(model, out)
    state.remove()
    return facts | {"sha256": hashlib.sha256(out.read_bytes()).hexdigest()}


def measure(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> dict:
    """How well a network tells people apart whom it has not seen.

    Args:
      model: see `build_network`.
      images: uint8 [N, S, S, 3].
      labels: [N], who is on each.

    Returns:
      unseen_people; `pair_auc` and `pair_accuracy` of the embeddings as auc and accuracy; found,
      the share of photographs whose nearest other one, by cosine, is of the same person. All three
      are None where there are no two people, one of them with two photographs.
    """
    people, counts = np.unique(labels, return_counts=True)
    facts = {"unseen_people": len(people), "auc": None, "accuracy": None, "found": None}
    if len(people) < 2 or counts.max() < 2:
        return facts
    embeddings = np.concatenate(
        [
            model(images[i : i + _EMBEDDING_BATCH].astype(np.float32), training=False)["embedding"]
            for i in range(0, len(images), _EMBEDDING_BATCH)
        ]
    )
    return facts | {
        "auc": round(pair_auc(embeddings, labels), 5),
        "accuracy": round(pair_accuracy(embeddings, labels), 4),
        "found": round(_found(embeddings, labels, people[counts >= 2]), 4),
    }


def _found(embeddings, labels, asked):
    """The share of the photographs of people in `asked` whose nearest other is of the same."""
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    nearest = labels[cosines.argmax(axis=1)]
    return float(np.mean(nearest == labels, where=np.isin(labels, asked)))


def save_network(model: keras.Model, path: Path) -> None:
    """Writes a .keras file, whole or not at all."""
    with whole_file(path) as temporary:
        model.save(temporary.with_suffix(".keras"))
        os.replace(temporary.with_suffix(".keras"), temporary)


def _described(plan):
    described = plan._asdict()
    schedule = described.pop("schedule")
    del described["unseen_share"]
    return described | {
        "steps": schedule.steps,
        "people_per_step": schedule.people,
        "seed": schedule.seed,
    }


def _load(photos, unseen_photos, plan):
    """Pictures and people to train on, then pictures and people kept apart."""
    images, labels = _load_people(photos, plan)
    if unseen_photos is not None:
        return images, labels, *_load_people(unseen_photos, plan)
    seen = _seen_people(labels, plan)
    return images[seen], labels[seen], images[~seen], labels[~seen]


def _load_people(photos, plan):
    """uint8 [N, S, S, 3] and integers [N] of everybody with two photographs or more."""
    listed = list_photographs(photos)
    loaded = load_photographs(listed.paths, plan.crop, plan.input_size)
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


def _cores():
    """How many cores TensorFlow may use for one operation."""
    return int(os.environ.get("TF_NUM_INTRAOP_THREADS") or 0) or os.cpu_count()


def _define_flags():
    plan = NetworkPlan()
    flags.DEFINE_string("photos", None, "folder of photographs, Name/Name_0001.jpg", required=True)
    flags.DEFINE_string("out", None, "the .keras file to write", required=True)
    flags.DEFINE_string("unseen_photos", None, "folder of people to measure it on; else a tenth")
    flags.DEFINE_enum("architecture", plan.architecture, ARCHITECTURES, "the network's build")
    flags.DEFINE_float("width", plan.width, "factor of its channels", lower_bound=1e-3)
    flags.DEFINE_enum("pooling", plan.pooling, POOLINGS, "of its last map")
    flags.DEFINE_integer("embedding", plan.embedding_size, "length of the embedding", lower_bound=1)
    flags.DEFINE_integer("size", plan.input_size, "side of its pictures, pixels", MIN_SIZE)
    flags.DEFINE_list("crop", None, "left,top,right,bottom in pixels; default: the whole square")
    flags.DEFINE_integer("first_stride", plan.first_stride, "of the first convolution", 1, 2)
    flags.DEFINE_bool("batch_normalization", plan.batch_normalization, "in every layer")
    flags.DEFINE_integer("steps", plan.schedule.steps, "updates", lower_bound=0)
    flags.DEFINE_integer("people_per_step", plan.schedule.people, "two photographs each", 2)
    flags.DEFINE_integer("seed", 0, "of weights, draws and the people kept out", lower_bound=0)


def _crop(edges):
    try:
        left, top, right, bottom = map(float, edges or (0, 0, 1, 1))
    except ValueError as error:
        raise InputError(f"--crop={','.join(edges)}: give left,top,right,bottom") from error
    if not (left < right and top < bottom):
        raise InputError(f"--crop={','.join(edges)}: its edges enclose nothing")
    return (left, top, right, bottom) if edges else None


def _plan(values):
    return NetworkPlan(
        architecture=values.architecture,
        width=values.width,
        embedding_size=values.embedding,
        input_size=values.size,
        crop=_crop(values.crop),
        pooling=values.pooling,
        batch_normalization=values.batch_normalization,
        first_stride=values.first_stride,
        schedule=Schedule(values.steps, people=values.people_per_step, seed=values.seed),
    )


def main(argv: Sequence[str]) -> None:
    del argv
    values = flags.FLAGS
    facts = train_network(
        values.photos, values.out, _plan(values), unseen_photos=values.unseen_photos
    )
    print(f"{values.out}: " + ", ".join(f"{name} {value}" for name, value in facts.items()))


if __name__ == "__main__":
    _define_flags()
    run_main(main)
