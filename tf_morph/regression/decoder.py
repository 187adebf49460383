"""The regressor's trained part: recognition features to morphable model coefficients."""

import keras
import ml_collections
import numpy as np

HIDDEN_UNITS = (1024, 1024)  # paper section 3.1, from memory


@keras.saving.register_keras_serializable("tf_morph")
class Decoder(keras.Model):
    """Fully connected layers with ReLU, then one linear layer to all coefficients.

    Input: features [B, D], as the encoder gives them, standardised by the given moments.
    Output: (shape coefficients [B, S], texture coefficients [B, T]), in standard deviations.
    Paper section 3.1 (two layers of 1024 and the L2 penalty: from memory).
    """

    def __init__(
        self,
        feature_mean,
        feature_variance,
        shape_components: int,
        texture_components: int,
        hidden_units: tuple[int, ...] = HIDDEN_UNITS,
        l2: float = 0.0,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self._settings = {
            "feature_mean": [float(value) for value in feature_mean],
            "feature_variance": [float(value) for value in feature_variance],
            "shape_components": shape_components,
            "texture_components": texture_components,
            "hidden_units": list(hidden_units),
            "l2": l2,
            "seed": seed,
        }
        self.shape_components = shape_components
        self.texture_components = texture_components
        self.standardise = keras.layers.Normalization(
            mean=self._settings["feature_mean"], variance=self._settings["feature_variance"]
        )
        self.hidden = [
            _dense(units, "he_normal", l2, seed + index, "relu")
            for index, units in enumerate(hidden_units)
        ]
        # Small at first, so that training begins at the mean face and not among caricatures.
        self.coefficients = _dense(
            shape_components + texture_components, "small", l2, seed + len(hidden_units), None
        )

    def build(self, input_shape):
        width = input_shape[-1]
        self.standardise.build(input_shape)
        for layer in (*self.hidden, self.coefficients):
            layer.build((None, width))
            width = layer.units
        self.built = True

    def call(self, features):
        values = self.standardise(features)
        for layer in self.hidden:
            values = layer(values)
        values = self.coefficients(values)
        return values[:, : self.shape_components], values[:, self.shape_components :]

    def get_config(self):
        return self._settings


def _dense(units: int, initializer: str, l2: float, seed: int, activation: str | None):
    if initializer == "small":
        kernel = keras.initializers.VarianceScaling(0.1, seed=seed)
    else:
        kernel = keras.initializers.HeNormal(seed=seed)
    return keras.layers.Dense(
        units,
        activation=activation,
        kernel_initializer=kernel,
        kernel_regularizer=keras.regularizers.L2(l2) if l2 else None,
    )


def make_decoder(
    config: ml_collections.ConfigDict, features: np.ndarray, shape_count: int, texture_count: int
) -> Decoder:
    """The config's decoder, built, standardising by the moments of training features [N, E]."""
    decoder = Decoder(
        features.mean(axis=0),
        features.var(axis=0),
        shape_count,
        texture_count,
        tuple(config.decoder.hidden_units),
        config.decoder.l2,
        config.seed,
    )
    decoder.build((None, features.shape[1]))
    return decoder
