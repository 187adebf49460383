"""Evaluates a trained run: python evaluate.py --workdir=runs/demo.

--suite=all runs every suite whose data are there and makes one report of them. Or recognition
networks alone, on pairs of photographs as LFW's:

    python evaluate.py --suite=verification --network=NAME_OR_PATH --photos=FOLDER --pairs=FILE \
      --out=FOLDER
"""

from absl import flags
from ml_collections import config_flags

from tf_morph.config import config_name
from tf_morph.errors import InputError, run_main
from tf_morph.evaluation.suites import SUITES, taking

ALL = "all"


def define_flags():
    config_flags.DEFINE_config_file(
        "config", None, "The run's config file; without it the config kept in the run's folder."
    )
    flags.DEFINE_string(
        "workdir", None, "The run's folder; by default runs/ and the config's name, or runs/demo."
    )
    flags.DEFINE_bool(
        "references", True, "--noreferences, of the suite run: no bounds, pictures; faster."
    )
    flags.DEFINE_string(
        "checkpoint", "latest", "Of the run: latest, best by held-out people, or its steps."
    )
    flags.DEFINE_enum(
        "suite",
        "run",
        [*SUITES, ALL, "verification"],
        "What is evaluated: a run, by one suite or by all; or networks on pairs. "
        + "; ".join(f"{suite.name}: {suite.about}" for suite in SUITES.values()),
    )
    define_data_flags()
    define_verification_flags()


def define_data_flags():
    flags.DEFINE_multi_string(
        "data",
        [],
        "NAME:FOLDER, the photographs or scans of a suite: mofa, lfw, folder, micc, now, feret or "
        "bam; again for each. Without it those that lie in $TF_MORPH_ASSETS/NAME.",
    )
    flags.DEFINE_multi_string(
        "method",
        [],
        "NAME:FOLDER, renderings or meshes by another method, compared as ours; again for each.",
    )
    flags.DEFINE_string("identities", None, "Of mofa: a file of lines FILE,PERSON.")


def define_verification_flags():
    flags.DEFINE_multi_string(
        "network",
        [],
        "A network's name or path; several by commas, or by the flag again. Of a run: further "
        "held-out networks.",
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
    check_suite(values)
    if not values.references:
        return evaluate_quickly(values)
    return evaluate_run(values)


def check_suite(values):
    if values.photos or values.crop:
        raise InputError(
            "--photos and --crop belong to --suite=verification; a run's suites take "
            "--data=NAME:FOLDER"
        )
    for flag in ("identities", "pairs", "method"):
        suites = (*taking(flag), ALL)
        if getattr(values, flag) and values.suite not in suites:
            raise InputError(f"--{flag} belongs to --suite={'|'.join(suites)}; name one")
    if not values.references and values.suite != "run":
        raise InputError("--noreferences belongs to --suite=run; leave it out")


def evaluate_run(values):
    import tensorflow as tf

    from tf_morph.evaluation.arguments import data_folders, given_file, method_folders
    from tf_morph.evaluation.context import open_context
    from tf_morph.evaluation.evaluate import evaluate_suites

    tf.get_logger().setLevel("ERROR")  # it warns of new shapes, and every suite renders others
    data, methods = data_folders(values.data), method_folders(values.method)
    files = {name: given_file(getattr(values, name), name) for name in ("identities", "pairs")}
    workdir = run_folder(values)
    context = open_context(
        values.config,
        workdir,
        checkpoint=values.checkpoint,
        networks=values.network,
        weights=values.weights,
        output=values.output,
        data=data,
        methods=methods,
        **files,
    )
    evaluate_suites(context, workdir, list(SUITES) if values.suite == ALL else [values.suite])


def evaluate_quickly(values):
    from tf_morph.evaluation.evaluate import evaluate

    evaluate(values.config, run_folder(values), references=False, checkpoint=values.checkpoint)


def run_folder(values):
    if values.workdir:
        return values.workdir
    if values.config is None:
        return "runs/demo"
    return f"runs/{config_name(config_flags.get_config_filename(values['config']))}"


def verify_networks(values):
    from tf_morph.evaluation.verification_suite import verify

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
