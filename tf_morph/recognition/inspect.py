"""What a network's file is: `python -m tf_morph.recognition.inspect FILE`.

Prints what the file holds, its layers, how its input is prepared and how a config names it. FILE is
a weight file, a SavedModel's folder or a name that `named_network` takes. Nothing in it is run.
"""

import math
from collections.abc import Iterator

import ml_collections

from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.recognition import described, named
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.network import WHOLE_PICTURE
from tf_morph.recognition.tfjs.known import PACKAGE, known_network
from tf_morph.recognition.tfjs.model_file import read_model_file
from tf_morph.recognition.weight_files import catalogue, file_kind
from tf_morph.recognition.weight_files.assignment import check_fit
from tf_morph.recognition.weight_files.recognised import Recognised, recognise

_NODES_SHOWN = 8


def describe(name_or_path: str) -> Iterator[str]:
    """The lines that describe a network's file.

    Raises:
      InputError: there is no such file, or it is none; see `recognise`.
    """
    path = named.place(name_or_path)
    found = recognise(expand_path(path))
    yield f"{found.path.name}: {_what(found)}"
    yield from _published(found)
    yield from _layers(found)
    try:
        config = named.named_network(path)
    except InputError as error:
        yield f"in a config: not by its name alone: {error}"
        return
    yield f"input: {_input(config)}"
    yield f"outputs: {_outputs(found)}"
    yield "in a config:"
    yield "  from tf_morph.recognition.named import named_network"
    yield f'  config.judge = named_network("{path}")'
    yield f"or, on the command line: --config.judge.kind=auto --config.judge.path={path}"


def _what(found: Recognised) -> str:
    if found.kind == file_kind.TFJS:
        known = described.tfjs_model(found.path).name
        return f"{found.format} of {known or 'a network that is not known here'}"
    if found.kind == file_kind.KERAS_ARCHIVE and not found.architecture:
        return f"{found.format} of a network it calls {described.keras_archive(found.path).name!r}"
    if not found.architecture:
        return f"{found.format} of a network that is none of {', '.join(ARCHITECTURES)}"
    options = ", ".join(f"{name} {value}" for name, value in found.variant.items())
    return f"{found.format} of {found.architecture}" + (f" ({options})" if options else "")


def _published(found: Recognised) -> Iterator[str]:
    if found.kind == file_kind.TFJS:
        network = known_network(read_model_file(found.path))
        if network is not None:
            yield f"published: in npm's {PACKAGE}"
            yield f"licence: {network.licence}; the package itself is MIT"
        return
    file = catalogue.nearest(found.path, found.architecture, found.variant)
    if file is None:
        return
    yield f"published: {file.what}; {file.official_page}"
    yield f"licence: {file.licence}; commercial use: {file.commercial}"


def _layers(found: Recognised) -> Iterator[str]:
    if found.graph is not None:
        graph = found.graph
        yield f"inputs in the graph: {_listed(graph.inputs)}; it ends in {_listed(graph.ends)}"
        yield from _arrays({name: {"": shape} for name, shape in graph.constants.items()})
        return
    if found.kind in (file_kind.SAVED_MODEL, file_kind.TFJS):
        is_tfjs = found.kind == file_kind.TFJS
        arrays = (described.tfjs_arrays if is_tfjs else described.saved_model_arrays)(found.path)
        yield from _arrays({name: {"": shape} for name, shape in arrays.items()})
        return
    shapes = {
        layer: {kind: stored.shape for kind, stored in kinds.items()}
        for layer, kinds in found.layers.items()
    }
    yield from _arrays(shapes)
    if found.architecture:
        try:
            check_fit(found)
            yield f"fits {found.architecture}: every layer and shape"
        except InputError as error:
            yield f"does not fit {found.architecture}: {error}"


def _arrays(shapes) -> Iterator[str]:
    numbers = sum(math.prod(shape) for kinds in shapes.values() for shape in kinds.values())
    yield f"layers with weights: {len(shapes)}, {numbers:,} parameters"
    width = max(map(len, shapes), default=0)
    for layer, kinds in shapes.items():
        arrays = ", ".join(f"{kind} {list(shape)}".strip() for kind, shape in kinds.items())
        yield f"  {layer:{width}}  {arrays}"


def _listed(names) -> str:
    shown = ", ".join(names[:_NODES_SHOWN]) or "none"
    return shown + (" …" if len(names) > _NODES_SHOWN else "")


def _input(config: ml_collections.ConfigDict) -> str:
    size, (low, high) = config.input_size, config.input_range
    words = [f"{config.input_name}, {size} x {size}", config.color_order, f"{low:g}..{high:g}"]
    if config.get("per_image_standardization", False):
        words.append("each picture minus its mean over its standard deviation")
    if any(config.mean):
        words.append(f"minus {tuple(config.mean)}")
    if set(config.std) != {1.0}:
        words.append(f"divided by {tuple(config.std)}")
    if tuple(config.get("crop", WHOLE_PICTURE)) != WHOLE_PICTURE:
        words.append(f"of the part {tuple(config.crop)}")
    return ", ".join(words)


def _outputs(found: Recognised) -> str:
    if found.graph is not None:
        return ", ".join(found.graph.fields["outputs"])
    if found.architecture:
        outputs = named.available_outputs(found.architecture, found.variant)
        return ", ".join(outputs) + ", or any layer by its name"
    if found.kind == file_kind.SAVED_MODEL:
        return ", ".join(described.saved_model(found.path).outputs)
    if found.kind == file_kind.TFJS:
        return ", ".join(described.tfjs_model(found.path).outputs) + ", or any node by its name"
    return ", ".join(described.keras_archive(found.path).outputs)


def main(argv) -> None:
    for line in describe(argv[1]):
        print(line)


if __name__ == "__main__":
    run_main(main, positional=("FILE",))
