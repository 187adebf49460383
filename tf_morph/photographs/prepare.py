"""Prepares photographs for training: crops them, computes features, writes shards.

    python -m tf_morph.photographs.prepare --config=FILE --photographs=SOURCE --out=FOLDER

SOURCE is a folder of photographs or a list of them (docs/photographs.md), by default the config's
`photographs.folder`. Crop, size and networks are the config's. Started again, it goes on where it
stopped; with --num_tasks=N, N such commands with a --task_index from 0 to N - 1 share the work, in
any order or at once, and whichever ends last writes the manifest. Training then takes FOLDER:

    python train.py --config=FILE --config.photographs.folder=FOLDER
"""

import functools
import sys
from collections.abc import Sequence
from pathlib import Path

import ml_collections
import tensorflow as tf
from absl import flags
from ml_collections import config_flags
from tqdm import tqdm

from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.photographs.prepared.manifest import MANIFEST, is_prepared, write_manifest
from tf_morph.photographs.prepared.plan import Plan, make_plan
from tf_morph.photographs.prepared.shards import ComputeFeatures, finished_shard
from tf_morph.photographs.prepared.workers import cores, make_shards, one_thread_an_operation
from tf_morph.regression.components import make_networks, prepare_world
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.face_colors import compared_colors
from tf_morph.regression.photograph_features import Compared
from tf_morph.regression.prepared_features import compute_recorded, recipe_of

SHARD_PHOTOGRAPHS = 1024
_SECONDS_ON_SCREEN, _SECONDS_IN_LOG = 0.5, 30.0  # between two lines of progress


def _define_flags() -> None:
    config_flags.DEFINE_config_file("config", None, "The run to prepare for, as train.py has it.")
    flags.mark_flag_as_required("config")
    flags.DEFINE_string("photographs", None, "A folder of photographs, or a list of them.")
    flags.DEFINE_string("out", None, "The folder to fill.", required=True)
    flags.DEFINE_integer("task_index", 0, "Which of the tasks this is, from 0.")
    flags.DEFINE_integer("num_tasks", 1, "How many tasks share the work.")
    flags.DEFINE_integer("processes", None, "By default one a core; one where there is a GPU.")
    flags.DEFINE_integer("shard_photographs", SHARD_PHOTOGRAPHS, "Photographs a shard, on average.")


def main(argv: Sequence[str]) -> None:
    del argv
    values = flags.FLAGS
    prepare(
        values.config,
        values.photographs or values.config.photographs.folder,
        values.out,
        task=(values.task_index, values.num_tasks),
        processes=values.processes,
        shard_photographs=values.shard_photographs,
    )


def prepare(
    config: ml_collections.ConfigDict,
    source: str,
    out: str,
    *,
    task: tuple[int, int] = (0, 1),
    processes: int | None = None,
    shard_photographs: int = SHARD_PHOTOGRAPHS,
) -> None:
    """Prepares photographs for a run; or, of that work, one task's part.

    Args:
      config: of the run.
      source: as `list_photographs` takes it.
      out: the folder to fill; what is in it already and still holds is kept.
      task: (index, how many there are).
      processes: how many work at once; None: one a core, or one where there is a GPU.
      shard_photographs: how many photographs go into a shard, on average; the same in all tasks.

    Raises:
      InputError: a flag, the config, a network or the photographs cannot serve; `out` is no
        prepared folder, or a process failed.
    """
    _check_numbers(task, processes)
    folder = expand_path(out)
    config = config.copy_and_resolve_references()
    config.photographs.folder = str(source)
    check_config(config)
    _check_folder(folder, expand_path(source))
    one_thread_an_operation()
    prepare_world(config)
    plan = make_plan(source, recipe_of(config, *_parts(config)), shard_photographs)
    mine = range(task[0], len(plan.shards), task[1])
    _make_missing(plan, mine, folder, functools.partial(_compute, config), processes)
    _finish(plan, folder, task)


def _make_missing(
    plan: Plan, numbers: range, folder: Path, make_compute, processes: int | None
) -> None:
    shards = [plan.shard(number) for number in numbers]
    missing = [shard for shard in shards if finished_shard(shard, folder) is None]
    if not missing:
        return
    # What is in the folder is about to change: until all is there, nobody shall train on it.
    (folder / MANIFEST).unlink(missing_ok=True)
    total, left = (sum(map(len, some)) for some in (shards, missing))
    every = _SECONDS_ON_SCREEN if sys.stderr.isatty() else _SECONDS_IN_LOG
    with tqdm(
        total=total, initial=total - left, desc="preparing", unit="photo", mininterval=every
    ) as bar:
        make_shards(missing, folder, make_compute, _processes(processes, len(missing)), bar.update)


def _finish(plan: Plan, folder: Path, task: tuple[int, int]) -> None:
    manifest = write_manifest(plan, folder)
    if manifest is None:
        print(f"{folder}: task {task[0]} of {task[1]} is done; the last one writes {MANIFEST}")
        return
    counts = manifest["counts"]
    print(
        f"{folder}: {counts['photographs']:,} photographs of {counts['people']:,} people in "
        f"{len(manifest['shards']):,} shards, {counts['skipped']:,} skipped; now: "
        f"python train.py --config=... --config.photographs.folder={folder}"
    )


def _compute(config: ml_collections.ConfigDict) -> ComputeFeatures:
    """The function of the config's networks; each process makes its own."""
    encoder, compared = _parts(config)
    return compute_recorded(recipe_of(config, encoder, compared), encoder, compared)


def _parts(config: ml_collections.ConfigDict) -> tuple[Encoder, tuple[Compared, ...]]:
    """What gives the features: the encoder, and what training compares."""
    encoder, identity = make_networks(config)
    return encoder, (*identity, *compared_colors(config))


def _processes(asked: int | None, shards: int) -> int:
    usual = 1 if tf.config.list_physical_devices("GPU") else cores()
    return min(asked or usual, shards)


def _check_numbers(task: tuple[int, int], processes: int | None) -> None:
    index, count = task
    if not 0 <= index < count:
        raise InputError(f"--task_index={index} --num_tasks={count}: count from 0 to num_tasks - 1")
    if processes is not None and processes < 1:
        raise InputError(f"--processes={processes}: give 1 or more")


def _check_folder(folder: Path, source: Path) -> None:
    if is_prepared(source):
        raise InputError(f"{source}: is prepared already; give the photographs it was made from")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: not a folder; give one that can be filled")
    if folder.exists() and not is_prepared(folder) and any(folder.iterdir()):
        raise InputError(f"{folder}: holds other files; give a new folder, or one to go on with")


if __name__ == "__main__":
    run_main(main, define_flags=_define_flags)
