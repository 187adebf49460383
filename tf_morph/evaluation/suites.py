"""The suites of an evaluation by name, in the order of the report."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tf_morph.evaluation.context import Context
from tf_morph.evaluation.gallery_recall.suites import folder_suite, lfw_suite, mofa_suite
from tf_morph.evaluation.geometry.micc import micc_suite
from tf_morph.evaluation.geometry.now import now_suite
from tf_morph.evaluation.pooling.suite import pooling_suite
from tf_morph.evaluation.run_suite import run_suite
from tf_morph.evaluation.sections import Section
from tf_morph.evaluation.similarity_suite import emd_suite
from tf_morph.evaluation.stress.suite import stress_suite

Suite = Callable[[Context], Section]

SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        "run": run_suite,
        "mofa": mofa_suite,
        "lfw": lfw_suite,
        "folder": folder_suite,
        "emd": emd_suite,
        "micc": micc_suite,
        "now": now_suite,
        "stress": stress_suite,
        "pooling": pooling_suite,
    }
)
