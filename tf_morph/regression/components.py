"""What a config names, made: the face model, the renderer, the networks."""

from pathlib import Path

import ml_collections
import numpy as np

from tf_morph.config import config_difference, expand_path
from tf_morph.embedded.world import ensure_world
from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.morphable_model.sources import load_face_model, source_of
from tf_morph.recognition.load import load_network
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.identity import IdentityNetwork, make_identity_networks
from tf_morph.rendering.camera import fit_framing
from tf_morph.rendering.renderer import Renderer
from tf_morph.rendering.surround import build_surround


def prepare_world(config: ml_collections.ConfigDict) -> None:
    """Makes the embedded world the config names, if it does and it is not there yet."""
    if config.embedded_world:
        ensure_world(expand_path(config.embedded_world), seed=0)


def make_face_model(config: ml_collections.ConfigDict, converted: Path | None) -> MorphableModel:
    """Loads the face model, or makes it of what it is converted from (morphable_model/sources.py).

    An embedded world is not made: whoever opens a run asks for no photographs.

    Args:
      config: of a run.
      converted: where the run keeps the model it once converted or made, if it did;
        None: nowhere.

    Raises:
      InputError: there is no such file or it is no face model; more components are asked for than
        there are.
    """
    place = config.face_model.path
    if converted is not None and is_kept(config) and converted.exists():
        model = MorphableModel.load(converted)
    elif config.embedded_world and not expand_path(place).exists():
        raise InputError(
            f"{place}: of an embedded world that is not here; make it with "
            f"python -m tf_morph.embedded.world {config.embedded_world}"
        )
    else:
        model = load_face_model(place)
    check_components(config, model)
    return model


def check_components(config: ml_collections.ConfigDict, model: MorphableModel) -> None:
    """An InputError where the config asks for more components than the face model has."""
    for kind, available in (
        ("shape_components", model.shape_components),
        ("texture_components", model.texture_components),
    ):
        if config.face_model[kind] > available:
            raise InputError(
                f"{config.face_model.path}: has {available} {kind.replace('_', ' ')}, but the "
                f"config's face_model.{kind} asks for {config.face_model[kind]}"
            )


def is_kept(config: ml_collections.ConfigDict) -> bool:
    """Whether a run keeps its face model: one that is converted, or made with its world."""
    return bool(config.embedded_world) or source_of(config.face_model.path).is_converted


def coefficient_counts(config: ml_collections.ConfigDict, model: MorphableModel) -> tuple[int, int]:
    """How many shape and texture coefficients the run regresses."""
    return (
        config.face_model.shape_components or model.shape_components,
        config.face_model.texture_components or model.texture_components,
    )


def make_drawer(config: ml_collections.ConfigDict, model: MorphableModel) -> Drawer:
    """A renderer framed as the config says, around the model's mean face."""
    size = config.rendering.size
    try:
        points = five_points(model.landmarks)
    except InputError as error:
        raise InputError(f"{config.face_model.path}: {error}; use a model that has them") from error
    framing = fit_framing(
        points,
        np.asarray(config.rendering.five_points, np.float32) * size,
        size,
        config.rendering.field_of_view_degrees,
    )
    surround = None
    if config.rendering.surround:
        from_scalp = config.rendering.hair_from_scalp
        mean = model.vertices(np.zeros(1, np.float32)).numpy()
        surround = build_surround(mean, model.triangles, points, hair_from_scalp=from_scalp)
    kernels = config.rendering.kernels
    soft = config.rendering.soft_silhouette
    renderer = Renderer(
        model.triangles, size, size, framing, surround, kernels=kernels, soft_silhouette=soft
    )
    return Drawer(model, renderer, config.scene)


def make_networks(
    config: ml_collections.ConfigDict,
) -> tuple[Encoder, tuple[IdentityNetwork, ...]]:
    """The encoder and the identity networks.

    One of these is the encoder's network itself where the config says the same of both.

    Raises:
      InputError: a network's file is missing or wrong, or the config names none to compare by.
    """
    encoder = make_encoder(config)

    def load(network):
        same = not config_difference(config.encoder, network)
        return encoder.network if same else load_network(network)

    return encoder, make_identity_networks(config, load)


def make_encoder(config: ml_collections.ConfigDict) -> Encoder:
    """The encoder alone. Raises `InputError` where its file is missing or wrong."""
    return Encoder(load_network(config.encoder), tuple(config.encoder_outputs))


def load_judge(config: ml_collections.ConfigDict) -> RecognitionNetwork | None:
    """The network that judges the run, or None where the config names none.

    Raises:
      InputError: its file is missing or wrong, or it has no output of the name `judge_output`.
    """
    if not config.judge.path:
        return None
    judge = load_network(config.judge)
    if config.judge_output not in judge.output_names:
        raise InputError(
            f"judge_output {config.judge_output!r}: the judge {judge.name} has "
            f"{', '.join(judge.output_names)}"
        )
    return judge
