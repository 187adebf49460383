"""What the report says of a run before any figure."""

from collections.abc import Sequence

import ml_collections

from tf_morph.evaluation.report import Facts
from tf_morph.evaluation.subjects import Subjects


def run_facts(
    config: ml_collections.ConfigDict,
    steps: int,
    subjects: Subjects,
    skipped: Sequence[tuple[str, str]],
) -> Facts:
    """The facts of a run at a checkpoint of so many steps."""
    people, photographs = subjects.people, subjects.photographs
    rows = {
        "run": config.description or "(no description in its config)",
        "training steps": f"{steps:,}",
        "seed": str(config.seed),
        "seed of the split and the galleries": str(config.photographs.split_seed),
        "face model": config.face_model.path,
        "coefficients": f"{subjects.shape.shape[1]} shape, {subjects.texture.shape[1]} texture",
        "encoder": f"{config.encoder.name} ({', '.join(config.encoder_outputs)})",
        "training network": f"{config.identity.name} ({', '.join(config.identity_outputs)})",
        "judge": f"{config.judge.name} ({config.judge_output})",
        "photographs": config.photographs.folder,
        "test people, none of them in training": f"{len(people.names):,}",
        "with two photographs or more": f"{len(people.with_another):,}",
        "their photographs": f"{len(photographs.paths):,}",
        "photographs skipped, training and test": f"{len(skipped):,}",
        "view of the renderings": "frontal, even light, plain background",
    }
    return Facts(tuple(rows.items()), tuple(skipped))
