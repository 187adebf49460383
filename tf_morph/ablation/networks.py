"""The recognition networks of a variant: what they are called, their roles, untrained ones."""

from pathlib import Path

import keras
import ml_collections

from tf_morph.ablation.variants import LeftOut, Value, Variant, flat_values
from tf_morph.config import PACKAGE_PREFIX, expand_path
from tf_morph.errors import InputError
from tf_morph.recognition.card import read_card
from tf_morph.recognition.train import save_network

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


def swapped(base: ml_collections.ConfigDict) -> Variant | LeftOut:
    """The judge encodes and is compared with, and the identity network judges."""
    name = "swapped_networks"
    if not base.judge.path:
        return LeftOut(name, "the config names no judge")
    identity, judge = flat_values(base.identity), flat_values(base.judge)
    if not identity.keys() == judge.keys() == flat_values(base.encoder).keys():
        return LeftOut(name, "its networks are described by other fields than one another")
    outputs = tuple(base.judge.outputs)
    overrides: dict[str, Value] = {}
    for role, values in (("encoder", judge), ("identity", judge), ("judge", identity)):
        before = flat_values(base[role])
        overrides |= {f"{role}.{f}": v for f, v in values.items() if v != before[f]}
    for field in ("encoder_outputs", "identity_outputs"):
        if not set(base[field]) <= set(outputs):
            overrides[field] = (base.judge_output,)
    if base.judge_output not in base.identity.outputs:
        overrides["judge_output"] = base.identity_outputs[0]
    shown = f"{network_title(base.judge)} trained on, {network_title(base.identity)} judges"
    return Variant(name, shown, overrides)


def random_file(out: Path, role: str) -> Path:
    """Where the network of random weights in the place of `role`'s is kept."""
    return out / f"random_{role}.keras"


def with_random(base: ml_collections.ConfigDict, out: Path, role: str) -> Variant | LeftOut:
    """The network of `role`, of `RANDOM_ROLES`, has the weights it had before its training."""
    name = f"random_{role}"
    if not base[role].path.endswith(".keras"):
        return LeftOut(name, f"the config's {role} is no .keras file, which can be made anew")
    shown = {
        "encoder": "encoder of random weights, identity loss as it was",
        "identity": "identity loss by a network of random weights, encoder as it was",
    }[role]
    overrides = {f"{role}.name": "random", f"{role}.path": str(random_file(out, role))}
    if base[role].kind != "keras":
        overrides[f"{role}.kind"] = "keras"
    return Variant(name, shown, overrides)


def make_random_network(trained: Path, out: Path) -> None:
    """Writes a network built as `trained`, a .keras file of ours, to `out`, unless it is there.

    Layers of ours keep the seeds of their initial weights: it is `trained` before its training.

    Raises:
      InputError: `trained` is no Keras file.
    """
    if out.exists():
        return
    try:
        model = keras.saving.load_model(trained, compile=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{trained}: not a .keras file; random features need one") from error
    keras.utils.set_random_seed(0)  # of layers without a seed of their own
    save_network(keras.models.clone_model(model), out)
