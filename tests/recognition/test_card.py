"""A card says what it must, and finds networks that are not those it describes."""

import hashlib

import pytest

from tf_morph.errors import InputError
from tf_morph.recognition.card import check_networks, read_card, write_card

FACTS = {
    "architecture": "facenet_nn2",
    "input_size": 64,
    "embedding_size": 128,
    "batch_normalization": True,
    "parameters": 513168,
    "steps": 2800,
    "minutes": 20.5,
    "auc": 0.9951,
    "accuracy": None,
}


@pytest.fixture
def folder(tmp_path):
    networks = {}
    for name in ("encoder", "judge"):
        content = name.encode()
        (tmp_path / f"{name}.keras").write_bytes(content)
        networks[name] = FACTS | {"sha256": hashlib.sha256(content).hexdigest()}
    write_card(tmp_path, networks, "python -m some.command", "A note.")
    return tmp_path


def test_what_is_written_is_read(folder):
    card = read_card(folder)
    assert (card["command"], card["licence"]) == ("python -m some.command", "Apache-2.0")
    assert card["networks"]["judge"]["auc"] == 0.9951
    check_networks(folder)


def test_the_card_for_people_says_the_same(folder):
    text = (folder / "card.md").read_text()
    for said in (
        "`python -m some.command`",
        "A note.",
        "[B, 64, 64, 3]",
        "Apache-2.0",
        "| Parameters | 513,168 | 513,168 |",
        "| Steps | 2800 | 2800 |",
        "| Batch normalisation | yes | yes |",
        "kinds of pair weighed alike | – | – |",
        read_card(folder)["networks"]["judge"]["sha256"],
    ):
        assert said in text


def test_another_file_or_none_is_found(folder):
    (folder / "judge.keras").write_bytes(b"another")
    with pytest.raises(InputError, match=r"judge.keras: is not the file that card.json describes"):
        check_networks(folder)
    (folder / "judge.keras").unlink()
    with pytest.raises(InputError, match="judge.keras: no such file"):
        check_networks(folder)
    (folder / "card.json").write_text("{")
    with pytest.raises(InputError, match="card.json: no card can be read"):
        check_networks(folder)
