"""Networks by name or path: a whole config, its input convention filled in."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import ml_collections

from tf_morph.config import assets_path, expand_path, network_config
from tf_morph.errors import InputError
from tf_morph.recognition import described
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.network import InputConvention
from tf_morph.recognition.tfjs import known
from tf_morph.recognition.weight_files import catalogue, file_kind
from tf_morph.recognition.weight_files.recognised import Recognised, recognise
from tf_morph.recognition.weight_files.source import check_architecture

SHIPPED = ("judge",)  # trained on rendered faces: of no use for photographs
AUTOMATIC = ("", "auto")  # the kinds that leave everything to the file
_USUAL_SIZE = 112  # pixels, of networks that do not say
_CONVENTION = tuple(field.name for field in dataclasses.fields(InputConvention))


def named_network(
    name_or_path: str, weights: str | None = None, outputs: Iterable[str] | None = None
) -> ml_collections.ConfigDict:
    """The config of a network, as `network_config` gives it, for `load_network`.

    Args:
      name_or_path: a key of `ARCHITECTURES`, whose usual file is looked for in the assets; one of
        `SHIPPED`; the name of a network in the assets' folder `recognition`, or of one of npm's
        human-models unpacked there (`tfjs.known`); or the path of a weight file or a SavedModel's
        folder, which is recognised by what is inside it.
      weights: the weight file, for a name of `ARCHITECTURES`.
      outputs: the network's own names of what is wanted, such as "fc7"; each keeps its name.
        None: its usual output as `embedding`, the layer before as `features`.

    Returns:
      The config. A file that is named but not there is an error only when it is loaded, so that
      configs can be written without it.

    Raises:
      InputError: no network of that name and no such file, or a file that is none or is another
        network's.
    """
    if name_or_path in ARCHITECTURES:
        return _architecture(name_or_path, weights, outputs)
    if weights is not None:
        raise InputError(
            f"{name_or_path}: no network's name that takes weights; there are "
            f"{', '.join(ARCHITECTURES)}"
        )
    path = place(name_or_path)
    found = recognise(expand_path(path))
    return _recognised(found.path.stem, path, found, outputs)


def resolved(config: ml_collections.ConfigDict) -> ml_collections.ConfigDict:
    """A config in which what was left open is filled in from its file.

    With a kind of `AUTOMATIC` that is everything but its name, and outputs, crop and variant where
    they were set. With a key of `ARCHITECTURES` it is the input convention, where the config has
    none of its own but the usual network's.
    """
    usual = network_config("", "")
    if config.kind in AUTOMATIC:
        found = named_network(config.path)
        found.name = config.name or found.name
        if config.outputs != usual.outputs:
            found.outputs = config.outputs
        kept = ("crop", "variant")
    elif config.kind in ARCHITECTURES and all(config.get(f) == usual.get(f) for f in _CONVENTION):
        found = config.copy_and_resolve_references()
        filled = named_network(config.kind, config.path)
        found.update({field: filled[field] for field in _CONVENTION})
        kept = ("crop",)
    else:
        return config
    found.update({field: config[field] for field in kept if field in config})
    return found


def available_outputs(architecture: str, variant: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of what an architecture gives beside its layers, the usual one first."""
    has_top = variant.get("include_top", True)
    return ARCHITECTURES[architecture].outputs if has_top else ("pooled",)


def place(name_or_path: str) -> str:
    """The path of a network's name or of a path, as configs hold it.

    Raises:
      InputError: there is neither.
    """
    if name_or_path in ARCHITECTURES:
        return _usual_place(name_or_path)
    if name_or_path in SHIPPED:
        return f"package:embedded/networks/{name_or_path}.keras"
    if "/" in name_or_path or expand_path(name_or_path).exists():
        return name_or_path
    in_assets = assets_path(catalogue.FOLDER, name_or_path)
    if _is_there(in_assets):
        return in_assets
    if known.by_file_name(name_or_path):
        return known.place(name_or_path)
    published = catalogue.by_file_name(name_or_path)
    of_package = [name for network in known.KNOWN for name in network.files]
    names = f"names are {', '.join((*ARCHITECTURES, *SHIPPED, *of_package))} and those in "
    raise InputError(
        f"{name_or_path}: no such file, and no network of that name; "
        + (published.how_to_get if published else names + assets_path(catalogue.FOLDER))
    )


