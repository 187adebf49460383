"""Features of prepared photographs in a shuffled order that is a function of seed and step alone.

An epoch takes the shards in an order of its own, some at a time: a window, which is read whole and
whose photographs are shuffled among themselves. So memory is bounded, files are read from beginning
to end, and any step can be begun at by reading one window.
"""

import contextlib
import dataclasses
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.photographs.prepared.folder import PreparedFolder
from tf_morph.photographs.prepared.records import parse_features

WINDOW_BYTES = 64 * 2**20  # of features; three windows are held at once, and a window's records
_FLOAT_BYTES = 4
_READ_AHEAD = 1  # windows
PHOTOGRAPH = "photograph"


@dataclasses.dataclass(frozen=True)
class FeatureShards:
    """The features of some photographs of a prepared folder.

    Attributes:
      folder: the prepared folder.
      indices: int64 [K], which of its photographs, increasing.
      mirrored: whether each one's mirror image counts as a photograph of its own.
      window_shards: how many shards are shuffled together; by default as many as
        `WINDOW_BYTES` hold.
    """

    folder: PreparedFolder
    indices: np.ndarray
    mirrored: bool
    window_shards: int = 0

    def __post_init__(self):
        if self.mirrored and not self.folder.recipe.mirrored:
            raise InputError(
                f"{self.folder.path}: prepared without mirror images, but the config has "
                "photographs.mirrored True; prepare the photographs anew, in another folder, or "
                "set it to False"
            )

    def __len__(self) -> int:
        """N, photographs and mirror images."""
        return len(self.indices) * self.variants

    @property
    def variants(self) -> int:
        return 2 if self.mirrored else 1

    def all_rows(self) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """A shard at a time: its photographs [k] as places in `indices`; {key: [k, V, D]}."""
        shards = self.folder.shards[self.indices]
        used, counts = np.unique(shards, return_counts=True)
        by_shard = np.split(np.argsort(shards, kind="stable"), np.cumsum(counts)[:-1])
        for shard, places in zip(used, by_shard, strict=True):
            parsed = self.read(tf.constant([self.folder.feature_files[shard]]))
            rows = self.folder.rows[self.indices[places]]
            yield places, {k: v.numpy()[rows, : self.variants] for k, v in parsed.items()}

    def shuffled(self, seed: int, batch: int, first_step: int, steps: int) -> tf.data.Dataset:
        """Batches of steps `first_step` to `steps` - 1; every epoch has each photograph once.

        Args:
          seed: of the order.
          batch: photographs of a step, D; they may be more than there are.
          first_step: from 0.
          steps: the step to end before.

        Returns:
          {key: float32 [D, ...]}; `PHOTOGRAPH` int64 [D], places in `indices`, and in those
          of their mirror images, which follow them; `step` scalar int64.
        """
        windows = _Windows(self, seed)
        first_window, done = windows.at(first_step * batch)

        def rows(window):
            values = windows.rows(window)
            skip = tf.where(window == first_window, done, 0)
            return {key: rows[skip:] for key, rows in values.items()}

        read = tf.data.Dataset.range(first_window, np.iinfo(np.int64).max)
        read = read.map(rows, num_parallel_calls=1).prefetch(_READ_AHEAD)
        batches = read.rebatch(batch, drop_remainder=True)
        numbered = tf.data.Dataset.zip(batches, tf.data.Dataset.range(first_step, steps))
        return numbered.map(lambda values, step: values | {"step": step}).prefetch(2)

    def read(self, files: tf.Tensor) -> dict[str, tf.Tensor]:
        """{key: [R, V, D]} of all records of feature files [F]."""
        records = tf.data.TFRecordDataset(files, buffer_size=2**20)
        most = int(self.folder.counts.sum())
        return parse_features(records.batch(most).get_single_element(), self.folder.recipe)


