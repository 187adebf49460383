"""The fields every run's config has, and how a config is written down and compared."""

import importlib.util
import json
import os
from collections.abc import Sequence
from pathlib import Path

import ml_collections

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError
from tf_morph.json_files import read_json

ASSETS_VARIABLE = "TF_MORPH_ASSETS"
PACKAGE_PREFIX = "package:"
INSTALLED_PREFIX = "installed:"
_PACKAGE = Path(__file__).resolve().parent
# The packages of data alone and what installs them, without what else they ask for.
_DATA_PACKAGES = {"face_recognition_models": "--no-deps face_recognition_models==0.3.0"}
# What a network's config may have beside the fields that `network_config` gives it.
OPTIONAL_NETWORK_FIELDS = ("crop", "per_image_standardization", "constants", "variant")
IDENTITY_FIELDS = ("network", "outputs", "weight")  # that `identity_config` gives an entry


def assets_path(*parts: str) -> str:
    """A path below the folder named by `TF_MORPH_ASSETS`, unexpanded: configs stay portable."""
    return "/".join((f"${ASSETS_VARIABLE}", *parts))


def how_to_get(file_name: str, official_page: str, place: str) -> str:
    """What to do to have a published file, as the end of an error line."""
    return f"get {file_name} from {official_page} and put it at {place}"


def config_name(path: str) -> str:
    """The name of a run by its config file, `demo` for configs/demo.py.

    A word for the file to choose by is part of it: `paper_vgg_face` for configs/paper.py:vgg_face.

    Raises:
      InputError: there is no such file.
    """
    file, _, choice = path.partition(":")
    if not Path(file).is_file():
        raise InputError(f"{file}: no such config file; configs/ holds those that come with this")
    return "_".join((Path(file).stem, choice)) if choice else Path(file).stem


def expand_path(path: str) -> Path:
    """`path` with `~` and environment variables replaced.

    `package:embedded/networks/judge.keras` is that file of the installed package, wherever it is:
    configs that name such a path stay portable. `installed:face_recognition_models/models/x.dat` is
    a file of another installed package, which is not imported.

    Raises:
      InputError: the path starts with `$TF_MORPH_ASSETS` and that variable is not set, or empty; or
        it starts with `package:` and the package has no such file; or with `installed:` and there
        is no such package, or no such file in it.
    """
    if path.startswith(PACKAGE_PREFIX):
        return _path_in_package(path)
    if path.startswith(INSTALLED_PREFIX):
        return _path_in_installed(path)
    expanded = os.path.expandvars(os.path.expanduser(path))
    below_assets = path.startswith((f"${ASSETS_VARIABLE}", f"${{{ASSETS_VARIABLE}}}"))
    if below_assets and not os.environ.get(ASSETS_VARIABLE):
        raise InputError(
            f"{path}: the environment variable {ASSETS_VARIABLE} is not set; "
            "set it to the folder of your assets (docs/assets.md)"
        )
    return Path(expanded)


def _path_in_package(path: str) -> Path:
    inside = (_PACKAGE / path.removeprefix(PACKAGE_PREFIX)).resolve()
    if not (inside.is_relative_to(_PACKAGE) and inside.exists()):
        raise InputError(f"{path}: tf_morph comes with no such file")
    return inside


def how_to_install(path: str) -> str:
    """What to do to have the package of a path that begins with `installed:`."""
    package = path.removeprefix(INSTALLED_PREFIX).partition("/")[0]
    return f"pip install {_DATA_PACKAGES.get(package, package)}"


def _path_in_installed(path: str) -> Path:
    package, _, inside = path.removeprefix(INSTALLED_PREFIX).partition("/")
    found = importlib.util.find_spec(package) if package.isidentifier() else None
    if found is None or not found.submodule_search_locations:
        raise InputError(f"{path}: no package {package!r} is installed; {how_to_install(path)}")
    folder = Path(found.submodule_search_locations[0]).resolve()
    file = (folder / inside).resolve()
    if not (file.is_relative_to(folder) and file.exists()):
        raise InputError(f"{path}: the package {package} has no such file; {how_to_install(path)}")
    return file


