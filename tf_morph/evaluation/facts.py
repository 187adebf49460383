"""What the report says of a run before any figure."""

import ml_collections

from tf_morph.evaluation.galleries import PAPER_GALLERY
from tf_morph.evaluation.subjects import Subjects
from tf_morph.regression.photograph_sets import SplitPhotographs
from tf_morph.regression.validation import JUDGE, watching_entry


def run_facts(
    config: ml_collections.ConfigDict,
    subjects: Subjects,
    split: SplitPhotographs,
) -> tuple[tuple[str, str], ...]:
    """(what, value) rows of a run."""
    people, photographs = subjects.people, subjects.photographs
    shapes, textures = (values.shape[1] for values in subjects.faces)
    rows = {
        "run": config.description or "(no description in its config)",
        "seed": str(config.seed),
        "seed of what is drawn here": str(config.photographs.split_seed),
        "face model": config.face_model.path,
        "coefficients": f"{shapes} shape, {textures} texture",
        "encoder": f"{config.encoder.name} ({', '.join(config.encoder_outputs)})",
        "held out to watch training": _validation(config),
        "photographs": config.photographs.folder,
        "test people, none of them in training": f"{len(people.names):,}",
        "with two photographs or more": f"{len(people.with_another):,}",
        "their photographs": f"{len(photographs.paths):,}",
        "photographs skipped, training and test": f"{len(split.skipped):,}",
        "galleries": _galleries(config, split),
        "true faces": config.truth or "not known",
        "view of the renderings": "frontal, even light, plain background",
    }
    return tuple(rows.items())


def _validation(config: ml_collections.ConfigDict) -> str:
    validation = config.validation
    if not validation.people:
        return "nobody"
    watched = f"{validation.people:,} training people, by their recall with the "
    if validation.network == JUDGE:
        return f"{watched}judge, which is thus no independent one"
    network = config.identity[watching_entry(config)].network
    return f"{watched}training network {network.name}"


def _galleries(config: ml_collections.ConfigDict, split: SplitPhotographs) -> str:
    if split.galleries:
        sizes = (f"{name} ({len(people):,} people)" for name, people in split.galleries.items())
        return f"fixed by {config.photographs.split}: {', '.join(sizes)}"
    return (
        f"everybody, and disjoint ones of {PAPER_GALLERY} from one seeded shuffle of the test "
        "people, of whom some may be left over"
    )