class _Windows:
    """The windows of all epochs, counted through: window w of epoch e is e * windows + w."""

    def __init__(self, features: FeatureShards, seed: int):
        folder = features.folder
        shards = folder.shards[features.indices]
        used = np.unique(shards)
        order = np.lexsort((folder.rows[features.indices], shards))
        self._features, self._seed, self._shards = features, seed, len(used)
        self._files = tf.constant([folder.feature_files[shard] for shard in used])
        self._counts = folder.counts[used]  # records of each shard, wanted or not
        self._wanted = np.bincount(shards, minlength=len(folder.counts))[used]
        rows = folder.rows[features.indices][order]
        self._rows = tf.RaggedTensor.from_row_lengths(rows, self._wanted)
        self._places = tf.RaggedTensor.from_row_lengths(order, self._wanted)
        self._each = features.window_shards or _fitting(folder)
        self._windows = -(-self._shards // self._each)

    def at(self, position: int) -> tuple[int, int]:
        """The window, and the row in it, of the photograph at a position of the endless stream."""
        epoch, left = divmod(position, len(self._features))
        order = self._order(tf.constant(epoch, tf.int64)).numpy()
        sizes = self._wanted[order] * self._features.variants
        ends = np.cumsum(np.add.reduceat(sizes, np.arange(0, self._shards, self._each)))
        window = int(np.searchsorted(ends, left, side="right"))
        return epoch * self._windows + window, left - int(ends[window - 1] if window else 0)

    def rows(self, window: tf.Tensor) -> dict[str, tf.Tensor]:
        """{key: [N of the window, D]} of window `window`, shuffled."""
        epoch, place = window // self._windows, window % self._windows
        chosen = self._order(epoch)[place * self._each : (place + 1) * self._each]
        begins = tf.cumsum(tf.gather(self._counts, chosen), exclusive=True)
        wanted = (tf.gather(self._rows, chosen) + begins[:, None]).flat_values
        count = tf.size(wanted, tf.int64)
        shuffled = self._shuffled(count * self._features.variants, epoch, place + 1)
        variant, row = shuffled // count, shuffled % count
        where = tf.stack([tf.gather(wanted, row), variant], axis=1)
        places = tf.gather(tf.gather(self._places, chosen).flat_values, row)
        records = self._features.read(tf.gather(self._files, chosen))
        shown = {key: tf.gather_nd(values, where) for key, values in records.items()}
        return shown | {PHOTOGRAPH: places + variant * len(self._features.indices)}

    def _order(self, epoch: tf.Tensor) -> tf.Tensor:
        """The shards in an epoch's order."""
        return self._shuffled(tf.constant(self._shards, tf.int64), epoch, tf.zeros([], tf.int64))

    def _shuffled(self, count: tf.Tensor, epoch: tf.Tensor, stream: tf.Tensor) -> tf.Tensor:
        """0 to `count` - 1, int64, in the order of seed, epoch and stream."""
        numbers = tf.range(count, dtype=tf.int64)
        seed = tf.stack([tf.constant(self._seed, tf.int64), epoch, stream])
        seeds = tf.tile(seed[None], [count, 1])
        return tf.raw_ops.RandomIndexShuffle(
            index=numbers, seed=seeds, max_index=tf.fill([count], count - 1), rounds=4
        )


def _fitting(folder: PreparedFolder) -> int:
    """How many shards hold `WINDOW_BYTES` of features: by the folder alone, as the order is."""
    floats = sum(folder.recipe.feature_sizes.values()) * folder.recipe.variants
    average = folder.counts.mean() * floats * _FLOAT_BYTES
    return max(1, int(WINDOW_BYTES // max(average, 1)))


@contextlib.contextmanager
def damage_named(folder: PreparedFolder) -> Iterator[None]:
    """Within it, what TensorFlow raises on damaged shards becomes an `InputError`."""
    try:
        yield
    except (tf.errors.DataLossError, tf.errors.NotFoundError) as error:
        raise InputError(
            f"{folder.path}: a shard is damaged or gone ({error.message.splitlines()[0]}); remove "
            "it and prepare the photographs again"
        ) from error
