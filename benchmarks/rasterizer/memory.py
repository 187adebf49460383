"""How much memory a step takes beyond what its process held before."""

import ctypes
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # see proc(5)
_MB = 1e6

# TensorFlow's own allocator on the CPU keeps what it once had, so that a step that follows a larger
# one would seem to need nothing. Set before TensorFlow starts.
SYSTEM_ALLOCATOR = {"TF_ONEDNN_USE_SYSTEM_ALLOCATOR": "1"}


def can_reset() -> bool:
    """Whether a process can be asked for the peaks of several steps: on Linux."""
    try:
        _RESET.write_text(_RESET_PEAK)
        return True
    except OSError:
        return False


def peak_mb(step: Callable[[], object]) -> float:
    """How far the process's resident memory rises above its level at rest during `step`, in MB.

    The step's results count, its inputs do not. A first call, which traces and compiles, does not
    count either, except where peaks cannot be reset: there the rise of the whole process's peak in
    the first call is told, for one step a process, and is an upper bound.
    """
    if not can_reset():
        before = _peak_of_process()
        step()
        return (_peak_of_process() - before) / _MB
    step()
    _give_back_freed()
    can_reset()
    before = _status_bytes("VmRSS")
    step()
    return (_status_bytes("VmHWM") - before) / _MB


def _give_back_freed() -> None:
    """What the C library keeps of freed memory would hide as much of the step's."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
    if trim is not None:
        trim(0)


def _status_bytes(field: str) -> int:
    return 1024 * int(re.search(rf"^{field}:\s+(\d+) kB", _STATUS.read_text(), re.M)[1])


def _peak_of_process() -> int:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
