"""What holds of all runs of an ablation: steps, seeds, networks, and the machine's time."""

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import ml_collections
import pandas as pd

from tf_morph.ablation.networks import identity_title, network_title
from tf_morph.ablation.results import PROCESSOR_SECONDS, SECONDS
from tf_morph.ablation.variants import Value, Variant, changed


class Facts(NamedTuple):
    """Rows of a table, and what other tables need.

    Attributes:
      rows: (what, value) each.
      networks: by variant, "trained on" and "judge" to a network's title.
      seeds: how many there are.
      least_seed: of them.
    """

    rows: Sequence[tuple[str, str]]
    networks: Mapping[str, Mapping[str, str]]
    seeds: int
    least_seed: int


def make_facts(
    config: str,
    base: ml_collections.ConfigDict,
    shared: Mapping[str, Value],
    variants: Mapping[str, Variant],
    results: pd.DataFrame,
) -> Facts:
    """The facts of the finished runs.

    Args:
      config: the config file.
      base: what it holds.
      shared: fields changed in every run.
      variants: that were to be run.
      results: of those that are finished, see `all_results`.
    """
    seeds = sorted(set(results["seed"]))
    training = changed(base, shared).training
    rows = [
        ("config", f"`{config}`: {base.description}"),
        ("steps", f"{training.steps:,}, of the config's {base.training.steps:,}"),
        ("a step", f"{training.decoded_faces} photographs read"),
        ("seeds", ", ".join(map(str, seeds)) or "none yet"),
        ("encoder", network_title(base.encoder)),
        ("trained on, in the identity loss", identity_title(base)),
        ("judge", network_title(base.judge) if base.judge.path else "none"),
        ("also changed in all", ", ".join(f"`{f}={v}`" for f, v in shared.items())),
        ("runs", f"{len(results[['variant', 'seed']].drop_duplicates())}"),
        ("seconds a run, training and evaluation", _cost(results)),
        ("machine", _machine()),
    ]
    networks = {
        name: _networks(changed(base, variant.overrides)) for name, variant in variants.items()
    }
    return Facts(rows, networks, len(seeds), min(seeds, default=0))


def _networks(config: ml_collections.ConfigDict) -> dict[str, str]:
    judge = network_title(config.judge) if config.judge.path else "none"
    return {"trained on": identity_title(config), "judge": judge}


def _cost(results: pd.DataFrame) -> str:
    clock, processor = (
        results.loc[results["figure"] == kind, "value"].astype(float)
        for kind in (SECONDS, PROCESSOR_SECONDS)
    )
    if clock.empty:
        return "–"
    return (
        f"{clock.mean():.0f} by the clock, of {processor.mean():.0f} the processor's; "
        f"{processor.sum() / 60:.0f} processor minutes in all"
    )


def _machine() -> str:
    return f"{os.cpu_count()} cores, {_processor()}, {platform.system()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