def _is_there(path: str) -> bool:
    try:
        return expand_path(path).exists()
    except InputError:  # the assets' folder is not set
        return False


def _architecture(name: str, weights: str | None, outputs) -> ml_collections.ConfigDict:
    path = weights or _usual_place(name)
    if not _is_there(path):
        published = catalogue.by_file_name(path)
        variant = published.variant if published else {}
        return _published(name, path, name, variant, {}, outputs)
    found = recognise(expand_path(path))
    if found.kind == file_kind.KERAS_ARCHIVE and not found.architecture:
        return _recognised(name, path, found, outputs)
    check_architecture(found, name)
    return _published(name, path, name, found.variant, found.convention, outputs)


def _usual_place(name: str) -> str:
    """Where the usual file of an architecture is, or should be."""
    usual = [file.place for file in catalogue.published_files(name) if file.is_usual]
    if not usual:
        raise InputError(f"{name}: no weights of it were published; give a file of your own")
    return next(filter(_is_there, usual), usual[0])


def _published(name, path, architecture, variant, changes, outputs) -> ml_collections.ConfigDict:
    definition = ARCHITECTURES[architecture]
    available = available_outputs(architecture, variant)
    usual = available[0]
    before = "pooled" if usual == "embedding" else usual
    aliases = {"embedding": usual, "features": before}
    if definition.compared:
        aliases[definition.compared] = definition.compared
    if outputs is not None:
        aliases = {o: aliases.get(o, o) if o not in available else o for o in outputs}
    convention = dataclasses.replace(definition.convention_of(variant), **changes)
    fields = {"kind": architecture, "outputs": aliases, **dataclasses.asdict(convention)}
    return network_config(name, path, **fields)


def _recognised(name, path, found: Recognised, outputs) -> ml_collections.ConfigDict:
    if found.architecture:
        return _published(name, path, found.architecture, found.variant, found.convention, outputs)
    if found.kind == file_kind.SAVED_MODEL:
        return _described(name, path, found.kind, described.saved_model(found.path), outputs)
    if found.kind == file_kind.TFJS:
        return _described(name, path, found.kind, described.tfjs_model(found.path), outputs)
    if found.kind == file_kind.KERAS_ARCHIVE:
        return _described(name, path, found.kind, described.keras_archive(found.path), outputs)
    if found.graph is not None:
        raise InputError(
            f"{found.path}: a frozen graph that is not known here; describe it in a config with "
            f"kind='frozen_graph' (docs/assets.md); its inputs are {list(found.graph.inputs)[:5]}, "
            f"it ends in {list(found.graph.ends)[:5]}"
        )
    layers = list(found.layers)
    raise InputError(
        f"{found.path}: {found.format} of a network that is not known here ({len(layers)} layers"
        f"{f', {layers[0]!r} to {layers[-1]!r}' if layers else ''}); known are "
        f"{', '.join(ARCHITECTURES)}"
    )


def _described(name, path, kind, network: described.Described, outputs):
    if not network.input_name:
        raise InputError(f"{path}: which input takes pictures is not clear; say so in a config")
    if outputs is None:
        outputs = _usual_outputs(path, network.outputs)
    else:
        outputs = {output: output for output in outputs}
    return network_config(
        name,
        path,
        kind=kind,
        input_name=network.input_name,
        input_size=network.input_size or _USUAL_SIZE,
        outputs=outputs,
        **network.convention,
    )


def _usual_outputs(path, available) -> dict[str, str]:
    if "embedding" in available:
        before = "pooled" if "pooled" in available else "embedding"
        return {"embedding": "embedding", "features": before}
    if len(available) == 1:
        return dict.fromkeys(("embedding", "features"), available[0])
    raise InputError(f"{path}: no output 'embedding' but {sorted(available)}; ask for one of them")
