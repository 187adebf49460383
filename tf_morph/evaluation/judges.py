"""The networks an evaluation asks: judges, and those the run was trained on."""

from collections.abc import Sequence

import ml_collections
from absl import logging

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.evaluation.context import JudgeNetwork
from tf_morph.evaluation.roles import JUDGE, TRAINING
from tf_morph.recognition.load import load_network
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.regression.components import load_judge
from tf_morph.regression.identity import identity_entries
from tf_morph.regression.run import Run


def judge_networks(
    config: ml_collections.ConfigDict, run: Run, others: Sequence[ml_collections.ConfigDict] = ()
) -> tuple[JudgeNetwork, ...]:
    """The judges, the config's first, and last the networks the identity loss compared by.

    One that took part in training is no judge: it is left out, with a warning.

    Args:
      config: whose judge is asked.
      run: opened.
      others: configs of further judges, each with the one output that is compared.

    Raises:
      InputError: a network's file is missing or wrong, or two judges have one name.
    """
    judges = []
    own = load_judge(config)
    if own is None:
        logging.warning("no judge in the config: recall by the training networks only")
    elif _is_independent(own, config.judge, run):
        judges.append(JudgeNetwork(own, JUDGE, (config.judge_output,)))
    for other in others:
        network = load_network(other)
        if _is_independent(network, other, run):
            judges.append(JudgeNetwork(network, JUDGE, tuple(network.output_names)))
    _check_names(judges)
    compared = (JudgeNetwork(each.network, TRAINING, each.outputs) for each in run.identity)
    return (*judges, *compared)


def _check_names(judges: Sequence[JudgeNetwork]) -> None:
    names = [judge.name for judge in judges]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InputError(f"two judges are called {twice}; leave one out")


def _is_independent(
    network: RecognitionNetwork, its_config: ml_collections.ConfigDict, run: Run
) -> bool:
    # By its file alone: another output or way of feeding it makes it no other network.
    compared = (entry.network for entry in identity_entries(run.config).values())
    trained_on = {expand_path(each.path).resolve() for each in (run.config.encoder, *compared)}
    networks = (run.encoder.network, *(each.network for each in run.identity))
    fingerprints = {each.fingerprint for each in networks}
    path = expand_path(its_config.path).resolve()
    if path not in trained_on and network.fingerprint not in fingerprints:
        return True
    logging.warning("%s took part in training, so it is no judge", network.name)
    return False
