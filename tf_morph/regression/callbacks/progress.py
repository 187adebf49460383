"""One bar over the whole run."""

from tqdm import tqdm

from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.losses import TERMS


class ProgressBar(Observer):
    """Steps made and to make, with the last step's losses."""

    _SHOWN = ("loss", *TERMS)

    def __init__(self, first_step: int, steps: int):
        self._bar = tqdm(
            total=steps, initial=first_step, desc="training", unit="step", mininterval=1.0
        )

    def after_step(self, step, values):
        if step % 10 == 0:
            shown = {name: f"{values[name]:.3f}" for name in self._SHOWN if name in values}
            self._bar.set_postfix(shown, refresh=False)
        self._bar.update()

    def after_training(self):
        self._bar.close()
