"""The card tells what an evaluated run's folder holds."""

import json

import pytest

from tf_morph.reconstruction.build_regressor import card_of, write_card


@pytest.fixture
def run(tmp_path):
    tables = tmp_path / "evaluation" / "run"
    tables.mkdir(parents=True)
    config = {
        "description": "photographs on a head",
        "encoder": {"name": "dlib_resnet"},
        "encoder_outputs": ["pooled", "centred"],
        "identity": {"second": {}, "first": {}},
        "judge": {"name": "held_out"},
        "face_model": {"path": "makehuman"},
        "training": {"steps": 7},
        "seed": 3,
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "people.json").write_text(json.dumps({"training": ["a", "b"], "test": ["c"]}))
    (tmp_path / "speed.csv").write_text("step,images_per_second,seconds\n4,1,90\n7,1,30.0\n")
    (tables / "recall_summary.csv").write_text(
        'method,"held_out, judge, 84"\nours,79.0 / 95.2\nchance,1.2 / 6.0\n'
    )
    (tables / "similarity.csv").write_text(
        "network,role,method,emd_to_same\nheld_out,judge,ours,0.25\nheld_out,judge,mean_face,0.7\n"
    )
    return tmp_path


def test_the_card_has_the_runs_own_figures(run, tmp_path):
    card = card_of(run, "python -m made OUT")
    assert card["minutes"] == 2.0
    assert card["people_trained_on"] == 2 and card["people_tested"] == 1
    assert card["similarity_emd"] == {"held_out, judge": 0.25}
    assert card["identity_networks"] == ["first", "second"]
    write_card(tmp_path, card)
    assert json.loads((tmp_path / "card.json").read_text()) == card
    text = (tmp_path / "card.md").read_text()
    for told in (
        "`python -m made OUT`",
        "| ours | 79.0 / 95.2 |",
        "held_out took no part",
        "seed 3",
    ):
        assert told in text
