"""Evaluates a trained run: python evaluate.py --workdir=runs/demo."""

from absl import flags
from ml_collections import config_flags

from tf_morph.config import config_name
from tf_morph.errors import run_main


def define_flags():
    config_flags.DEFINE_config_file(
        "config", None, "The run's config file; without it the config kept in the run's folder."
    )
    flags.DEFINE_string(
        "workdir", None, "The run's folder; by default runs/ and the config's name, or runs/demo."
    )
    flags.DEFINE_bool(
        "references", True, "--noreferences: no bounds, ceilings, pictures or report; faster."
    )


def main(argv):
    del argv
    from tf_morph.evaluation.evaluate import evaluate

    values, name = flags.FLAGS, "demo"
    if values.config is not None:
        name = config_name(config_flags.get_config_filename(values["config"]))
    evaluate(values.config, values.workdir or f"runs/{name}", references=values.references)


if __name__ == "__main__":
    run_main(main, define_flags=define_flags)
