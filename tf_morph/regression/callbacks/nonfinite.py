"""The end of a run at the first value that is no number."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from tf_morph.array_cache import write_arrays
from tf_morph.errors import InputError
from tf_morph.photographs.prepared.windows import PHOTOGRAPH
from tf_morph.regression.decoder import Decoder
from tf_morph.regression.run_folder import write_json

STATE, DECODER, BATCH = "state.json", "decoder.keras", "batch.npz"
_HOW_TO_LOAD = (
    "import keras, numpy, tf_morph.regression.decoder; "
    f"decoder = keras.models.load_model('{DECODER}'); batch = numpy.load('{BATCH}')"
)


class NonFiniteStop:
    """Stops a run before a step whose values or gradients are not finite is applied.

    What that step was computed from is kept in `folder`/step_N:
      decoder.keras: the decoder before the step.
      batch.npz: what it read; the scenes are a function of the config's seed and of `step` in it.
      state.json: the step's values, the gradient's norm by weight, the photographs, and how to load
        the other two. What is not finite is text there, "nan" or "inf".
    """

    def __init__(self, folder: Path | None, decoder: Decoder, photographs: Sequence[str]):
        """
        Args:
          folder: made when there is something to keep; None: another worker keeps it.
          decoder: that is trained.
          photographs: what each `photograph` of a batch, if it has that, is a place in.
        """
        self._folder, self._decoder, self._photographs = folder, decoder, photographs

    def check(
        self,
        step: int,
        values: Mapping[str, float],
        gradients: Sequence[tf.Tensor],
        batch: Mapping[str, tf.Tensor],
        local: Callable,
    ) -> None:
        """Checks a step that is computed and not yet applied.

        Args:
          step: counted from 1.
          values: by name.
          gradients: of each trainable weight of the decoder.
          batch: what they were computed from.
          local: from what a strategy holds of gradients or batch to this replica's.

        Raises:
          InputError: a value is not finite; the line names the step, the terms and the folder.
        """
        bad = [name for name, value in values.items() if not np.isfinite(value)]
        if not bad:
            return
        kept = "the chief's folder"
        if self._folder is not None:
            kept = self._keep(step, values, local(list(gradients)), local(dict(batch)))
        raise InputError(
            f"step {step}: {', '.join(bad)} is not finite; what it was computed from is in {kept}; "
            "lower training.learning_rate or look for damaged photographs (the decoder is as it "
            "was before this step)"
        )

    def _keep(self, step, values, gradients, batch) -> Path:
        folder = self._folder / f"step_{step}"
        shutil.rmtree(folder, ignore_errors=True)  # of an earlier try at the same step
        folder.mkdir(parents=True)
        self._decoder.save(folder / DECODER)
        arrays = {name: tensor.numpy() for name, tensor in batch.items()}
        write_arrays(folder / BATCH, **arrays)
        weights = self._decoder.trainable_variables
        norms = {
            weight.path: float(np.linalg.norm(gradient))
            for weight, gradient in zip(weights, gradients, strict=True)
        }
        seen = [self._photographs[place] for place in arrays.get(PHOTOGRAPH, ())]
        record = {
            "step": step,
            "values": _as_json(values),
            "gradient_norms": _as_json(norms),
            "not_finite_in_batch": [
                name for name, array in arrays.items() if not np.isfinite(array).all()
            ],
            "photographs": seen,
            "to_load": _HOW_TO_LOAD,
        }
        write_json(folder / STATE, record)
        return folder


def _as_json(values: Mapping[str, float]) -> dict[str, float | str]:
    """JSON has no word for what is not finite."""
    return {name: value if np.isfinite(value) else str(value) for name, value in values.items()}
