"""The regressor's trained part: recognition features to morphable model coefficients."""

import keras
import ml_collections
import numpy as np

HIDDEN_UNITS = (1024, 1024)  # paper section 3.1, from memory
FLOAT32, BFLOAT16 = "float32", "mixed_bfloat16"
PRECISIONS = (FLOAT32, BFLOAT16)
SMALLEST_DEVIATION = 1e-6  # of a feature that never varies


@keras.saving.register_keras_serializable("tf_morph")
class Decoder(keras.Model):
    """Fully connected layers with ReLU, then one linear layer to all coefficients.

    Input: features [B, D], as the encoder gives them; standardised by the moments of the features
    that `adapt` was shown, which are weights, so that a checkpoint carries them.
    Output: (shape coefficients [B, S], texture coefficients [B, T]), in standard deviations.
    Paper section 3.1 (two layers of 1024 and the L2 penalty: from memory).
    """

    def __init__(
        self,
        shape_components: int,
        texture_components: int,
        hidden_units: tuple[int, ...] = HIDDEN_UNITS,
        l2: float = 0.0,
        seed: int = 0,
        precision: str = FLOAT32,
        **kwargs,
    ):
        """
        Args:
          shape_components: S.
          texture_components: T.
          hidden_units: of each layer but the last.
          l2: penalty on the weights.
          seed: of the initial weights.
          precision: one of `PRECISIONS`, in which the hidden layers are computed. Their weights,
            the standardised features and the coefficients are float32 in either.
        """
        super().__init__(**kwargs)
        self._settings = {
            "shape_components": shape_components,
            "texture_components": texture_components,
            "hidden_units": list(hidden_units),
            "l2": l2,
            "seed": seed,
            "precision": precision,
        }
        self.shape_components = shape_components
        self.texture_components = texture_components
        self.hidden = [
            _dense(units, "he_normal", l2, seed + index, "relu", precision)
            for index, units in enumerate(hidden_units)
        ]
        # Small at first, so that training begins at the mean face and not among caricatures.
        self.coefficients = _dense(
            shape_components + texture_components, "small", l2, seed + len(hidden_units), None
        )

    def build(self, input_shape):
        width = input_shape[-1]
        self.feature_mean = self.add_weight(
            shape=(width,), initializer="zeros", trainable=False, name="feature_mean"
        )
        self.feature_deviation = self.add_weight(
            shape=(width,), initializer="ones", trainable=False, name="feature_deviation"
        )
        for layer in (*self.hidden, self.coefficients):
            layer.build((None, width))
            width = layer.units
        self.built = True

    def adapt(self, features: np.ndarray) -> None:
        """Takes the moments to standardise by from features [N, D]."""
        self.adapt_to(features.mean(axis=0), features.std(axis=0))

    def adapt_to(self, mean: np.ndarray, deviation: np.ndarray) -> None:
        """Takes the moments to standardise by: each feature's mean and deviation, [D]."""
        self.feature_mean.assign(mean)
        self.feature_deviation.assign(np.maximum(deviation, SMALLEST_DEVIATION))

    def call(self, features):
        values = (features - self.feature_mean) / self.feature_deviation
        for layer in self.hidden:
            values = layer(values)
        values = self.coefficients(values)
        return values[:, : self.shape_components], values[:, self.shape_components :]

    def get_config(self):
        return self._settings


def _dense(
    units: int,
    initializer: str,
    l2: float,
    seed: int,
    activation: str | None,
    precision: str = FLOAT32,
):
    if initializer == "small":
        kernel = keras.initializers.VarianceScaling(0.1, seed=seed)
    else:
        kernel = keras.initializers.HeNormal(seed=seed)
    return keras.layers.Dense(
        units,
        activation=activation,
        kernel_initializer=kernel,
        kernel_regularizer=keras.regularizers.L2(l2) if l2 else None,
        dtype=keras.DTypePolicy(precision),
    )


def make_decoder(
    config: ml_collections.ConfigDict, feature_count: int, shape_count: int, texture_count: int
) -> Decoder:
    """The config's decoder from `feature_count` features, built, with random weights."""
    decoder = Decoder(
        shape_count,
        texture_count,
        tuple(config.decoder.hidden_units),
        config.decoder.l2,
        config.seed,
        config.training.mixed_precision,
    )
    decoder.build((None, feature_count))
    return decoder
