"""The variants of the claims: fields that exist, the same work in each, nothing in vain."""

from pathlib import Path

import pytest

from benchmarks.claims.variants import (
    FULL,
    RANDOM_FEATURES,
    WITH_PARAMETER,
    changed,
    make_variants,
)
from benchmarks.claims.verdicts import PREDICTIONS
from configs.demo import get_config
from tf_morph.config import config_difference
from tf_morph.errors import InputError
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.losses import TERMS

OUT = Path("out")


@pytest.fixture
def demo():
    return get_config()


def test_every_variant_is_a_config_that_can_be_trained(demo):
    variants = make_variants(demo, OUT)
    full = changed(demo, variants[FULL].overrides)
    for variant in variants.values():
        config = changed(demo, variant.overrides)
        check_config(config)
        assert _changed_fields(demo, config) <= set(variant.overrides)
        assert bool(_changed_fields(full, config)) == (variant.name != FULL)


def test_the_three_losses_are_alone_but_where_the_name_says_so(demo):
    for variant in make_variants(demo, OUT).values():
        weight = changed(demo, variant.overrides).loss.parameter
        assert (weight > 0) == (variant.name == WITH_PARAMETER)


def test_every_variant_draws_as_many_pictures(demo):
    drawn = {
        name: config.training.rendered_faces * config.training.views
        for name, variant in make_variants(demo, OUT).items()
        for config in (changed(demo, variant.overrides),)
    }
    assert set(drawn.values()) == {drawn[FULL]}, drawn


def test_identity_only_leaves_no_other_loss(demo):
    variants = make_variants(demo, OUT)
    loss = changed(demo, variants["identity_only"].overrides).loss
    assert {term for term in TERMS if loss[term]} == {"identity"}


def test_a_variant_that_changes_nothing_is_left_out(demo):
    demo.loss.update({"loopback": 0.0, "parameter": 0.0})
    assert not {"no_loopback", WITH_PARAMETER} & make_variants(demo, OUT).keys()


def test_the_fixed_view_never_moves_and_its_light_does(demo):
    scene = changed(demo, make_variants(demo, OUT)["fixed_view"].overrides).scene
    moving = {name for name in scene if name.endswith(("yaw_degrees", "pitch_degrees"))}
    moving |= {name for name in scene if name.startswith(("roll", "translation"))}
    assert len(moving) == 5 and all(scene[name] == 0.0 for name in moving)
    assert scene.exposure == demo.scene.exposure


def test_random_features_change_the_encoder_alone(demo):
    config = changed(demo, make_variants(demo, OUT)[RANDOM_FEATURES].overrides)
    assert config.encoder.path == "out/random_encoder.keras"
    assert config_difference(demo.identity, config.identity) == []


@pytest.mark.parametrize("overrides", [{"loss.lopback": 0.0}, {"lopback": 0.0}, {"": 1}])
def test_a_typo_is_refused(demo, overrides):
    with pytest.raises(InputError, match="no field"):
        changed(demo, overrides)


def test_a_value_of_another_type_is_refused(demo):
    with pytest.raises(InputError):
        changed(demo, {"training.views": "three"})


def test_predictions_are_about_variants_there_are(demo):
    demo.loss.loopback = 1.0
    named = {name for p in PREDICTIONS for name in (p.variant, p.other)}
    assert named <= make_variants(demo, OUT).keys()


def _changed_fields(first, second):
    return {line.split(":")[0] for line in config_difference(first, second)}
