"""TensorBoard's files of a run that goes on."""

from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf
from tensorboard.compat.proto.event_pb2 import Event

from tf_morph.atomic import whole_file

_FILES = "events.out.tfevents.*"


def open_event_writer(folder: Path, first_step: int) -> tf.summary.SummaryWriter:
    """A writer to a folder that then tells of every step once.

    Args:
      folder: TensorBoard's; it is made.
      first_step: how many steps the run has made. What the folder tells of later ones, which will
        be made again, is dropped.
    """
    for path in sorted(folder.glob(_FILES)):
        _keep_until(path, first_step)
    return tf.summary.create_file_writer(str(folder))


def _keep_until(path: Path, step: int) -> None:
    kept = [record for record in _whole_records(path) if Event.FromString(record).step <= step]
    if not any(Event.FromString(record).HasField("summary") for record in kept):
        path.unlink()
        return
    with whole_file(path) as temporary, tf.io.TFRecordWriter(str(temporary)) as writer:
        for record in kept:
            writer.write(record)


def _whole_records(path: Path) -> Iterator[bytes]:
    """Records up to the first that a killed process left half-written."""
    try:
        for record in tf.data.TFRecordDataset(str(path)):
            yield record.numpy()
    except tf.errors.DataLossError:
        return
