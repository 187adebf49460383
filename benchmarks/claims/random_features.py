"""An encoder that has learned nothing: the demo's own, with random weights."""

from pathlib import Path

import keras

from tf_morph.errors import InputError
from tf_morph.recognition.train import save_network


def make_random_encoder(trained: Path, out: Path, seed: int = 0) -> None:
    """Writes a network built as `trained`, a .keras file of ours, to `out`, unless it is there.

    Raises:
      InputError: `trained` is no Keras file.
    """
    if out.exists():
        return
    try:
        model = keras.saving.load_model(trained, compile=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{trained}: not a .keras file; random features need one") from error
    keras.utils.set_random_seed(seed)
    save_network(keras.models.clone_model(model), out)
