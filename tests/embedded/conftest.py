import pytest

from tf_morph.morphable_model.procedural import full_model


@pytest.fixture(scope="session")
def faces():
    """A face model of fewer painted people; making it takes most of a small world's time."""
    return full_model(0, painted_people=60)
