"""The networks' features in a prepared folder, as training wants them; and the folder's recipe."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

import ml_collections
import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.photographs.prepared.recipe import NetworkRecord, Recipe, feature_key
from tf_morph.photographs.prepared.windows import PHOTOGRAPH, FeatureShards, damage_named
from tf_morph.recognition.feature_computation import feature_step
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.face_colors import FaceColors
from tf_morph.regression.photograph_features import Compared


@dataclasses.dataclass(frozen=True)
class PreparedFeatures:
    """What `training_batches` reads of a prepared folder: `encoder`, and what is compared, by key.

    Attributes:
      shards: which photographs' features.
      parts: {name in a batch: the keys of the records laid side by side for it}.
    """

    shards: FeatureShards
    parts: Mapping[str, tuple[str, ...]]

    def batches(self, seed: int, batch: int, first_step: int, steps: int) -> tf.data.Dataset:
        """See `FeatureShards.shuffled`."""

        def joined(values):
            kept = {name: values[name] for name in (PHOTOGRAPH, "step")}
            return self._joined(values) | kept

        return self.shards.shuffled(seed, batch, first_step, steps).map(joined)

    def encoder_moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation, float32 [E], of the encoder's features, read once.

        Raises:
          InputError: a shard is damaged.
        """
        count, total, squares, origin = 0, 0.0, 0.0, None
        for _, values in self._encoder_rows():
            values = values.reshape(-1, values.shape[-1]).astype(np.float64)
            origin = values.mean(axis=0) if origin is None else origin
            count += len(values)
            total += (values - origin).sum(axis=0)
            squares += np.square(values - origin).sum(axis=0)
        mean = total / count
        variance = np.maximum(squares / count - np.square(mean), 0)
        return (origin + mean).astype(np.float32), np.sqrt(variance).astype(np.float32)

    def encoder_features(self) -> np.ndarray:
        """The encoder's features float32 [N, E] of the photographs, not of their mirror images.

        Raises:
          InputError: a shard is damaged.
        """
        features = None
        for places, values in self._encoder_rows():
            if features is None:
                features = np.empty((len(self.shards.indices), values.shape[-1]), np.float32)
            features[places] = values[:, 0]
        return features

    def _encoder_rows(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        with damage_named(self.shards.folder):
            for places, values in self.shards.all_rows():
                yield places, np.concatenate([values[key] for key in self.parts["encoder"]], -1)

    def _joined(self, values: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {
            name: tf.concat([values[key] for key in keys], axis=-1)
            for name, keys in self.parts.items()
        }


def prepared_features(
    shards: FeatureShards, encoder: Encoder, compared: Sequence[Compared]
) -> PreparedFeatures:
    """A prepared folder's features of a run's networks.

    Raises:
      InputError: it was prepared with other networks, or without an output that is wanted; the line
        names which.
    """
    parts = {
        "encoder": _keys(shards, "encoder", "encoder_outputs", encoder.network, encoder.outputs)
    }
    for each in compared:
        keys = _keys(shards, each.role, f"{each.role}.outputs", each.network, each.outputs)
        named = zip(each.outputs, keys, strict=True)
        parts |= {each.key(output): (key,) for output, key in named}
    return PreparedFeatures(shards, parts)


def _keys(
    shards: FeatureShards,
    role: str,
    outputs_field: str,
    network: RecognitionNetwork | FaceColors,
    outputs: tuple[str, ...],
) -> tuple[str, ...]:
    folder, recipe = shards.folder.path, shards.folder.recipe
    number = recipe.network_number(network.fingerprint)
    if number is None:
        there = ", ".join(f"{n.name} ({n.fingerprint[:12]})" for n in recipe.networks)
        raise InputError(
            f"{folder}: prepared with {there}; the config's {role}, {network.name} "
            f"({network.fingerprint[:12]}), is none of these, or sees photographs otherwise; "
            "prepare the photographs anew, in another folder"
        )
    missing = [name for name in outputs if name not in recipe.networks[number].outputs]
    if missing:
        raise InputError(
            f"{folder}: prepared without the output {missing[0]!r} of {network.name}, which the "
            f"config's {outputs_field} name; prepare the photographs anew, in another folder"
        )
    return tuple(feature_key(number, name) for name in outputs)


def recipe_of(
    config: ml_collections.ConfigDict, encoder: Encoder, compared: Sequence[Compared]
) -> Recipe:
    """How a run's photographs are to be prepared; networks that are the same are kept once.

    Args:
      compared: of photographs and drawings, in training.
    """
    outputs: dict[str, dict[str, int]] = {}
    networks = (
        (encoder.network, encoder.outputs),
        *((each.network, each.outputs) for each in compared),
    )
    names = {network.fingerprint: network.name for network, _ in networks}
    for network, wanted in networks:
        sizes = {name: network.output_sizes[name] for name in wanted}
        outputs.setdefault(network.fingerprint, {}).update(sizes)
    settings = config.photographs
    return Recipe(
        crop=settings.crop,
        size=settings.size,
        mirrored=settings.mirrored,
        networks=tuple(NetworkRecord(names[f], f, sizes) for f, sizes in outputs.items()),
    )


def compute_recorded(
    recipe: Recipe, encoder: Encoder, compared: Sequence[Compared]
) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """What gives a recipe's features: uint8 [B, S, S, 3] sRGB -> {record's key: float32 [B, D]}."""
    networks = (encoder.network, *(each.network for each in compared))
    by_fingerprint = {network.fingerprint: network for network in networks}
    steps = [
        feature_step(by_fingerprint[record.fingerprint], recipe.size, recipe.size)
        for record in recipe.networks
    ]

    def compute(images: np.ndarray) -> dict[str, np.ndarray]:
        features = {}
        for number, (step, record) in enumerate(zip(steps, recipe.networks, strict=True)):
            values = step(tf.constant(images))
            features |= {feature_key(number, name): values[name].numpy() for name in record.outputs}
        return features

    return compute
