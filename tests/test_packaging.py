"""The lock, the package's declaration, the README and the configs agree with one another."""

import ast
import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import ml_collections
import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tf_morph.config import config_difference, load_config, save_config

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.py"))
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "macos": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
}
# Declare what none of their modules used here imports (pyproject.toml says the same to uv).
WITHOUT_DEPENDENCIES = {"tensorflow-graphics", "anny"}


def _environment(python: str, platform: str) -> dict[str, str]:
    version = {"python_version": python, "python_full_version": f"{python}.0"}
    return {**default_environment(), **PLATFORMS[platform], **version, "extra": ""}


def _pins(environment: dict[str, str]) -> dict[str, str]:
    """name -> version of every line of requirements.txt that applies in `environment`."""
    pins = {}
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        requirement = Requirement(line)
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", line
        if requirement.marker is None or requirement.marker.evaluate(environment):
            name = canonicalize_name(requirement.name)
            assert name not in pins, f"{name} is pinned twice"
            pins[name] = specifier.version
    return pins


def _unmet(pins: dict[str, str], environment: dict[str, str]) -> set[str]:
    """What the pinned distributions require and the pins do not give: `who: requirement`."""
    unmet = set()
    for name in pins.keys() - WITHOUT_DEPENDENCIES:
        for text in importlib.metadata.requires(name) or ():
            needed = Requirement(text)
            if needed.marker is not None and not needed.marker.evaluate(environment):
                continue
            pinned = pins.get(canonicalize_name(needed.name))
            if pinned is None or not needed.specifier.contains(pinned, prereleases=True):
                unmet.add(f"{name}: {text}")
    return unmet


def _pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def _declared(group: str | None = None) -> list[Requirement]:
    project = _pyproject()
    lines = list(project["project"]["dependencies"])
    lines += project["dependency-groups"][group] if group else []
    return [Requirement(line) for line in lines]


def _installing_lines() -> list[str]:
    """The README's shell lines that install something, in order."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if re.search("(pip|uv) ", line)]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_lock_holds_whatever_its_distributions_require(python, platform):
    environment = _environment(python, platform)
    assert _unmet(_pins(environment), environment) == set()


def test_a_forgotten_and_a_wrong_pin_are_found():
    environment = _environment("3.11", "linux")
    pins = _pins(environment)
    forgotten = {name: version for name, version in pins.items() if name != "astunparse"}
    assert [line.split(":")[0] for line in _unmet(forgotten, environment)] == ["tensorflow"]
    wrong = _unmet({**pins, "h5py": "3.15.0"}, environment)
    assert [line.split(":")[0] for line in wrong] == ["tensorflow"]


@pytest.mark.parametrize("python", PYTHONS)
def test_lock_satisfies_what_the_project_declares(python):
    pins = _pins(_environment(python, "linux"))
    for requirement in _declared("test"):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


def test_lock_equals_uv_lock():
    locked = {p["name"]: p for p in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    project = locked["tf-morph"]
    waiting = project["dependencies"] + project["dev-dependencies"]["test"]
    versions = {}
    while waiting:
        package = locked[waiting.pop()["name"]]
        if package["name"] not in versions:
            versions[package["name"]] = package["version"]
            waiting += package.get("dependencies", [])
    windows_too = {**_environment("3.11", "linux"), "sys_platform": "win32"}
    assert versions == _pins(windows_too)


def test_the_wheel_takes_the_network_that_ships():
    patterns = _pyproject()["tool"]["setuptools"]["package-data"]["tf_morph.embedded"]
    folder = ROOT / "tf_morph" / "embedded"
    taken = {file for pattern in patterns for file in folder.glob(pattern)}
    assert {file for file in folder.rglob("*") if file.suffix in (".keras", ".json")} <= taken
    assert len(taken) >= 3


@pytest.mark.parametrize("name", ["uv.lock", "requirements.txt", "pyproject.toml"])
def test_no_index_but_the_public_one_is_named(name):
    hosts = set(re.findall(r"\w+://([^/\s\"']+)", (ROOT / name).read_text()))
    assert hosts <= {"pypi.org", "files.pythonhosted.org"}
    assert "file:" not in (ROOT / name).read_text()


@pytest.mark.parametrize(
    ("folders", "group"),
    [((".", "benchmarks", "configs", "tf_morph"), None), (("tests",), "test")],
    ids=["project", "tests"],
)
def test_every_import_is_declared(folders, group):
    files = [file for folder in folders for file in _python_files(ROOT / folder)]
    assert len(files) > 1
    declared = {canonicalize_name(requirement.name) for requirement in _declared(group)}
    ours = {"tf_morph", "tests", "configs", "benchmarks"} | {
        path.stem for path in ROOT.glob("*.py")
    }
    distributions = importlib.metadata.packages_distributions()
    undeclared = {
        f"{file.relative_to(ROOT)}: {module}"
        for file in files
        for module in _imported(file) - ours - sys.stdlib_module_names
        if not declared & {canonicalize_name(name) for name in distributions.get(module, ())}
    }
    assert undeclared == set()


def _python_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.py") if folder == ROOT else folder.rglob("*.py"))


def _imported(file: Path) -> set[str]:
    """The first parts of the modules that a file imports, wherever in it."""
    modules = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module)
    return {module.split(".")[0] for module in modules}


def test_readme_installs_then_runs_the_tests_and_its_commands_are_there():
    first, tests = _installing_lines()[:2]
    assert first == "pip install --no-deps -r requirements.txt"
    assert tests == f"{first} && python -m pytest"
    text = (ROOT / "README.md").read_text()
    scripts = set(re.findall(r"python (\w+\.py)", text))
    assert {"train.py", "evaluate.py"} <= scripts and all((ROOT / s).is_file() for s in scripts)
    modules = set(re.findall(r"python -m (tf_morph[\w.]+)", text.replace("\n", " ")))
    assert "tf_morph.reconstruct" in modules
    assert all(importlib.util.find_spec(module) for module in modules)


def test_ci_runs_the_readmes_test_line():
    shown = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run"), "--show"], capture_output=True, text=True, check=True
    )
    assert shown.stdout.splitlines() == [_installing_lines()[1]]


def test_readme_has_no_code_block_but_shell_ones_before_the_test_line():
    """So that whoever reads the README for its shell lines, by the fences alone, finds them."""
    before = (ROOT / "README.md").read_text().split(_installing_lines()[1])[0]
    assert set(re.findall(r"^```.*$", before, re.M)) == {"```bash", "```"}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_config_loads_without_assets_and_survives_its_file(path, monkeypatch, tmp_path):
    monkeypatch.delenv("TF_MORPH_ASSETS", raising=False)
    spec = importlib.util.spec_from_file_location(f"configs_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    config = module.get_config()
    assert isinstance(config, ml_collections.ConfigDict)
    save_config(config, tmp_path / "config.json")
    assert config_difference(config, load_config(tmp_path / "config.json")) == []
    assert "train.py" in module.__doc__, "a config opens with the command that runs it"
