"""Configs written down, read back and compared."""

from pathlib import Path

import pytest

from tf_morph import embedded
from tf_morph.config import (
    assets_path,
    config_difference,
    expand_path,
    fill_missing,
    load_config,
    network_config,
    save_config,
)
from tf_morph.errors import InputError
from tf_morph.regression.default_config import default_config


def test_a_saved_config_equals_its_source(tmp_path):
    config = default_config()
    config.photographs.crop = (1, 2, 3, 4)
    save_config(config, tmp_path / "config.json")
    assert config_difference(load_config(tmp_path / "config.json"), config) == []
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_differences_are_named_with_both_values():
    old, new = default_config(), default_config()
    new.loss.identity = 2.5
    new.photographs.crop = (0, 0, 9, 9)
    assert config_difference(old, new) == [
        "loss.identity: 10.0 -> 2.5",
        "photographs.crop: None -> [0, 0, 9, 9]",
    ]


def test_assets_are_found_through_the_environment(monkeypatch):
    path = assets_path("lfw")
    monkeypatch.setenv("TF_MORPH_ASSETS", "/somewhere")
    assert str(expand_path(path)) == "/somewhere/lfw"
    monkeypatch.setenv("TF_MORPH_ASSETS", "")
    with pytest.raises(InputError, match="TF_MORPH_ASSETS is not set"):
        expand_path(path)
    monkeypatch.delenv("TF_MORPH_ASSETS")
    for written in (path, "${TF_MORPH_ASSETS}/lfw"):
        with pytest.raises(InputError, match="TF_MORPH_ASSETS is not set"):
            expand_path(written)


def test_files_of_the_package_are_found_wherever_it_is(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert expand_path("package:embedded/__init__.py") == Path(embedded.__file__).resolve()
    for written in ("package:embedded/absent.keras", "package:../pyproject.toml"):
        with pytest.raises(InputError, match=f"{written}: tf_morph comes with no such file"):
            expand_path(written)


def test_files_of_another_package_are_found_without_importing_it(monkeypatch, tmp_path):
    package = tmp_path / "some_weights"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('never imported here')")
    (package / "models" / "a.dat").write_bytes(b"a")
    (tmp_path / "alone.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert expand_path("installed:some_weights/models/a.dat") == package / "models" / "a.dat"
    for written, expected in (
        ("installed:some_weights/b.dat", "some_weights has no such file"),
        ("installed:some_weights/../alone.py", "some_weights has no such file"),
        ("installed:absent_weights/a.dat", "no package 'absent_weights' is installed; pip install"),
        ("installed:alone/a.dat", "no package 'alone' is installed"),
        ("installed:some.weights/a.dat", "no package 'some.weights' is installed"),
        ("installed:", "no package '' is installed"),
    ):
        with pytest.raises(InputError, match=f"^{written}: .*{expected}"):
            expand_path(written)


def test_a_missing_package_of_weights_is_answered_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    command = "pip install --no-deps face_recognition_models==0.3.0"
    with pytest.raises(InputError, match=f"is installed; {command}$"):
        expand_path("installed:face_recognition_models/models/a.dat")


def test_fields_younger_than_a_config_get_their_defaults():
    old = default_config()
    old.encoder = network_config("n", "p", outputs={"a": "b"})
    old.training.steps = 7
    del old.truth, old.photographs.split, old.scene, old.rendering.kernels
    fill_missing(old, default_config())
    assert old.truth is None and old.photographs.split is None
    assert old.scene == default_config().scene and old.rendering.kernels == "auto"
    assert old.encoder.outputs.to_dict() == {"a": "b"} and old.training.steps == 7


def test_a_network_s_outputs_replace_the_usual_ones():
    assert network_config("n", "p", outputs={"a": "b"}).outputs.to_dict() == {"a": "b"}


@pytest.mark.parametrize("content", [None, b"{", b"", b"[1]", b"3", b"\xff"])
def test_what_is_no_config_is_named(tmp_path, content):
    path = tmp_path / "config.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="config.json"):
        load_config(path)
