"""Recall of predicted faces seen from the side, which no evaluation asks for.

A run drawn from the front alone is asked by the usual recall for just what it was trained for;
whether its faces are the people's in the round shows from another side.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks.claims.runs import finished_runs, run_name
from tf_morph.atomic import whole_file
from tf_morph.evaluation.galleries import galleries_of, test_people
from tf_morph.evaluation.methods import OURS
from tf_morph.evaluation.network_features import asked_networks, joined
from tf_morph.evaluation.recall_table import Queries, recall_rows, recall_table
from tf_morph.evaluation.tables import to_csv
from tf_morph.recognition.feature_computation import compute_features
from tf_morph.regression.components import SplitPhotographs, load_judge, split_photographs
from tf_morph.regression.contact_sheet import TURN_RADIANS, turned
from tf_morph.regression.photograph_features import cached_features
from tf_morph.regression.run import Run


def turned_file(out: Path, variant: str, seed: int) -> Path:
    """The recall table of a run's turned faces."""
    return out / "turned" / f"{run_name(variant, seed)}.csv"


def measure_turned_faces(out: Path) -> None:
    """Writes the table of every finished run below `out` that has none yet."""
    missing = [run for run in finished_runs(out) if not turned_file(out, *run).exists()]
    split = None
    for variant, seed in tqdm(missing, desc="faces from the side", unit="run", disable=not missing):
        run = Run.load(out / run_name(variant, seed))
        split = split or split_photographs(run.config)
        with whole_file(turned_file(out, variant, seed)) as temporary:
            temporary.write_text(to_csv(turned_recall(run, split)))


def turned_recall(run: Run, split: SplitPhotographs) -> pd.DataFrame:
    """`recall_table` of drawings turned by `TURN_RADIANS` in the run's galleries."""
    people = test_people(split.test.paths, split.test.identities)
    everybody = np.arange(len(people.names))
    shape, texture = run.predict(split.test.images[people.first])
    scene = turned(run.drawer.frontal_scene(len(shape)), TURN_RADIANS)
    drawn = run.draw(shape, texture, scene)
    galleries = galleries_of(people.names, split.galleries, run.config.photographs.split_seed)
    rows = []
    for network, role, outputs in asked_networks(run.config, load_judge(run.config), run.identity):
        photographs = joined(cached_features(network, split.test.images, "test"), outputs)
        queries = Queries(
            joined(compute_features(network, drawn, progress=False), outputs), everybody
        )
        for of_one_size in galleries:
            rows += recall_rows(
                network.name, role, photographs[people.first], {OURS: queries}, of_one_size
            )
    return recall_table([row for row in rows if row["method"] == OURS])
