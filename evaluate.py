"""Evaluates a trained run: python evaluate.py --workdir=runs/demo.

Or recognition networks alone, on pairs of photographs as LFW's:

    python evaluate.py --suite=verification --network=NAME_OR_PATH --photos=FOLDER --pairs=FILE \
      --out=FOLDER
"""

from absl import flags
from ml_collections import config_flags

from tf_morph.config import config_name
from tf_morph.errors import InputError, run_main


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
    flags.DEFINE_string(
        "checkpoint", "latest", "Of the run: latest, best by held-out people, or its steps."
    )
    flags.DEFINE_enum(
        "suite", "run", ["run", "verification"], "What is evaluated: a run, or networks on pairs."
    )
    define_verification_flags()


def define_verification_flags():
    flags.DEFINE_multi_string(
        "network", [], "A network's name or path; several by commas, or by the flag again."
    )
    flags.DEFINE_multi_string("weights", [], "The weight file of each network given by name.")
    flags.DEFINE_string("output", None, "The output compared; each network's usual one by default.")
    flags.DEFINE_string("photos", None, "The folder of photographs, a subfolder a person.")
    flags.DEFINE_string("pairs", None, "The file of pairs, in the format of LFW's pairs.txt.")
    flags.DEFINE_string("out", "runs/verification", "Where the verification's files are written.")
    flags.DEFINE_string(
        "crop",
        None,
        "left,top,right,bottom in pixels, 'whole' or 'aligned', to the face found and as each "
        "network wants it; by default 55,49,195,189 where all photographs are 250 x 250 as LFW's, "
        "else 'whole', the largest centred square.",
    )


def main(argv):
    del argv
    values = flags.FLAGS
    if values.suite == "verification":
        return verify_networks(values)
    if values.network or values.photos or values.pairs:
        raise InputError("--network, --photos and --pairs belong to --suite=verification; add it")
    from tf_morph.evaluation.evaluate import evaluate

    name = "demo"
    if values.config is not None:
        name = config_name(config_flags.get_config_filename(values["config"]))
    evaluate(
        values.config,
        values.workdir or f"runs/{name}",
        references=values.references,
        checkpoint=values.checkpoint,
    )


def verify_networks(values):
    from tf_morph.evaluation.verification.suite import verify

    verify(
        values.network,
        values.photos,
        values.pairs,
        values.out,
        crop=values.crop,
        weights=values.weights,
        output=values.output,
    )


if __name__ == "__main__":
    run_main(main, define_flags=define_flags)
