"""Training people held out to watch a run by: who they are, and their recall."""

import dataclasses

import ml_collections
import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.photographs.folders import Photographs
from tf_morph.photographs.split import split_identities
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.recognition.recall import joined, place
from tf_morph.regression.decoder import Decoder
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.identity import identity_entries
from tf_morph.regression.photograph_features import cached_features, encoder_features
from tf_morph.regression.photograph_sets import PhotographSet, PreparedSet, SplitPhotographs

IDENTITY, JUDGE = "identity", "judge"
_BATCH = 32
_KEY = "validation"  # of the cached features


def watching_entry(config: ml_collections.ConfigDict) -> str:
    """The name in the config's `identity` of the network that watches the run, if one of these
    does."""
    watching = config.validation.network
    return next(iter(identity_entries(config))) if watching == IDENTITY else watching


def hold_out(
    config: ml_collections.ConfigDict, photographs: SplitPhotographs
) -> tuple[SplitPhotographs, PhotographSet | None]:
    """Takes the config's `validation.people` from the training people, drawn by the split's seed.

    Returns:
      (what is left to train on, the first photograph by path of each who is held out); as it was,
      and None, where nobody is.

    Raises:
      InputError: nobody would be left to train on.
    """
    people = config.validation.people
    if not people:
        return photographs, None
    training = photographs.training
    listed = Photographs(training.paths, training.identities)
    try:
        kept, held_out = split_identities(listed, people, config.photographs.split_seed)
    except InputError as error:
        raise InputError(f"validation.people, of the training people: {error}") from error
    _, first = np.unique(np.array(listed.identities)[held_out], return_index=True)
    shown = _rows(training, held_out[first])
    if isinstance(shown, PreparedSet):
        shown = shown.decoded()
    return dataclasses.replace(photographs, training=_rows(training, kept)), shown


def _rows(photographs: PhotographSet | PreparedSet, rows: np.ndarray):
    if isinstance(photographs, PreparedSet):
        return dataclasses.replace(photographs, indices=photographs.indices[rows])
    return PhotographSet(
        photographs.images[rows],
        tuple(photographs.identities[row] for row in rows),
        tuple(photographs.paths[row] for row in rows),
    )


class HeldOutRecall:
    """Top-1 recall of frontal drawings of the held-out people among their photographs.

    Each is asked for by the drawing of the face that the decoder reads from that very photograph.
    """

    def __init__(
        self,
        photographs: PhotographSet,
        network: RecognitionNetwork,
        outputs: tuple[str, ...],
        encoder: Encoder,
        decoder: Decoder,
        drawer: Drawer,
    ):
        """
        Args:
          photographs: one a person.
          network: what compares drawings with photographs, by these of its outputs.
        """
        self._outputs = outputs
        self._gallery = joined(cached_features(network, photographs.images, _KEY), outputs)
        self._read = tf.constant(encoder_features(encoder, photographs.images, _KEY))

        @tf.function
        def drawn_features(features):
            shape, texture = decoder(features)
            scene = drawer.frontal_scene(tf.shape(features)[0])
            return network(drawer(shape, texture, scene))

        self._drawn_features = drawn_features

    def __call__(self) -> float:
        """As the decoder is now; in [0, 1]."""
        starts = range(0, len(self._read), _BATCH)
        parts = [self._drawn_features(self._read[start : start + _BATCH]) for start in starts]
        drawn = {
            name: np.concatenate([part[name].numpy() for part in parts]) for name in self._outputs
        }
        people = np.arange(len(self._read))
        placing = place(joined(drawn, self._outputs), people, self._gallery, people)
        return float(placing.hits(1).mean())
