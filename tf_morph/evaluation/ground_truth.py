"""Predictions compared with ground-truth faces: vertex and colour errors, correlations."""

import dataclasses
from collections.abc import Mapping

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from tf_morph.evaluation.methods import (
    MEAN_FACE,
    OURS,
    RANDOM_FACE,
    SUPERVISED,
    SUPERVISED_LINEAR,
    TRUE_FACE,
    TRUE_FACE_IN_MODEL,
)
from tf_morph.evaluation.predictions import Renderings, Subjects
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.regression.batches import training_batches
from tf_morph.regression.components import coefficient_counts
from tf_morph.regression.decoder import Decoder, make_decoder
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.ground_truth_faces import Coefficients, GroundTruth
from tf_morph.regression.photograph_features import encoder_features
from tf_morph.regression.photograph_sets import PhotographSet, PreparedSet
from tf_morph.regression.run import Run
from tf_morph.regression.training_input import known_encoder_features

COLUMNS = (
    *("method", "vertex_mm", "vertex_mm_deviation"),
    *("color_rms", "color_rms_deviation", "people"),
)
_FACES_AT_ONCE = 64
FIRST = 10  # components of each kind, for the summary
BATCH = 128
EPOCHS = 16
LEARNING_RATE = 3e-4
PENALTIES = 10.0 ** np.arange(-3.0, 2.0, 0.5)  # of the linear map, per photograph
_VALIDATED = 0.1  # share of the photographs that decide on the penalty


