"""The registry of suites: importable alone, each function there, the documentation complete."""

import inspect
import subprocess
import sys
from pathlib import Path

from tf_morph.evaluation.suites import SUITES, listing, taking

ROOT = Path(__file__).parents[2]


def test_it_needs_no_tensorflow():
    code = "import sys, evaluate; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_every_suite_is_a_function_of_a_context():
    for suite in SUITES.values():
        assert list(inspect.signature(suite.load()).parameters) == ["context"]


def test_flags_belong_to_suites():
    assert taking("identities") == ("mofa",) and taking("pairs") == ("emd",)


def test_the_documentation_lists_them():
    assert listing() in (ROOT / "docs" / "reproduction.md").read_text()
