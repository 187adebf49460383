"""How the process holds on to memory."""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
_NEVER, _LARGEST = 2**31 - 1, 32 * 2**20  # bytes; glibc takes no higher threshold for mmap


def keep_freed_memory() -> None:
    """Has the C library keep what is freed for the next allocation; elsewhere than glibc, nothing.

    A training step frees and allocates the same tens of megabytes over and over. Handed back to the
    system in between, every page of them is cleared and mapped anew: a tenth of the renderer's
    time. The process' peak stays what it was.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _NEVER)
        mallopt(_MMAP_THRESHOLD, _LARGEST)
