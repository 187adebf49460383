"""The suites of an evaluation: the one registry, importable without TensorFlow.

`evaluate.py`, the report's order and the list in docs/reproduction.md are made from it;
`python -m tf_morph.evaluation.suites` prints that list.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

DATA_SETS = ("mofa", "lfw", "folder", "micc", "now", "feret", "bam")
FOUND_IN_ASSETS = ("mofa", "micc", "now", "feret", "bam")  # lfw and folder take long: by choice


@dataclass(frozen=True)
class Suite:
    """Attributes:
    name: of `--suite`, and of its folder in the run's `evaluation`.
    about: what it measures, in a line.
    function: "module:function" below this package, from a `Context` to a `Section`.
    flags: of the flags that only some suites take, those this one takes.
    """

    name: str
    about: str
    function: str
    flags: tuple[str, ...] = ()

    def load(self) -> Callable:
        """The function."""
        module, _, function = self.function.partition(":")
        return getattr(importlib.import_module(f"{__package__}.{module}"), function)


_ALL = (
    Suite(
        "run", "the run's own test people: recall, similarity, ground truth", "run_suite:run_suite"
    ),
    Suite(
        "mofa",
        "identification on MoFA-Test, a gallery of every photograph",
        "gallery_suites:mofa_suite",
        ("identities", "method"),
    ),
    Suite(
        "lfw",
        "identification on LFW or the run's own photographs, one a person",
        "gallery_suites:lfw_suite",
        ("method",),
    ),
    Suite(
        "folder",
        "identification on other photographs, one a person",
        "gallery_suites:folder_suite",
        ("method",),
    ),
    Suite(
        "emd",
        "similarity of photographs and renderings, by the earth mover's distance",
        "similarity:emd_suite",
        ("pairs", "method"),
    ),
    Suite(
        "micc",
        "distance of predicted faces from scans, MICC's or made from known faces",
        "micc:micc_suite",
        ("method",),
    ),
    Suite("now", "a submission to the NoW benchmark", "now:now_suite"),
    Suite(
        "stress",
        "robustness to perturbed photographs and synthetic views, FERET, BAM",
        "robustness_suite:stress_suite",
    ),
    Suite("pooling", "several photographs of one person aggregated", "multi_image:pooling_suite"),
)
SUITES = {suite.name: suite for suite in _ALL}


def taking(flag: str) -> tuple[str, ...]:
    """The names of the suites that take a flag."""
    return tuple(name for name, suite in SUITES.items() if flag in suite.flags)


def listing() -> str:
    """The suites as a Markdown list."""
    return "".join(f"- `{suite.name}`: {suite.about}.\n" for suite in SUITES.values())


if __name__ == "__main__":
    print(listing(), end="")
