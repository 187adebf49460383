"""What a training needs to go on from where it was ended: one file beside its result."""

import json
import zipfile
from pathlib import Path

import keras
import numpy as np

from tf_morph.array_cache import write_arrays
from tf_morph.errors import InputError


class TrainingState:
    """A network's and its optimiser's variables, and how many steps made them.

    Args:
      path: the file, .npz.
      training: what the training is, as JSON has it; another training's state is refused.
    """

    def __init__(self, path: Path, training: object):
        self.path = path
        self._training = json.dumps(training, sort_keys=True)

    def save(self, step: int, model: keras.Model, optimizer: keras.Optimizer) -> None:
        """Writes the state after `step` steps, in place of an older one."""
        arrays = {str(i): v.numpy() for i, v in enumerate(_variables(model, optimizer))}
        write_arrays(self.path, step=step, training=self._training, **arrays)

    def resume(self, model: keras.Model, optimizer: keras.Optimizer) -> int:
        """Takes up the state, if there is one; the number of steps already made.

        Raises:
          InputError: the file is damaged, or another training's.
        """
        if not self.path.exists():
            return 0
        variables = _variables(model, optimizer)
        try:
            with np.load(self.path, allow_pickle=False) as file:
                step, same = int(file["step"]), str(file["training"]) == self._training
                arrays = [file[str(i)] for i in range(len(variables))] if same else []
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{self.path}: a damaged state of a training; remove it to begin anew"
            ) from error
        if not same:
            raise InputError(f"{self.path}: the state of another training; remove it to begin anew")
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        return step

    def remove(self) -> None:
        """Deletes the file, if there is one."""
        self.path.unlink(missing_ok=True)


def _variables(model, optimizer):
    return [*model.variables, *optimizer.variables]
