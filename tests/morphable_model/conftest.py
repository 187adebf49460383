"""Models small enough to check by hand."""

import pytest

from tests.morphable_model.synthetic_models import small_model
from tf_morph.morphable_model import MorphableModel


@pytest.fixture(params=[False, True], ids=["no expression", "expression"])
def model(request) -> MorphableModel:
    """A small random model, without and with an expression part."""
    return small_model(expression=request.param)
