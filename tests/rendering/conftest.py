"""What the tests of the renderer share."""

import pytest

from tf_morph.rendering.kernels import CPU, TENSORFLOW


@pytest.fixture(params=[CPU, TENSORFLOW])
def kernels(request) -> str:
    """Each set of kernels in turn, by name."""
    return request.param
