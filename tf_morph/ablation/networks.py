"""The recognition networks of a variant: what they are called, their roles, untrained ones."""

from pathlib import Path

import keras
import ml_collections

from tf_morph.ablation.variants import LeftOut, Value, Variant, flat_values
from tf_morph.config import PACKAGE_PREFIX, expand_path
from tf_morph.errors import InputError
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.card import read_card
from tf_morph.recognition.train import save_network
from tf_morph.regression.identity import identity_entries

RANDOM_ROLES = ("encoder", "identity")
_ARCHITECTURES = {"facenet_nn2": "FaceNet", "vgg_face": "VGG-Face"}


def network_title(network: ml_collections.ConfigDict) -> str:
    """What a table calls the network: its name, of one that ships its architecture too."""
    if not network.path.startswith(PACKAGE_PREFIX):
        return network.name
    path = expand_path(network.path)
    facts = read_card(path.parent)["networks"].get(path.stem, {})
    architecture = _ARCHITECTURES.get(facts.get("architecture"))
    return f"{architecture} ({network.name})" if architecture else network.name


def identity_title(config: ml_collections.ConfigDict) -> str:
    """What a table calls the networks that the identity loss compares by, together."""
    entries = identity_entries(config).values()
    return ", ".join(network_title(entry.network) for entry in entries)


def swapped(base: ml_collections.ConfigDict) -> Variant | LeftOut:
    """The judge encodes and is alone compared with, and the first identity network judges."""
    name = "swapped_networks"
    if not base.judge.path:
        return LeftOut(name, "the config names no judge")
    first, place = _first_identity(base)
    identity, judge = flat_values(first.network), flat_values(base.judge)
    if not identity.keys() == judge.keys() == flat_values(base.encoder).keys():
        return LeftOut(name, "its networks are described by other fields than one another")
    outputs = tuple(base.judge.outputs)
    overrides: dict[str, Value] = {}
    for role, before, after in (
        ("encoder", flat_values(base.encoder), judge),
        (f"{place}.network", identity, judge),
        ("judge", judge, identity),
    ):
        overrides |= {f"{role}.{f}": v for f, v in after.items() if v != before[f]}
    for field, read in (
        ("encoder_outputs", base.encoder_outputs),
        (f"{place}.outputs", first.outputs),
    ):
        if not set(read) <= set(outputs):
            overrides[field] = (base.judge_output,)
    if base.judge_output not in first.network.outputs:
        overrides["judge_output"] = first.outputs[0]
    shown = f"{network_title(base.judge)} trained on, {network_title(first.network)} judges"
    return Variant(name, shown, overrides | _others_left_out(base))


def random_file(out: Path, role: str) -> Path:
    """Where the network of random weights in the place of `role`'s is kept."""
    return out / f"random_{role}.keras"


def with_random(base: ml_collections.ConfigDict, out: Path, role: str) -> Variant | LeftOut:
    """The network of `role`, of `RANDOM_ROLES`, has the weights it had before its training."""
    name = f"random_{role}"
    network, place = network_of(base, role)
    if not (network.path.endswith(".keras") or network.kind in ARCHITECTURES):
        return LeftOut(name, f"the config's {role} is no network that can be made anew")
    shown = {
        "encoder": "encoder of random weights, identity loss as it was",
        "identity": "identity loss by a network of random weights, encoder as it was",
    }[role]
    overrides = {f"{place}.name": "random", f"{place}.path": str(random_file(out, role))}
    if network.kind != "keras":
        overrides[f"{place}.kind"] = "keras"
    others = _others_left_out(base) if role == "identity" else {}
    return Variant(name, shown, overrides | others)


def network_of(base: ml_collections.ConfigDict, role: str) -> tuple[ml_collections.ConfigDict, str]:
    """The network of a role of `RANDOM_ROLES`, of identity the first, and its place in `base`."""
    if role != "identity":
        return base[role], role
    first, place = _first_identity(base)
    return first.network, f"{place}.network"


def _first_identity(base: ml_collections.ConfigDict) -> tuple[ml_collections.ConfigDict, str]:
    """The first entry of identity, and its place in `base`."""
    name, entry = next(iter(identity_entries(base).items()))
    return entry, f"identity.{name}"


def _others_left_out(base: ml_collections.ConfigDict) -> dict[str, Value]:
    """That all identity networks but the first have no weight."""
    _, *others = identity_entries(base)
    return {f"identity.{name}.weight": 0.0 for name in others}


def make_random_network(network: ml_collections.ConfigDict, out: Path) -> None:
    """Writes a network built as `network` is, its weights random, to `out`, unless it is there.

    Layers of a .keras file of ours keep the seeds of their initial weights: it is the network
    before its training. Of a published architecture kernels are drawn anew (He et al. 2015).

    Raises:
      InputError: its file is to be a .keras file, and is none.
    """
    if out.exists():
        return
    keras.utils.set_random_seed(0)  # of layers without a seed of their own
    if network.kind in ARCHITECTURES:
        save_network(_random_published(network), out)
        return
    trained = expand_path(network.path)
    try:
        model = keras.saving.load_model(trained, compile=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{trained}: not a .keras file; random features need one") from error
    save_network(keras.models.clone_model(model), out)


def _random_published(network: ml_collections.ConfigDict) -> keras.Model:
    size = {"input_size": network.input_size}
    model = ARCHITECTURES[network.kind].build(**dict(network.get("variant", {})), **size)
    for number, layer in enumerate(layer for layer in model.layers if hasattr(layer, "kernel")):
        layer.kernel.assign(keras.initializers.HeNormal(seed=number)(layer.kernel.shape))
    return model
