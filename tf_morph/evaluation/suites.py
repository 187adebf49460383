"""The suites of an evaluation by name, in the order of the report."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tf_morph.evaluation.context import Context
from tf_morph.evaluation.run_suite import run_suite
from tf_morph.evaluation.sections import Section

RUN, ALL = "run", "all"
Suite = Callable[[Context], Section]

SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        RUN: run_suite,
    }
)
