"""What training reads of its photographs: features in memory, or in a prepared folder on disk."""

import contextlib
from collections.abc import Mapping, Sequence

import ml_collections
import numpy as np

from tf_morph.photographs.prepared.windows import PHOTOGRAPH, FeatureShards, damage_named
from tf_morph.regression.decoder import Decoder
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.face_colors import compared_colors
from tf_morph.regression.identity import IdentityNetwork
from tf_morph.regression.photograph_features import encoder_features, training_features
from tf_morph.regression.photograph_sets import PhotographSet, PreparedSet
from tf_morph.regression.prepared_features import PreparedFeatures, prepared_features

TrainingInput = Mapping[str, np.ndarray] | PreparedFeatures


def training_input(
    config: ml_collections.ConfigDict,
    encoder: Encoder,
    identity: Sequence[IdentityNetwork],
    photographs: PhotographSet | PreparedSet,
) -> TrainingInput:
    """What `training_batches` takes: computed from decoded photographs, or found on disk.

    Raises:
      InputError: the photographs were prepared with other networks, without an output or the
        colours that are wanted, or without mirror images where the config has them.
    """
    mirrored = config.photographs.mirrored
    compared = (*identity, *compared_colors(config))
    if isinstance(photographs, PhotographSet):
        images = photographs.images
        features = training_features(encoder, compared, images, mirrored)
        return features | {PHOTOGRAPH: np.arange(len(features["encoder"]))}
    shards = FeatureShards(photographs.folder, photographs.indices, mirrored)
    return prepared_features(shards, encoder, compared)


def adapt_decoder(decoder: Decoder, features: TrainingInput) -> None:
    """Has the decoder standardise by what it is trained on; see `Decoder.adapt`."""
    if isinstance(features, PreparedFeatures):
        decoder.adapt_to(*features.encoder_moments())
    else:
        decoder.adapt(features["encoder"])


def known_encoder_features(
    encoder: Encoder, photographs: PhotographSet | PreparedSet
) -> np.ndarray:
    """The encoder's features float32 [N, E] of photographs that were trained on.

    Raises:
      InputError: they were prepared with another encoder, or a shard is damaged.
    """
    if isinstance(photographs, PhotographSet):
        return encoder_features(encoder, photographs.images, "training")
    shards = FeatureShards(photographs.folder, photographs.indices, mirrored=False)
    return prepared_features(shards, encoder, ()).encoder_features()


def reading(features: TrainingInput) -> contextlib.AbstractContextManager[None]:
    """Within it, a damaged shard that is read becomes an `InputError`."""
    if isinstance(features, PreparedFeatures):
        return damage_named(features.shards.folder)
    return contextlib.nullcontext()
