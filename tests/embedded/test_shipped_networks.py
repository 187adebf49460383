"""The judge that comes with the package is that of its card, small and good enough."""

from pathlib import Path

from configs import demo
from tf_morph import embedded
from tf_morph.recognition import load_network
from tf_morph.recognition.card import check_networks, read_card

FOLDER = Path(embedded.__file__).parent / "networks"
MOST_BYTES = 3_000_000


def test_it_is_the_file_of_its_card():
    check_networks(FOLDER)
    assert list(read_card(FOLDER)["networks"]) == ["judge"]
    assert [path.name for path in FOLDER.glob("*.keras")] == ["judge.keras"]


def test_the_demo_finds_and_opens_it():
    facts = read_card(FOLDER)["networks"]["judge"]
    network = load_network(demo.get_config().judge)
    assert network.output_sizes["embedding"] == facts["embedding_size"]
    assert network.input_size == facts["input_size"]


def test_it_is_small():
    assert (FOLDER / "judge.keras").stat().st_size <= MOST_BYTES


def test_it_tells_unseen_people_apart():
    facts = read_card(FOLDER)["networks"]["judge"]
    assert facts["unseen_people"] >= 1000
    assert facts["auc"] >= 0.98
