"""How far a run has come, as a file in its folder says."""

import dataclasses
import json
import time
from pathlib import Path

from tf_morph.regression.run_folder import write_json

TRAINING, FINISHED, STOPPED = "training", "finished", "stopped"


@dataclasses.dataclass(frozen=True)
class RunState:
    """Attributes:
    state: `TRAINING`, `FINISHED` or `STOPPED`.
    step: steps made.
    steps: steps the config asks for.
    reason: why it stopped; empty where it did not.
    written: seconds since 1970 when this was so.
    """

    state: str
    step: int
    steps: int
    reason: str = ""
    written: float = dataclasses.field(default_factory=time.time)

    def save(self, path: Path) -> None:
        """Writes it as JSON, whole or not at all."""
        write_json(path, dataclasses.asdict(self))


def load_state(path: Path) -> RunState | None:
    """What `save` wrote; None where there is none that can be read."""
    try:
        content = json.loads(path.read_text())
        return RunState(
            str(content["state"]),
            int(content["step"]),
            int(content["steps"]),
            str(content["reason"]),
            float(content["written"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