def network_config(name: str, path: str, **changes) -> ml_collections.ConfigDict:
    """One recognition network: where its file is, what it expects (recognition/network.py)."""
    config = ml_collections.ConfigDict(
        {
            "name": name,
            "kind": "saved_model",
            "path": path,
            "input_name": "image",
            "input_size": 112,
            "color_order": "RGB",
            "input_range": (0.0, 255.0),
            "mean": (0.0, 0.0, 0.0),
            "std": (1.0, 1.0, 1.0),
            "outputs": {"embedding": "embedding", "features": "pooled"},
        }
    )
    if "outputs" in changes:
        config.outputs = changes.pop("outputs")  # in place of the default's, not merged with them
    config.update(changes)
    return config


def identity_config(
    network: ml_collections.ConfigDict,
    outputs: Sequence[str] = ("embedding",),
    weight: float = 1.0,
) -> ml_collections.ConfigDict:
    """One of the networks the identity loss compares by: an entry `config.identity.NAME`.

    Args:
      network: of its own, as `network_config` makes it; its `crop` holds for photographs and
        drawings alike. The encoder's again is loaded, and asked about a drawing, once for both.
      outputs: those compared; the network's loss is the mean of theirs.
      weight: within the identity loss, beside the other networks'; 0 leaves the network out.
    """
    return ml_collections.ConfigDict(
        {
            "network": network.copy_and_resolve_references(),
            "outputs": tuple(outputs),
            "weight": float(weight),
        }
    )


def save_config(config: ml_collections.ConfigDict, path: Path) -> None:
    """Writes the config as JSON (sorted, indented), atomically."""
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(_plain(config), indent=2, sort_keys=True) + "\n")


def load_config(path: Path) -> ml_collections.ConfigDict:
    """Reads a config written by `save_config`.

    Raises:
      InputError: there is no such file, or it is not JSON.
    """
    try:
        content = read_json(path, "a config written by train.py", "give another folder")
        return config_of(content)
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; is its folder a run of train.py?") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path}: not a config written by train.py ({error})") from error


def config_of(content: object) -> ml_collections.ConfigDict:
    """A config from what JSON read; raises ValueError where it is no group of fields."""
    if not isinstance(content, dict):
        raise ValueError("it is no group of fields")
    return ml_collections.ConfigDict(content)


def config_difference(old: ml_collections.ConfigDict, new: ml_collections.ConfigDict) -> list[str]:
    """The fields in which two configs differ, one `field: old -> new` each, sorted."""
    old_fields, new_fields = flat_config(old), flat_config(new)
    return [
        f"{name}: {old_fields.get(name, 'absent')!r} -> {new_fields.get(name, 'absent')!r}"
        for name in sorted(old_fields.keys() | new_fields.keys())
        if old_fields.get(name, "absent") != new_fields.get(name, "absent")
    ]


def fill_missing(config: ml_collections.ConfigDict, defaults: ml_collections.ConfigDict) -> None:
    """Gives `config` those fields of `defaults` that it lacks; a network's outputs stay its own."""
    for name, value in defaults.items():
        if name not in config:
            config[name] = value
        elif isinstance(value, ml_collections.ConfigDict) and name != "outputs":
            fill_missing(config[name], value)


def flat_config(config: ml_collections.ConfigDict) -> dict[str, object]:
    """The fields of a config and of those in it by name, such as `training.steps`, as JSON has
    them."""
    return _flatten(_plain(config))


def field_names(config: ml_collections.ConfigDict) -> set[str]:
    """The fields of a config and of those in it, such as `training.steps`."""
    return set(flat_config(config))


def _plain(config: ml_collections.ConfigDict) -> dict:
    """As JSON reads it back: tuples become lists, so that a saved config equals its source."""
    return json.loads(json.dumps(config.to_dict()))


def _flatten(tree: dict, prefix: str = "") -> dict:
    flat = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat
