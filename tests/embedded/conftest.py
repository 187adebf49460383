import pytest

from tf_morph.embedded import rebuild, world
from tf_morph.morphable_model.makehuman_residual import with_residual


@pytest.fixture(scope="session")
def faces(full_open_head):
    """The model people are drawn from, of fewer painted people."""
    return with_residual(full_open_head, 0)


@pytest.fixture(scope="module")
def quick_face_model(faces):
    """Worlds and rebuildings take `faces` and make no face model of their own."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (world, rebuild):
            patch.setattr(module, "people_head", lambda seed, painted_people: faces)
        yield
