"""A run of two steps, opened."""

import pytest

from tf_morph.evaluation.context import open_context
from tf_morph.regression.train import train


@pytest.fixture(scope="session")
def make_context(tiny_config, tmp_path_factory):
    """A function to a new context, its keywords those of `open_context`."""
    config = tiny_config.copy_and_resolve_references()
    # Without the terms that draw, training compiles in a second.
    config.loss.update({"identity": 0.0, "loopback": 0.0})
    folder = tmp_path_factory.mktemp("stress")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "home"))
        train(config, folder / "run")
        yield lambda **given: open_context(None, folder / "run", **given)