def align_rigidly(moving: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Rotates and moves each of the point sets [N, V, 3] as near as can be to its counterpart.

    Not scaled, not mirrored; the sum of squared distances is least. Kabsch, Acta Cryst. A 34, 827
    (1978).

    Returns:
      float64 [N, V, 3], `moving` in the frame of `fixed`.
    """
    moving, fixed = np.asarray(moving, np.float64), np.asarray(fixed, np.float64)
    centre = fixed.mean(axis=1, keepdims=True)
    centred = moving - moving.mean(axis=1, keepdims=True)
    left, _, right = np.linalg.svd(np.swapaxes(centred, 1, 2) @ (fixed - centre))
    mirrored = np.linalg.det(left @ right) < 0.0
    left[mirrored, :, -1] *= -1.0
    return centred @ (left @ right) + centre


def vertex_errors(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Mean distance [N] of the vertices [N, V, 3] from the true ones after rigid alignment."""
    aligned = align_rigidly(predicted, true)
    return np.linalg.norm(aligned - true, axis=-1).mean(axis=1)


def geometry_table(
    model: MorphableModel,
    methods: Mapping[str, Coefficients],
    true_model: MorphableModel,
    true_faces: Coefficients,
) -> pd.DataFrame:
    """Errors of each method's faces, a row a method (see `COLUMNS`).

    Args:
      model: of the methods' faces.
      methods: name to coefficients of [N] faces.
      true_model: of the true faces; the same mesh.
      true_faces: [N].

    Returns:
      Mean and standard deviation over the people of: `vertex_mm`, the mean distance of all the
      model's vertices, each counting alike, after rigid alignment of the neutral shapes;
      `color_rms`, the root mean square difference of all vertices' colours, sRGB-coded in [0, 1].
    """
    rows = []
    for name, faces in methods.items():
        errors = _errors(model, faces, true_model, true_faces)
        means, deviations = errors.mean(axis=1), errors.std(axis=1, ddof=1)
        figures = (means[0], deviations[0], means[1], deviations[1])
        rows.append((name, *figures, errors.shape[1]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _errors(model, faces: Coefficients, true_model, true_faces: Coefficients) -> np.ndarray:
    """Vertex errors, mm, and colour errors of each face: [2, N]."""
    parts = []
    for start in range(0, len(faces.shape), _FACES_AT_ONCE):
        rows = slice(start, start + _FACES_AT_ONCE)
        ours, true = faces.rows(rows), true_faces.rows(rows)
        distances = vertex_errors(
            model.vertices(ours.shape).numpy(), true_model.vertices(true.shape).numpy()
        )
        difference = _shown(model, ours) - _shown(true_model, true)
        parts.append((distances, np.sqrt(np.mean(np.square(difference), axis=(1, 2)))))
    return np.concatenate(parts, axis=1)


def _shown(model: MorphableModel, faces: Coefficients) -> np.ndarray:
    """sRGB-coded colours [N, V, 3] as they are rendered, in [0, 1]."""
    return np.clip(model.albedo(faces.texture).numpy(), 0.0, 1.0)


def project_faces(
    faces: Coefficients, source: MorphableModel, target: MorphableModel, counts: tuple[int, int]
) -> Coefficients:
    """The faces of `target` nearest to those of `source`, by squares summed over the vertices.

    Args:
      faces: [N] in `source`.
      source, target: of one mesh.
      counts: how many of `target`'s shape and texture components there are to be.

    Returns:
      [N] coefficients of `target`, its components that never vary at 0.
    """
    nothing = np.zeros(0, np.float32)
    shift = (source.vertices(nothing) - target.vertices(nothing)).numpy()
    color_shift = (source.albedo(nothing) - target.albedo(nothing)).numpy()
    return Coefficients(
        _project(faces.shape, source.shape, target.shape, shift, counts[0]),
        _project(faces.texture, source.color, target.color, color_shift, counts[1]),
    )


def _project(
    coefficients: np.ndarray, source: LinearBasis, target: LinearBasis, shift, count: int
) -> np.ndarray:
    # Orthonormal columns: their transpose is the least squares solution.
    inverse = target.basis[:, :count].T
    scaled = coefficients * source.standard_deviations
    amounts = scaled @ (inverse @ source.basis).T + inverse @ shift.ravel()
    deviations = target.standard_deviations[:count]
    return np.divide(amounts, deviations, out=np.zeros_like(amounts), where=deviations > 0.0)


def correlations(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Pearson's correlation [K] of each column of [N, K]; 0 where one of the two never varies."""
    predicted, true = (values - values.mean(axis=0) for values in (predicted, true))
    lengths = np.linalg.norm(predicted, axis=0) * np.linalg.norm(true, axis=0)
    products = np.sum(predicted * true, axis=0)
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0.0)


def correlation_table(methods: Mapping[str, Coefficients], true: Coefficients) -> pd.DataFrame:
    """A row a component: (coefficients, component, and each method's correlation).

    Args:
      methods: name to [N] predicted faces.
      true: [N] true faces, projected into the same model.
    """
    tables = []
    for kind, values in true._asdict().items():
        table = {"coefficients": kind, "component": np.arange(values.shape[1])}
        for name, faces in methods.items():
            table[name] = correlations(getattr(faces, kind), values)
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True)


def correlation_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Means over the components of a `correlation_table`: the first `FIRST`, and all, a kind.

    Returns:
      A row each: (coefficients, components, and each method's mean).
    """
    rows = []
    for kind, of_kind in table.groupby("coefficients", sort=False):
        methods = of_kind.drop(columns=["coefficients", "component"])
        for count in dict.fromkeys((min(FIRST, len(methods)), len(methods))):
            means = methods.iloc[:count].mean().to_dict()
            rows.append({"coefficients": kind, "components": count} | means)
    return pd.DataFrame(rows)


def train_supervised(decoder: Decoder, features: np.ndarray, true: Coefficients, seed: int) -> None:
    """Trains a decoder to the least mean squared error of all coefficients.

    Every photograph is mixed at random with another, features and coefficients alike (mixup, Zhang
    et al., ICLR 2018), which puts off that the decoder learns them by heart.

    Args:
      decoder: built, with random weights.
      features: [N, E] the encoder's, of training photographs, a person's side by side.
      true: [N] coefficients of the faces on them, in the decoder's own model.
      seed: of the order of the photographs, and of the mixing.
    """
    decoder.adapt(features)
    steps = -(-len(features) // BATCH)
    data = {"encoder": features, **true._asdict()}
    batches = training_batches(data, seed, BATCH, 0, steps * EPOCHS)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps * EPOCHS)
    decoder.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=["mse", "mse"],
        loss_weights=[decoder.shape_components, decoder.texture_components],
    )
    mixed = batches.map(lambda batch: _mixed(batch, seed))
    decoder.fit(mixed, epochs=EPOCHS, steps_per_epoch=steps, shuffle=False, verbose=0)


def linear_prediction(features: np.ndarray, true: Coefficients, others: np.ndarray) -> Coefficients:
    """Coefficients [M] by ridge regression, its penalty the best of `PENALTIES` on held-out rows.

    Args:
      features, true: as of `train_supervised`.
      others: [M, E] features of other photographs.
    """
    mean, deviation = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-6)
    known, others = (((rows - mean) / deviation).astype(np.float64) for rows in (features, others))
    values, kept = np.concatenate(true, axis=1), _kept(len(features))
    errors = [
        np.mean(np.square(_ridge(known[:kept], values[:kept], known[kept:], p) - values[kept:]))
        for p in PENALTIES
    ]
    found = _ridge(known, values, others, PENALTIES[np.argmin(errors)]).astype(np.float32)
    return Coefficients(*np.split(found, [true.shape.shape[1]], axis=1))


def _kept(count: int) -> int:
    """The rows to train on, the first; a person's lie together, so that few are on both sides."""
    return count - int(np.ceil(_VALIDATED * count))


def _mixed(batch: dict[str, tf.Tensor], seed: int):
    share = tf.random.stateless_uniform(
        [BATCH, 1], tf.stack([tf.cast(seed, tf.int64), batch["step"]])
    )

    def mixed(values):
        return share * values + (1.0 - share) * tf.reverse(values, [0])

    return mixed(batch["encoder"]), (mixed(batch["shape"]), mixed(batch["texture"]))


def _ridge(known: np.ndarray, values: np.ndarray, others: np.ndarray, penalty: float) -> np.ndarray:
    centre, level = known.mean(axis=0), values.mean(axis=0)
    centred = known - centre
    covariance = centred.T @ centred / len(known) + penalty * np.eye(known.shape[1])
    weights = np.linalg.solve(covariance, centred.T @ (values - level) / len(known))
    return (others - centre) @ weights + level


@dataclasses.dataclass(frozen=True)
class TruthTables:
    """What the truth says of a run.

    Attributes:
      geometry: `geometry.COLUMNS`.
      correlations: of every predicted coefficient, see `correlation_table`.
      correlation_means: see `correlation_summary`.
    """

    geometry: pd.DataFrame
    correlations: pd.DataFrame
    correlation_means: pd.DataFrame


@dataclasses.dataclass(frozen=True)
class Study:
    """The P test people's faces.

    Attributes:
      run: the run evaluated.
      model: of the true faces.
      true: the true faces.
      projected: the same as near as the run's model comes.
      supervised: by method, predicted for the gallery photographs by what was trained on true
        coefficients.
    """

    run: Run
    model: MorphableModel
    true: Coefficients
    projected: Coefficients
    supervised: Mapping[str, Coefficients]

    def renderings(self) -> dict[str, Renderings]:
        """Frontal renderings of every person, by method."""
        everybody = np.arange(len(self.true.shape))
        drawer = self.run.drawer
        of_truth = Drawer(self.model, drawer.renderer, drawer.distribution)
        true_run = dataclasses.replace(self.run, drawer=of_truth)
        return {
            TRUE_FACE: Renderings(true_run.draw(*self.true), everybody),
            TRUE_FACE_IN_MODEL: Renderings(self.run.draw(*self.projected), everybody),
            **{
                method: Renderings(self.run.draw(*faces), everybody)
                for method, faces in self.supervised.items()
            },
        }

    def tables(self, subjects: Subjects, references: bool = True) -> TruthTables:
        """Compares the run's predictions, and what they are to be seen beside, with the truth.

        Args:
          subjects: the test people.
          references: whether to compare more than the run's predictions and what is supervised.
        """
        methods = {OURS: subjects.faces, **self.supervised}
        if references:
            mean_face = Coefficients(*(np.zeros_like(values) for values in self.projected))
            methods |= {
                MEAN_FACE: mean_face,
                RANDOM_FACE: subjects.random_faces,
                TRUE_FACE_IN_MODEL: self.projected,
            }
        geometry = geometry_table(self.run.model, methods, self.model, self.true)
        correlations = correlation_table({OURS: subjects.faces, **self.supervised}, self.projected)
        return TruthTables(geometry, correlations, correlation_summary(correlations))


def study_truth(
    run: Run, truth: GroundTruth, subjects: Subjects, training: PhotographSet | PreparedSet | None
) -> Study:
    """Trains what is supervised, and gathers the faces to compare.

    Args:
      run: the run evaluated.
      truth: of its test and of its training people.
      subjects: its test people.
      training: the photographs it was trained on; None trains nothing supervised.

    Raises:
      InputError: somebody's true face is not known.
    """
    true = truth.of(subjects.people.names)
    return Study(
        run=run,
        model=truth.model,
        true=true,
        projected=_projected(run, truth, true),
        supervised=_supervised(run, truth, training, subjects) if training else {},
    )


def _supervised(
    run: Run, truth: GroundTruth, training: PhotographSet | PreparedSet, subjects: Subjects
) -> dict[str, Coefficients]:
    features = known_encoder_features(run.encoder, training)
    test = encoder_features(run.encoder, subjects.photographs.images, "test")
    others = test[subjects.people.first]
    true = _projected(run, truth, truth.of(training.identities))
    counts = coefficient_counts(run.config, run.model)
    decoder = make_decoder(run.config, run.encoder.size, *counts)
    train_supervised(decoder, features, true, run.config.seed)
    return {
        SUPERVISED: Coefficients(*(values.numpy() for values in decoder(tf.constant(others)))),
        SUPERVISED_LINEAR: linear_prediction(features, true, others),
    }


def _projected(run: Run, truth: GroundTruth, faces: Coefficients) -> Coefficients:
    return project_faces(faces, truth.model, run.model, coefficient_counts(run.config, run.model))
