"""What a config names, made: the face model, the renderer, the networks, the photographs."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import ml_collections
import numpy as np

from tf_morph.config import config_difference, expand_path
from tf_morph.embedded.world import ensure_world
from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.ict_facekit import convert as convert_ict_facekit
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.photographs.aligned import load_aligned
from tf_morph.photographs.folders import Photographs, list_photographs
from tf_morph.photographs.split import split_identities
from tf_morph.photographs.split_file import read_split
from tf_morph.recognition.load import load_network
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.photograph_features import CACHE_FOLDER
from tf_morph.rendering.camera import fit_framing
from tf_morph.rendering.renderer import Renderer
from tf_morph.rendering.surround import build_surround


@dataclasses.dataclass(frozen=True)
class PhotographSet:
    """Decoded photographs of one side of the split."""

    images: np.ndarray  # [N, S, S, 3] uint8 sRGB
    identities: tuple[str, ...]
    paths: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class SplitPhotographs:
    """Training and test people have nobody in common."""

    training: PhotographSet
    test: PhotographSet
    skipped: tuple[tuple[str, str], ...]  # path, reason
    galleries: Mapping[str, frozenset[str]]  # by name, the test people in each; none: to be drawn


def prepare_world(config: ml_collections.ConfigDict) -> None:
    """Makes the embedded world the config names, if it does and it is not there yet."""
    if config.embedded_world:
        ensure_world(expand_path(config.embedded_world), seed=0)


def make_face_model(config: ml_collections.ConfigDict, converted: Path) -> MorphableModel:
    """Loads the face model, or converts it from an ICT-FaceKit folder or zip.

    Args:
      config: of a run.
      converted: where the run keeps the model it once converted, if it did.

    Raises:
      InputError: there is no such file or it is no face model; more components are asked for than
        there are.
    """
    path = expand_path(config.face_model.path)
    if not is_converted(config):
        model = MorphableModel.load(path)
    elif converted.exists():
        model = MorphableModel.load(converted)
    else:
        model = convert_ict_facekit(path)
    for kind, available in (
        ("shape_components", model.shape_components),
        ("texture_components", model.texture_components),
    ):
        if config.face_model[kind] > available:
            raise InputError(
                f"{path}: has {available} {kind.replace('_', ' ')}, but the config's "
                f"face_model.{kind} asks for {config.face_model[kind]}"
            )
    return model


def is_converted(config: ml_collections.ConfigDict) -> bool:
    """Whether the face model's path is a source to convert rather than a file to read."""
    path = expand_path(config.face_model.path)
    return path.is_dir() or path.suffix == ".zip"


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


def make_networks(config: ml_collections.ConfigDict) -> tuple[Encoder, RecognitionNetwork]:
    """The encoder and the identity network; one object where the config says the same of both."""
    network = load_network(config.encoder)
    same = not config_difference(config.encoder, config.identity)
    identity = network if same else load_network(config.identity)
    return Encoder(network, tuple(config.encoder_outputs)), identity


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


def split_photographs(config: ml_collections.ConfigDict) -> SplitPhotographs:
    """Lists, splits by person, decodes and crops the config's photographs.

    Raises:
      InputError: no such folder, no photographs in it, of one side none that can be read, or a
        split that does not fit them.
    """
    listed = list_photographs(expand_path(config.photographs.folder))
    sides, galleries = _sides(config, listed)
    skipped = list(listed.skipped)
    sets = []
    for indices in sides:
        loaded, side_skipped = _load_side(config, listed, indices)
        skipped.extend(side_skipped)
        sets.append(loaded)
    return SplitPhotographs(*sets, tuple(skipped), galleries)


def _sides(config, listed: Photographs):
    """Indices of the training and of the test photographs, and the galleries that are fixed."""
    settings = config.photographs
    if settings.split:
        split = read_split(expand_path(settings.split))
        return split.indices(listed), split.galleries
    try:
        return split_identities(listed, settings.test_identities, settings.split_seed), {}
    except InputError as error:
        raise InputError(f"{settings.folder}: {error} (photographs.test_identities)") from error


def _load_side(config, listed, indices):
    paths = [listed.paths[index] for index in indices]
    images, kept, skipped = load_aligned(
        paths, config.photographs.crop, config.photographs.size, expand_path(CACHE_FOLDER)
    )
    if not len(kept):
        path, reason = skipped[0]
        raise InputError(
            f"{config.photographs.folder}: of the training or the test people no photograph can be "
            f"used; the first of {len(paths)}, {path}: {reason}"
        )
    kept_indices = [indices[position] for position in kept]
    identities = tuple(listed.identities[index] for index in kept_indices)
    kept_paths = tuple(listed.paths[index] for index in kept_indices)
    return PhotographSet(images, identities, kept_paths), skipped
