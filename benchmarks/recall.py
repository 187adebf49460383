"""How fast a gallery is searched, beside NumPy asked plainly.

    python -m benchmarks.recall [--quick]

Features are random unit vectors; each query is its person's entry with noise. The plain way holds
all cosines in float64 and sorts none: it compares each with the right person's. A gallery of a
million is searched by few queries, and its memory above the features is told.
"""

import resource
from collections.abc import Sequence

import numpy as np
from absl import flags
from tqdm import tqdm

from benchmarks.timing import fastest_seconds
from tf_morph.errors import run_main
from tf_morph.recognition.recall import TIE_TOLERANCE, normalise, place, top_matches

LFW = (13_233, 5_749)  # photographs, people
MILLION = (256, 1_000_000)
_LENGTHS = (128, 512, 4096)  # of FaceNet's features, old and new, and of VGG-Face's fc7


def _features(queries: int, gallery: int, length: int):
    """Queries, whom they ask for, entries: float32."""
    random = np.random.default_rng([queries, gallery, length])
    entries = random.standard_normal((gallery, length), np.float32)
    wanted = random.integers(gallery, size=queries)
    noise = random.standard_normal((queries, length), np.float32)
    return entries[wanted] + 2.0 * noise, wanted, entries


def _plainly(queries, wanted, entries):
    scores = normalise(queries) @ normalise(entries).T
    right = scores[np.arange(len(queries)), wanted][:, None]
    return (scores > right + TIE_TOLERANCE).sum(axis=1)


def _compared(length: int, repeats: int) -> None:
    queries, wanted, entries = _features(*LFW, length)
    people = np.arange(len(entries))
    ours = fastest_seconds(lambda: place(queries, wanted, entries, people), repeats)
    plain = fastest_seconds(lambda: _plainly(queries, wanted, entries), repeats)
    top = fastest_seconds(lambda: top_matches(queries, entries, 5), repeats)
    same = np.array_equal(
        place(queries, wanted, entries, people).higher, _plainly(queries, wanted, entries)
    )
    print(
        f"{len(queries):,} x {len(entries):,}, {length:,} numbers: placed in {ours:.2f} s, plainly "
        f"{plain:.2f} s ({plain / ours:.1f} times as long), the same: {same}; first five "
        f"{top:.2f} s"
    )


def _of_a_million(length: int) -> None:
    queries, wanted, entries = _features(*MILLION, length)
    before = _peak_mebibytes()
    people = np.arange(len(entries))
    seconds = fastest_seconds(lambda: place(queries, wanted, entries, people), 2)
    top = fastest_seconds(lambda: top_matches(queries, entries, 5), 2)
    print(
        f"{len(queries):,} x {len(entries):,}, {length:,} numbers ({entries.nbytes >> 20:,} MiB): "
        f"placed in {seconds:.2f} s, first five {top:.2f} s; memory beside the features: "
        f"{_peak_mebibytes() - before:,.0f} MiB"
    )


def _peak_mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(argv: Sequence[str]) -> None:
    del argv
    quick = flags.FLAGS.quick
    _of_a_million(_LENGTHS[0])
    for length in tqdm(_LENGTHS[:2] if quick else _LENGTHS, disable=None, leave=False):
        _compared(length, repeats=2 if quick else 3)


def _define_flags():
    flags.DEFINE_bool("quick", False, "Without the longest features.")


if __name__ == "__main__":
    run_main(main, define_flags=_define_flags)
