"""Trains and evaluates variants of a config under several seeds, and says what each loss does.

    python -m tf_morph.regression.ablate --config=configs/demo.py --family=all --seeds=0,1,2

From the root of the clone. `--list` shows the families, their variants and what each changes.
Every variant is trained and evaluated once a seed, in OUT/NAME_seedS. The same command goes on
where it was broken off: what is finished is not made again, what is not goes on from its last
checkpoint. Report, table, figures and pictures go to OUT/ablation*.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from absl import flags
from ml_collections import config_flags

from tf_morph.ablation.families import Family, full_variant, make_families
from tf_morph.ablation.networks import (
    RANDOM_ROLES,
    make_random_network,
    network_of,
    random_file,
)
from tf_morph.ablation.outputs import write_ablation
from tf_morph.ablation.runs import (
    ROOT,
    PlannedRun,
    check_configs,
    finished_runs,
    plan_runs,
    shared_changes,
)
from tf_morph.ablation.schedule import make_runs
from tf_morph.ablation.variants import LeftOut, Variant
from tf_morph.config import config_name
from tf_morph.errors import InputError, run_main

SHARE = 5  # a variant makes a fifth of the config's steps
ALL = "all"


def main(argv):
    del argv
    values = flags.FLAGS
    base = values.config
    file = config_flags.get_config_filename(values["config"])
    out = Path(values.out or f"runs/ablation_{config_name(file)}")
    families = chosen_families(make_families(base, out), values.family)
    variants = {v.name: v for v in [full_variant(base), *_variants(families)]}
    left_out = [variant for family in families.values() for variant in family.left_out]
    if values.list:
        print(listing(families, full_variant(base)))
        return
    if not (ROOT / "train.py").is_file():
        raise InputError(f"{ROOT}: has no train.py; run this from a clone of the repository")
    chosen = chosen_variants(variants, left_out, values.only)
    given = config_flags.get_override_values(values["config"])
    steps = values.steps or max(base.training.steps // SHARE, 1)
    shared = given | shared_changes(base, steps)
    runs = plan_runs(chosen, parsed_seeds(values.seeds), out, file, shared)
    there = sorted({seed for _, seed in finished_runs(out)})
    check_configs([*runs, *plan_runs([*variants.values()], there, out, file, shared)], base)
    waiting = [run for run in runs if not run.finished]
    if values.dry_run:
        _print_commands(waiting, len(runs))
        return
    failures = {}
    if values.run and waiting:
        _make_networks(base, out, waiting)
        failures = make_runs(waiting, values.jobs)
    print(write_ablation(out, file, base, shared, variants, left_out))
    if failures:
        named = "; ".join(f"{name}: {told}" for name, told in failures.items())
        raise InputError(f"failed runs, which the same command tries again: {named}")


def chosen_families(families: dict[str, Family], names: Sequence[str]) -> dict[str, Family]:
    """Those named, or every one for `ALL`.

    Raises:
      InputError: there is no family of that name.
    """
    unknown = sorted(set(names) - families.keys() - {ALL})
    if unknown or not names:
        raise InputError(
            f"--family={','.join(names)}: must be of {', '.join(families)}, or {ALL}; --list shows "
            "them"
        )
    return {name: family for name, family in families.items() if {name, ALL} & set(names)}


def chosen_variants(
    variants: Mapping[str, Variant], left_out: Sequence[LeftOut], only: Sequence[str]
) -> list[Variant]:
    """Those named, or every one where none is.

    Raises:
      InputError: there is no variant of that name, or the config has no room for it.
    """
    for name in only:
        reasons = [variant.reason for variant in left_out if variant.name == name]
        if reasons:
            raise InputError(f"--only={name}: left out, {reasons[0]}")
        if name not in variants:
            raise InputError(f"--only: no variant {name}; {', '.join(variants)} are")
    return [variant for name, variant in variants.items() if name in only or not only]


def parsed_seeds(texts: Sequence[str]) -> list[int]:
    """Whole numbers from the flag's parts.

    Raises:
      InputError: they are none, negative, or the same twice.
    """
    try:
        seeds = [int(text) for text in texts]
    except ValueError as error:
        raise InputError(f"--seeds={','.join(texts)}: must be whole numbers") from error
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise InputError(f"--seeds={','.join(texts)}: must be different, 0 or more")
    return seeds


def listing(families: Mapping[str, Family], full: Variant) -> str:
    """Families and their variants, each with all that it changes of the config."""
    lines = ["in every family:", *_described(full)]
    for name, family in families.items():
        lines.append(f"{name}:")
        for variant in family.variants.values():
            lines += _described(variant)
        lines += [f"  {variant.name}: left out, {variant.reason}" for variant in family.left_out]
    return "\n".join(lines)


def _described(variant: Variant) -> list[str]:
    changes = [f"      --config.{field}={value}" for field, value in variant.overrides.items()]
    return [f"  {variant.name}: {variant.shown}", *changes]


def _variants(families: Mapping[str, Family]) -> list[Variant]:
    return [variant for family in families.values() for variant in family.variants.values()]


def _print_commands(waiting: Sequence[PlannedRun], runs: int) -> None:
    for run in waiting:
        print(f"{run.name}\n  " + "\n  ".join(" ".join(c) for c in run.commands().values()))
    print(f"{len(waiting)} of {runs} runs to make")


def _make_networks(base, out: Path, waiting: Sequence[PlannedRun]) -> None:
    for role in RANDOM_ROLES:
        file = random_file(out, role)
        if any(str(file) in run.overrides.values() for run in waiting):
            network, _ = network_of(base, role)
            make_random_network(network, file)


def _define_flags():
    config_flags.DEFINE_config_file("config", "configs/demo.py", "What the variants are of.")
    flags.DEFINE_string("out", None, "Folder of all runs; by default runs/ablation_CONFIG.")
    flags.DEFINE_list("family", [ALL], f"Names of families, or {ALL}; see --list.")
    flags.DEFINE_list("seeds", ["0", "1", "2"], "One run a variant and seed.")
    flags.DEFINE_list("only", [], "Names of variants; all of the families by default.")
    flags.DEFINE_integer(
        "steps", None, f"Of each run; by default 1/{SHARE} of the config's.", lower_bound=1
    )
    flags.DEFINE_integer("jobs", 1, "Runs at a time.", lower_bound=1)
    flags.DEFINE_bool("list", False, "Show families and variants, and make nothing.")
    flags.DEFINE_bool("dry_run", False, "Show the runs still to make, and make none.")
    flags.DEFINE_bool("run", True, "--norun: only the tables, of the runs that are there.")


if __name__ == "__main__":
    run_main(main, define_flags=_define_flags)
