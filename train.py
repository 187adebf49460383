"""Trains a regressor: python train.py --config=configs/demo.py --workdir=runs/demo."""

from absl import flags
from ml_collections import config_flags

from tf_morph.config import config_name
from tf_morph.errors import run_main


def define_flags():
    config_flags.DEFINE_config_file("config", "configs/demo.py", "The run, one file each.")
    flags.DEFINE_string(
        "workdir", None, "The run's folder; by default runs/ and the config file's name."
    )


def main(argv):
    del argv
    from tf_morph.regression.train import train

    values = flags.FLAGS
    name = config_name(config_flags.get_config_filename(values["config"]))
    train(values.config, values.workdir or f"runs/{name}")


if __name__ == "__main__":
    run_main(main, define_flags=define_flags)
