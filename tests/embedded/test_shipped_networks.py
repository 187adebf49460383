"""The networks that come with the package are those of their card, small and good enough."""

from pathlib import Path

import pytest

from configs import demo
from tf_morph import embedded
from tf_morph.recognition import load_network
from tf_morph.recognition.card import check_networks, read_card

FOLDER = Path(embedded.__file__).parent / "networks"
MOST_BYTES = 6_000_000


def test_they_are_the_files_of_their_card():
    check_networks(FOLDER)
    networks = read_card(FOLDER)["networks"]
    assert sorted(networks) == ["encoder", "judge"]
    for field in ("sha256", "seed", "architecture"):
        assert networks["encoder"][field] != networks["judge"][field]


@pytest.mark.parametrize("name", ["encoder", "judge"])
def test_the_demo_finds_and_opens_them(name):
    facts = read_card(FOLDER)["networks"][name]
    network = load_network(demo.get_config()[name])
    assert network.output_sizes["embedding"] == facts["embedding_size"]
    assert network.input_size == facts["input_size"]


def test_they_are_small():
    sizes = [path.stat().st_size for path in FOLDER.glob("*.keras")]
    assert len(sizes) == 2 and sum(sizes) <= MOST_BYTES


@pytest.mark.parametrize(("name", "bar"), [("encoder", 0.995), ("judge", 0.99)])
def test_they_tell_unseen_people_apart(name, bar):
    facts = read_card(FOLDER)["networks"][name]
    assert facts["unseen_people"] >= 1000
    assert facts["auc"] >= bar
