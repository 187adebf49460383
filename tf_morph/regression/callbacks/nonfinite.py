"""The end of a run at the first value that is no number."""

from collections.abc import Mapping

import numpy as np

from tf_morph.errors import InputError


def check_finite(step: int, values: Mapping[str, float]) -> None:
    """Checks a step's values before its gradients are applied.

    Raises:
      InputError: one is not finite; the line names the step and the terms.
    """
    bad = [name for name, value in values.items() if not np.isfinite(value)]
    if bad:
        raise InputError(
            f"step {step}: {', '.join(bad)} is not finite; lower training.learning_rate or "
            "look for damaged photographs (the last checkpoint is from before this step)"
        )
