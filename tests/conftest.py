"""What every test shares: a quiet TensorFlow and the folder of real data."""

import os
from pathlib import Path

# Read once, when TensorFlow is first imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")

import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402
from hypothesis import settings  # noqa: E402

# Two, so that replicas can be tried in one process; what names no device runs on the first.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)

# A first call traces and compiles, so that a time limit on one example says nothing.
settings.register_profile("tf_morph", deadline=None, derandomize=True)
settings.load_profile("tf_morph")

pytest_plugins = ["tests.tiny_run"]


@pytest.fixture(scope="session")
def full_open_head():
    """The open head with all its components, of fewer painted people; seconds to make."""
    from tf_morph.morphable_model.makehuman import full_head

    return full_head(0, painted_people=130)


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder of real data that `TF_MORPH_ASSETS` names; skips the test where it is unset."""
    named = os.environ.get("TF_MORPH_ASSETS")
    if not named:
        pytest.skip("needs real data: TF_MORPH_ASSETS is not set")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"TF_MORPH_ASSETS is {named}, which is no folder")
    return folder
