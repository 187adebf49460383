import pytest

from tf_morph.embedded import rebuild, world
from tf_morph.morphable_model.procedural import full_model


@pytest.fixture(scope="session")
def faces():
    """A face model of fewer painted people; making it takes most of a small world's time."""
    return full_model(0, painted_people=60)


@pytest.fixture(scope="module")
def quick_face_model(faces):
    """Worlds and rebuildings take `faces` and make no face model of their own."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (world, rebuild):
            patch.setattr(module, "full_model", lambda seed, painted_people: faces)
        yield
