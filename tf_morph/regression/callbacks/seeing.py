"""What shows a run to people, put together."""

import bisect
import dataclasses
from collections.abc import Callable

import ml_collections
import numpy as np

from tf_morph.regression.callbacks.histograms import Histograms
from tf_morph.regression.callbacks.mesh import Meshes
from tf_morph.regression.callbacks.observer import Observer, due
from tf_morph.regression.callbacks.pictures import Pictures
from tf_morph.regression.callbacks.run_page import RunPage
from tf_morph.regression.contact_sheet import ContactSheet
from tf_morph.regression.decoder import Decoder
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.losses import DRAWN_TERMS
from tf_morph.regression.metrics_table import MetricsTable
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.stages import Stage, stages_of

HELD_OUT_PHOTOGRAPHS = 128  # whose coefficients are watched
_SHEET_PHOTOGRAPHS, _MESHES = 10, 2  # the first of them


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """Photographs of people not trained on, the same throughout a run, and what reads them.

    Attributes:
      images: [N, S, S, 3] uint8 sRGB.
      features: [N, E] the encoder's features of them.
    """

    images: np.ndarray
    features: np.ndarray
    decoder: Decoder
    drawer: Drawer


def show_held_out(
    held_out: HeldOut,
    folder: RunFolder,
    writer,
    every: int,
    first_step: int,
    last_step: int,
) -> list[Observer]:
    """Contact sheets, coefficients, meshes and the run's page: every so many steps, and at the end.

    Args:
      writer: of TensorBoard's events.
      first_step: steps made before.
    """
    is_due = due(last_step, every)
    images, features = held_out.images[:_SHEET_PHOTOGRAPHS], held_out.features
    decoder, drawer = held_out.decoder, held_out.drawer
    sheet = ContactSheet(decoder, drawer, images, features[:_SHEET_PHOTOGRAPHS])
    spread = MetricsTable(folder.spread, first_step)
    return [
        Pictures(sheet, folder.pictures, writer, every, last_step),
        Histograms(decoder, features, spread, folder.coefficients, writer, is_due),
        Meshes(decoder, drawer.model, features[:_MESHES], folder.face, writer, is_due),
        # Last: it shows what the others have left.
        RunPage(folder, first_step, last_step, is_due),
    ]


def images_a_step(config: ml_collections.ConfigDict) -> Callable[[int], int]:
    """How many pictures each step of a run, counted from 1, draws."""
    stage_at = _stage_at(config)
    return lambda step: _images(stage_at(step).config)


def stage_name(config: ml_collections.ConfigDict) -> Callable[[int], str]:
    """The name of the stage that each step of a run is in; empty where it has none."""
    stage_at = _stage_at(config)
    return lambda step: stage_at(step).name


def _stage_at(config: ml_collections.ConfigDict) -> Callable[[int], Stage]:
    stages = stages_of(config)
    ends = [stage.end for stage in stages]
    return lambda step: stages[min(bisect.bisect_left(ends, step), len(stages) - 1)]


def _images(config: ml_collections.ConfigDict) -> int:
    loss, training = config.loss, config.training
    draws = any(loss[term] for term in DRAWN_TERMS)
    drawn = training.rendered_faces * training.views if draws else 0
    return drawn + (training.synthetic_faces if loss.parameter else 0)
