"""A packed model is the model it was made of, to its steps; damage is told."""

import json
import shutil

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.morphable_model.makehuman import SHIPPED
from tf_morph.morphable_model.packed_head import STEP_COLOR, STEP_MM, read_packed, write_packed

MOST_BYTES = 9_000_000


@pytest.fixture
def copied(tmp_path):
    for path in (SHIPPED, SHIPPED.with_suffix(".json")):
        shutil.copy(path, tmp_path)
    return tmp_path / SHIPPED.name


def test_packing_again_loses_no_more(open_head, tmp_path):
    path = tmp_path / "again.npz"
    write_packed(open_head, path, "a test")
    again = read_packed(path)
    for one, other, step in (
        (open_head.shape, again.shape, STEP_MM),
        (open_head.color, again.color, STEP_COLOR),
    ):
        np.testing.assert_array_equal(one.mean, other.mean)
        np.testing.assert_array_equal(one.standard_deviations, other.standard_deviations)
        assert one.noise_variance == other.noise_variance
        modes = (basis.basis * basis.standard_deviations for basis in (one, other))
        assert np.abs(np.subtract(*modes)).max() <= step  # a length's rounding included
    np.testing.assert_allclose(
        open_head.expression.basis * open_head.expression.standard_deviations,
        again.expression.basis * again.expression.standard_deviations,
        atol=0.51 * STEP_MM,
    )
    assert dict(again.attributes) == dict(open_head.attributes)
    assert again.name == open_head.name


def test_the_shipped_file_is_small_and_of_its_card(open_head):
    assert SHIPPED.stat().st_size <= MOST_BYTES
    card = json.loads(SHIPPED.with_suffix(".json").read_text())
    assert card["licence"] == "CC0" and "makehuman" in card["command"]
    basis = open_head.shape.basis.astype(np.float64)
    np.testing.assert_allclose(np.linalg.norm(basis, axis=0), 1, atol=1e-5)


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "gone", "no card", "card"])
def test_damage_is_told_in_a_line(copied, damage):
    content = copied.read_bytes()
    if damage in ("cut", "empty"):
        copied.write_bytes(content[: len(content) // 2 if damage == "cut" else 0])
    elif damage == "flipped":
        copied.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
    elif damage == "gone":
        copied.unlink()
    elif damage == "no card":
        copied.with_suffix(".json").unlink()
    else:
        copied.with_suffix(".json").write_text("[]")
    with pytest.raises(InputError, match="install the package again") as told:
        read_packed(copied)
    assert str(copied) in str(told.value) and "\n" not in str(told.value)
