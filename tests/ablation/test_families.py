"""The variants of a config: fields that exist, the same work in each, nothing in vain."""

import sys
from pathlib import Path

import pytest
from absl import flags
from ml_collections import config_flags

from configs.demo import get_config
from tf_morph.ablation.families import FULL, SYNTHETIC_ONLY, WITH_PARAMETER, full_variant
from tf_morph.ablation.families import make_families as families_of
from tf_morph.ablation.runs import PlannedRun
from tf_morph.ablation.variants import changed
from tf_morph.ablation.verdicts import PREDICTIONS
from tf_morph.config import config_difference, identity_config, network_config
from tf_morph.errors import InputError
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.default_config import default_config
from tf_morph.regression.losses import TERMS

OUT = Path("out")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def demo():
    return get_config()


def _variants(base):
    families = families_of(base, OUT)
    found = {n: v for family in families.values() for n, v in family.variants.items()}
    return {FULL: full_variant(base), **found}


def _left_out(base):
    return {v.name: v.reason for family in families_of(base, OUT).values() for v in family.left_out}


def test_the_demo_has_the_variants_that_the_papers_claims_ask_for(demo):
    assert set(_variants(demo)) == {
        *(FULL, "no_batch", "no_loopback", "identity_only", "identity_only_fixed_view"),
        *("three_views", "fixed_view", "random_encoder", "random_identity"),
        *("one_hidden_layer", "two_hidden_layers", "three_hidden_layers"),
        *(WITH_PARAMETER, SYNTHETIC_ONLY),
    }
    assert _left_out(demo) == {
        "one_view": "the same as full",
        "swapped_networks": "its networks are described by other fields than one another",
        "no_hidden_layer": "the same as full",
    }


def test_every_variant_is_a_config_that_can_be_trained(demo):
    variants = _variants(demo)
    full = changed(demo, variants[FULL].overrides)
    for variant in variants.values():
        config = changed(demo, variant.overrides)
        check_config(config)
        assert _changed_fields(demo, config) <= set(variant.overrides)
        assert bool(_changed_fields(full, config)) == (variant.name != FULL)


def test_command_lines_make_the_variants_configs(demo, monkeypatch):
    for variant in _variants(demo).values():
        run = PlannedRun(variant.name, 0, OUT, str(ROOT / "configs/demo.py"), variant.overrides)
        line = ["train.py", *(a for a in run.commands()["train"] if a.startswith("--config"))]
        monkeypatch.setattr(sys, "argv", line)  # where config flags look for overrides
        values = flags.FlagValues()
        config_flags.DEFINE_config_file("config", flag_values=values)
        values(line)
        assert config_difference(values.config, changed(demo, variant.overrides)) == []


def test_the_three_losses_are_alone_but_where_the_name_says_so(demo):
    for variant in _variants(demo).values():
        weight = changed(demo, variant.overrides).loss.parameter
        assert (weight > 0) == (variant.name in (WITH_PARAMETER, SYNTHETIC_ONLY))


def test_every_variant_draws_as_many_pictures(demo):
    drawn = {
        name: config.training.rendered_faces * config.training.views
        for name, variant in _variants(demo).items()
        for config in (changed(demo, variant.overrides),)
    }
    assert set(drawn.values()) == {drawn[FULL]}, drawn


@pytest.mark.parametrize(
    ("name", "term"), [("identity_only", "identity"), (SYNTHETIC_ONLY, "parameter")]
)
def test_one_loss_alone_leaves_no_other(demo, name, term):
    loss = changed(demo, _variants(demo)[name].overrides).loss
    assert {term for term in TERMS if loss[term]} == {term}


def test_one_view_stands_against_several_whatever_the_config_draws(demo):
    demo.training.update({"rendered_faces": 8, "views": 3})
    variants = _variants(demo)
    assert changed(demo, variants["one_view"].overrides).training.rendered_faces == 24
    assert changed(demo, variants["fixed_view"].overrides).training.views == 1
    assert _left_out(demo)["three_views"] == "the same as full"


def test_what_the_config_has_no_room_for_is_left_out_with_its_reason(demo):
    demo.loss.update({"loopback": 0.0, "parameter": 0.0})
    demo.judge.path = ""
    demo.identity.dlib.network.update({"path": "network.pb", "kind": "frozen_graph"})
    demo.training.update({"rendered_faces": 200, "views": 2})
    left = _left_out(demo)
    assert left["no_loopback"] == "the same as full"
    assert left[WITH_PARAMETER] == "the config has no parameter loss"
    assert left["swapped_networks"] == "the config names no judge"
    assert "no network that can be made" in left["random_identity"] and "random_encoder" not in left
    assert "400 faces a step" in left["one_view"]


def test_the_fixed_view_never_moves_and_its_light_does(demo):
    scene = changed(demo, _variants(demo)["fixed_view"].overrides).scene
    moving = {name for name in scene if name.endswith(("yaw_degrees", "pitch_degrees"))}
    moving |= {name for name in scene if name.startswith(("roll", "translation"))}
    assert len(moving) == 5 and all(scene[name] == 0.0 for name in moving)
    assert scene.exposure == demo.scene.exposure


def test_what_a_variant_leaves_out_no_stage_brings_back(demo):
    demo.stages = {"later": {"first_step": 9, "loss": {"loopback": 0.5, "parameter": 3.0}}}
    without = changed(demo, _variants(demo)["no_loopback"].overrides).stages.later.loss
    assert without.loopback == 0.0 and without.parameter == 0.0
    assert changed(demo, _variants(demo)[FULL].overrides).stages.later.loss.loopback == 0.5


def test_every_number_of_hidden_layers_is_there_once(demo):
    demo.decoder.hidden_units = ()
    units = {changed(demo, v.overrides).decoder.hidden_units for v in _variants(demo).values()}
    assert sorted(units, key=len) == [(1024,) * layers for layers in range(4)]


@pytest.mark.parametrize("overrides", [{"loss.lopback": 0.0}, {"lopback": 0.0}, {"": 1}])
def test_a_typo_is_refused(demo, overrides):
    with pytest.raises(InputError, match="no field"):
        changed(demo, overrides)


def test_a_value_of_another_type_is_refused(demo):
    with pytest.raises(InputError):
        changed(demo, {"training.views": "three"})


def test_predictions_are_about_variants_there_are(demo):
    named = {name for p in PREDICTIONS for name in (p.variant, p.other)}
    assert named <= _variants(demo).keys() | _left_out(demo).keys()


def test_the_default_config_has_families_too():
    config = default_config()
    config.identity.named = identity_config(network_config("named", "named.pb"))
    assert {"no_batch", "one_view"} <= _variants(config).keys()


def _changed_fields(first, second):
    return {line.split(":")[0] for line in config_difference(first, second)}
