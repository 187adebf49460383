"""Tries the paper's claims in the embedded world, each by runs that could refute it.

    python -m benchmarks.claims --out=runs/claims --seeds=0,1,2

From the root of the clone. Every variant of configs/demo.py (variants.py) is trained and evaluated
once a seed, in OUT/NAME_seedS; what is finished is not made again. The tables go to OUT/claims.csv
and OUT/claims.md, faces of the same people by each variant to OUT/claims.png.
"""

from collections.abc import Sequence
from pathlib import Path

from absl import flags

from benchmarks.claims.figures import all_figures
from benchmarks.claims.pictures import write_picture
from benchmarks.claims.random_features import make_random_encoder
from benchmarks.claims.runs import PlannedRun, make_runs, unfinished
from benchmarks.claims.summary import summary
from benchmarks.claims.turned import measure_turned_faces
from benchmarks.claims.variants import RANDOM_FEATURES, Variant, make_variants, random_encoder
from benchmarks.claims.verdicts import verdicts
from configs.demo import get_config
from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.evaluation.tables import to_csv

DEMO_SHARE = 3  # a variant makes a third of the demo's steps


def planned_runs(
    variants: Sequence[Variant], seeds: Sequence[int], out: Path, steps: int
) -> list[PlannedRun]:
    """Every variant under the first seed, then under the next: what is broken off compares too."""
    shared = {
        "training.steps": steps,
        "training.picture_every": steps,
        "training.checkpoint_every": steps,
        "training.keep_checkpoints": 1,
    }
    return [
        PlannedRun(variant.name, seed, out, {"seed": seed, **shared, **variant.overrides})
        for seed in seeds
        for variant in variants
    ]


def write_tables(out: Path, variants: dict[str, Variant]) -> str:
    """Writes claims.csv and claims.md from the finished runs below `out`; the latter's text."""
    figures = all_figures(out)
    text = summary(figures, variants, verdicts(figures))
    for name, content in (("claims.csv", to_csv(figures)), ("claims.md", text)):
        with whole_file(out / name) as temporary:
            temporary.write_text(content)
    return text


def main(argv):
    del argv
    values, base = flags.FLAGS, get_config()
    out = Path(values.out)
    variants = make_variants(base, out)
    steps = values.steps or base.training.steps // DEMO_SHARE
    runs = planned_runs(_chosen(variants, values.only), _seeds(values.seeds), out, steps)
    waiting = unfinished(runs, base)
    if values.dry_run:
        for run in waiting:
            print(f"{run.name}\n  " + "\n  ".join(" ".join(c) for c in run.commands().values()))
        print(f"{len(waiting)} of {len(runs)} runs to make")
        return
    failures = {}
    if values.run and waiting:
        if any(run.variant == RANDOM_FEATURES for run in waiting):
            make_random_encoder(expand_path(base.encoder.path), random_encoder(out))
        failures = make_runs(waiting, values.jobs)
    measure_turned_faces(out)
    print(write_tables(out, variants))
    write_picture(out, variants)
    if failures:
        raise InputError(f"failed: {', '.join(failures)}; the same command tries them again")


def _chosen(variants: dict[str, Variant], only: Sequence[str]) -> list[Variant]:
    unknown = sorted(set(only) - variants.keys())
    if unknown:
        raise InputError(f"--only: no variant {', '.join(unknown)}; {', '.join(variants)} are")
    return [variant for name, variant in variants.items() if name in only or not only]


def _seeds(texts: Sequence[str]) -> list[int]:
    try:
        seeds = [int(text) for text in texts]
    except ValueError as error:
        raise InputError(f"--seeds={','.join(texts)}: must be whole numbers") from error
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise InputError(f"--seeds={','.join(texts)}: must be different, 0 or more")
    return seeds


def _define_flags():
    flags.DEFINE_string("out", "runs/claims", "folder of all runs and tables")
    flags.DEFINE_list("seeds", ["0", "1", "2"], "one run a variant and seed")
    flags.DEFINE_list("only", [], "names of variants; all by default")
    flags.DEFINE_integer(
        "steps", None, f"of each run; by default 1/{DEMO_SHARE} of the demo's", lower_bound=1
    )
    flags.DEFINE_integer("jobs", 1, "runs at a time", lower_bound=1)
    flags.DEFINE_bool("dry_run", False, "name the runs still to make, and make none")
    flags.DEFINE_bool("run", True, "--norun: only the tables, of the runs that are there")


if __name__ == "__main__":
    run_main(main, define_flags=_define_flags)
