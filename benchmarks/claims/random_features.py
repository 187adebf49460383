"""An encoder that has learned nothing: the demo's own, with random weights."""

from pathlib import Path

import keras

from tf_morph.errors import InputError
from tf_morph.recognition.train import save_network


def make_random_encoder(trained: Path, out: Path) -> None:
    """Writes a network built as `trained`, a .keras file of ours, to `out`, unless it is there.

    Layers of ours keep the seeds of their initial weights: it is `trained` before its training.

    Raises:
      InputError: `trained` is no Keras file.
    """
    if out.exists():
        return
    try:
        model = keras.saving.load_model(trained, compile=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{trained}: not a .keras file; random features need one") from error
    keras.utils.set_random_seed(0)  # of layers without a seed of their own
    save_network(keras.models.clone_model(model), out)
