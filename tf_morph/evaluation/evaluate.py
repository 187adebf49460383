"""A trained run evaluated: its folder in, sections and a report in its `evaluation/` folder out."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import ml_collections

from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context, NotRun, open_context
from tf_morph.evaluation.measurements import Measurements
from tf_morph.evaluation.report import write_report
from tf_morph.evaluation.run_section import summary
from tf_morph.evaluation.run_suite import measure_run
from tf_morph.evaluation.section import SECTION_JSON, Section, write_section
from tf_morph.evaluation.suites import SUITES
from tf_morph.regression.checkpoints import LATEST
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.run_page import write_page


def evaluate(
    config: ml_collections.ConfigDict | None,
    workdir: str | Path,
    *,
    references: bool = True,
    checkpoint: str = LATEST,
) -> Measurements:
    """Evaluates the run in `workdir` on its test people.

    Args:
      config: see `open_context`.
      workdir: the folder train.py wrote.
      references: whether to render, beside the predictions for the galleries' photographs, those
        for other photographs, bounds and floors, and to make figures, sheets and heads; without
        them an evaluation takes a third of the time.
      checkpoint: which one of the run's; see `Run.load`.

    Returns:
      The tables, which are also written to `workdir`/evaluation/run: recall.csv, similarity.csv,
      coefficients.csv, section.md and others it names; report and the run's page show them. An
      evaluation that fails leaves an older one as it was.

    Raises:
      InputError: what `open_context` raises, or there are too few photographs.
    """
    context = open_context(config, workdir, checkpoint=checkpoint)
    measurements, section = measure_run(context, references)
    folder = RunFolder(workdir)
    _keep(folder, context, section)
    write_page(workdir)
    print(f"{summary(measurements)}\nwritten to {folder.evaluation}")
    return measurements


def evaluate_suites(context: Context, workdir: str | Path, names: Sequence[str]) -> Path:
    """Runs suites one after the other; what each finds is kept before the next begins.

    Of several suites one whose data are not there is passed over: the report says what is missing,
    unless it has figures of that suite from an earlier time.

    Args:
      context: of the run in `workdir`.
      names: keys of `SUITES`.

    Returns:
      The report's path.

    Raises:
      InputError: of a suite's data something is missing or wrong.
    """
    folder = RunFolder(workdir)
    for position, name in enumerate(names, start=1):
        print(f"[{position}/{len(names)}] {name}", flush=True)
        try:
            _keep(folder, context, SUITES[name].load()(context))
        except NotRun as reason:
            if len(names) == 1:
                raise InputError(f"--suite={name}: {reason}") from reason
            print(f"not run: {reason}")
            if not (folder.evaluation / name / SECTION_JSON).exists():
                _keep(folder, context, Section(name, name, "", not_run=(str(reason),)))
    report = write_report(folder.evaluation, workdir)
    write_page(workdir)
    print(f"written to {folder.evaluation}; open {report}")
    return report


def _keep(folder: RunFolder, context: Context, section: Section) -> None:
    facts = (*_made_by(context), *section.facts)
    write_section(folder.evaluation / section.name, dataclasses.replace(section, facts=facts))


def _made_by(context: Context) -> tuple[tuple[str, str], ...]:
    """What every section rests on."""
    networks = "; ".join(
        f"{network.name} ({', '.join(network.outputs)}), {network.role}"
        for network in context.networks
    )
    return (
        ("training steps", f"{context.run.steps:,}"),
        ("networks (layers), their role", networks),
    )
