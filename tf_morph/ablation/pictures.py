"""The same people's faces by each variant, one row a variant, under their photographs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw, ImageFont

from tf_morph.ablation.runs import finished_runs, run_name
from tf_morph.ablation.variants import Variant
from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.evaluation.identification import test_people
from tf_morph.evaluation.renderings import INK, PAPER, SEAM, image_grid, render_large
from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.contact_sheet import TURN_RADIANS
from tf_morph.regression.ground_truth_faces import Coefficients, load_ground_truth
from tf_morph.regression.photograph_sets import split_photographs
from tf_morph.regression.run import Run

PICTURE = "ablation_faces.jpg"
PEOPLE, SIDE = 6, 128  # of each face's picture, pixels
_LABEL_WIDTH, _MARGIN, _FONT_SIZE = 200, 8, 14  # pixels
_QUALITY = 90  # of the JPEG file


def write_picture(out: Path, variants: Mapping[str, Variant]) -> None:
    """Writes `out`/`PICTURE` from the finished runs below `out`, of each variant's least seed."""
    least_seeds = {variant: seed for variant, seed in reversed(finished_runs(out))}
    runs = {
        variant.shown: Run.load(out / run_name(name, least_seeds[name]))
        for name, variant in variants.items()
        if name in least_seeds
    }
    if not runs:
        return
    any_run = next(iter(runs.values()))
    names, photographs = _people(any_run)
    rows = [("photograph", _beside_white(photographs)), *_true_row(any_run, names)]
    for shown, run in runs.items():
        faces = Coefficients(*run.predict(photographs))
        rows.append((shown, _front_and_side(run, run.model, faces)))
    with whole_file(out / PICTURE) as temporary:
        labelled_rows(rows).save(temporary, format="JPEG", quality=_QUALITY)


def labelled_rows(rows: Sequence[tuple[str, np.ndarray]]) -> Image.Image:
    """Rows of pictures, each behind its label.

    Args:
      rows: (label, uint8 sRGB [N, S, S, 3]) each, N and S the same in all.
    """
    grid = image_grid([pictures for _, pictures in rows])
    sheet = Image.new("RGB", (_LABEL_WIDTH + grid.width, grid.height), PAPER)
    sheet.paste(grid, (_LABEL_WIDTH, 0))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=_FONT_SIZE)
    for row, (label, pictures) in enumerate(rows):
        top = row * (pictures.shape[1] + SEAM)
        text = "\n".join(wrapped(label, _LABEL_WIDTH - 2 * _MARGIN, font.getlength))
        draw.multiline_text((_MARGIN, top + _MARGIN), text, INK, font)
    return sheet


def wrapped(text: str, width: float, length) -> list[str]:
    """Lines of whole words, each no longer than `width` by `length`, but for a longer word."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and length(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _people(run: Run) -> tuple[list[str], np.ndarray]:
    """Test people drawn at random, once: their names, and uint8 [PEOPLE, S, S, 3] photographs."""
    test = split_photographs(run.config).test
    people = test_people(test.paths, test.identities)
    chosen = np.random.default_rng(PEOPLE).permutation(len(people.names))[:PEOPLE]
    return [people.names[person] for person in chosen], test.images[people.first[chosen]]


def _true_row(run: Run, names: Sequence[str]) -> list[tuple[str, np.ndarray]]:
    if not run.config.truth:
        return []
    truth = load_ground_truth(expand_path(run.config.truth), run.model)
    return [("the true face", _front_and_side(run, truth.model, truth.of(names)))]


def _front_and_side(run: Run, model: MorphableModel, faces: Coefficients) -> np.ndarray:
    """uint8 [2 N, SIDE, SIDE, 3]: of each face the front, then turned."""
    drawn = [render_large(run, model, faces, yaw, SIDE) for yaw in (0.0, TURN_RADIANS)]
    return np.stack(drawn, axis=1).reshape(-1, SIDE, SIDE, 3)


def _beside_white(photographs: np.ndarray) -> np.ndarray:
    resized = tf.image.resize(photographs.astype(np.float32), (SIDE, SIDE), "bicubic").numpy()
    white = np.full_like(resized, 255.0)
    pairs = np.stack([np.clip(np.round(resized), 0, 255), white], axis=1)
    return pairs.reshape(-1, SIDE, SIDE, 3).astype(np.uint8)
