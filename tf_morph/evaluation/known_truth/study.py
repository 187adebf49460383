"""The true faces of a run's test people, and all that is measured against them."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd
import tensorflow as tf

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.evaluation.known_truth.correlation import correlation_summary, correlation_table
from tf_morph.evaluation.known_truth.geometry import geometry_table
from tf_morph.evaluation.known_truth.projection import project_faces
from tf_morph.evaluation.known_truth.supervised import linear_prediction, train_supervised
from tf_morph.evaluation.known_truth.truth import KnownTruth
from tf_morph.evaluation.methods import (
    MEAN_FACE,
    OURS,
    RANDOM_FACE,
    SUPERVISED,
    SUPERVISED_LINEAR,
    TRUE_FACE,
    TRUE_FACE_IN_MODEL,
)
from tf_morph.evaluation.subjects import Drawings, Subjects
from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.components import coefficient_counts
from tf_morph.regression.decoder import make_decoder
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.photograph_features import encoder_features
from tf_morph.regression.photograph_sets import PhotographSet, PreparedSet
from tf_morph.regression.run import Run
from tf_morph.regression.training_input import known_encoder_features


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
      supervised: by method, read from the gallery photographs by what was trained on true
        coefficients.
    """

    run: Run
    model: MorphableModel
    true: Coefficients
    projected: Coefficients
    supervised: Mapping[str, Coefficients]

    def drawings(self) -> dict[str, Drawings]:
        """Frontal drawings of every person, by method."""
        everybody = np.arange(len(self.true.shape))
        drawer = self.run.drawer
        of_truth = Drawer(self.model, drawer.renderer, drawer.distribution)
        true_run = dataclasses.replace(self.run, drawer=of_truth)
        return {
            TRUE_FACE: Drawings(true_run.draw(*self.true), everybody),
            TRUE_FACE_IN_MODEL: Drawings(self.run.draw(*self.projected), everybody),
            **{
                method: Drawings(self.run.draw(*faces), everybody)
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
    run: Run, truth: KnownTruth, subjects: Subjects, training: PhotographSet | PreparedSet | None
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
    run: Run, truth: KnownTruth, training: PhotographSet | PreparedSet, subjects: Subjects
) -> dict[str, Coefficients]:
    features = known_encoder_features(run.encoder, training)
    test = encoder_features(run.encoder, subjects.photographs.images, "test")
    asked = test[subjects.people.first]
    true = _projected(run, truth, truth.of(training.identities))
    counts = coefficient_counts(run.config, run.model)
    decoder = make_decoder(run.config, run.encoder.size, *counts)
    train_supervised(decoder, features, true, run.config.seed)
    return {
        SUPERVISED: Coefficients(*(values.numpy() for values in decoder(tf.constant(asked)))),
        SUPERVISED_LINEAR: linear_prediction(features, true, asked),
    }


def _projected(run: Run, truth: KnownTruth, faces: Coefficients) -> Coefficients:
    return project_faces(faces, truth.model, run.model, coefficient_counts(run.config, run.model))
