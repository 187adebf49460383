"""Suites by name: the command's flag knows those there are."""

import evaluate
from tf_morph.evaluation.suites import SUITES


def test_the_flag_names_every_suite_in_the_report_s_order():
    assert tuple(SUITES) == evaluate.RUN_SUITES
