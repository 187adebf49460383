"""Everything an ablation writes from its finished runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import ml_collections

from tf_morph.ablation.facts import make_facts
from tf_morph.ablation.pictures import write_picture
from tf_morph.ablation.plots import COLLAPSE, FOOLING, collapse_figure, fooling_figure
from tf_morph.ablation.report import REPORT, Ablation, report
from tf_morph.ablation.results import all_results, gallery_sizes
from tf_morph.ablation.variants import LeftOut, Value, Variant
from tf_morph.ablation.verdicts import predictions_about, verdicts
from tf_morph.evaluation.plots import png
from tf_morph.evaluation.section import write_outputs
from tf_morph.evaluation.tables import to_csv

TABLE = "ablation.csv"


def write_ablation(
    out: Path,
    config: str,
    base: ml_collections.ConfigDict,
    shared: Mapping[str, Value],
    variants: Mapping[str, Variant],
    left_out: Sequence[LeftOut],
) -> str:
    """Writes the table, the report, the figures and the pictures of what is finished below `out`.

    Args:
      out: the folder of all runs.
      config: the config file, and `base` what it holds.
      base: of the runs.
      shared: fields changed in every run.
      variants: rows of the tables.
      left_out: said to be so.

    Returns:
      The report.

    Raises:
      InputError: a finished run's evaluation is not there, or a file cannot be written.
    """
    results = all_results(out)
    facts = make_facts(config, base, shared, variants, results)
    judged = verdicts(results, predictions_about(variants))
    text = report(Ablation(facts, variants, left_out, results, judged))
    files: dict[str, bytes | str] = {TABLE: to_csv(results)}
    if gallery_sizes(results):
        judges = {name: networks["judge"] for name, networks in facts.networks.items()}
        run = set(results["variant"])
        shown = {name: variant for name, variant in variants.items() if name in run}
        files[FOOLING] = png(fooling_figure(results, shown, judges))
        files[COLLAPSE] = png(collapse_figure(results, shown))
    write_outputs(out, files | {REPORT: text})
    write_picture(out, variants)
    return text
