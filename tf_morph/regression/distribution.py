"""One run in several processes: who does what, and what becomes of them when one is lost."""

import contextlib
import hashlib
import re
import sys
from collections.abc import Iterator

import ml_collections
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.recognition.network import one_line
from tf_morph.regression.cluster import Cluster, cluster_of
from tf_morph.regression.replicas import process_sums

CommunicationImplementation = tf.distribute.experimental.CommunicationImplementation

NONE, MIRRORED, MULTI_WORKER = "none", "mirrored", "multi_worker"
STRATEGIES = (NONE, MIRRORED, MULTI_WORKER)
COMMUNICATIONS = tuple(kind.value.lower() for kind in CommunicationImplementation)

_TASK = re.compile(r"/job:worker/(?:replica:\d+/)?task:(\d+)")
# What TensorFlow raises in the workers that are left, whichever operation they were in.
_LOSSES = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
)


class Distribution:
    """The strategy a run is trained under and, where there are several processes, their cluster."""

    def __init__(self, strategy: tf.distribute.Strategy, cluster: Cluster | None = None):
        self.strategy = strategy
        self._cluster = cluster

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run's folder."""
        return self._cluster is None or self._cluster.index == 0

    @contextlib.contextmanager
    def chief_first(self) -> Iterator[None]:
        """The others enter once the chief has left, and find what it has made and cached."""
        if not self.is_chief:
            self.wait_for_all()
        yield
        if self.is_chief:
            self.wait_for_all()

    def wait_for_all(self) -> None:
        """Returns once every worker has called it."""
        self._sums([0.0])

    def check_same(self, config: ml_collections.ConfigDict, first_step: int) -> None:
        """Checks that all workers are about to make the same step of the same run.

        Raises:
          InputError: they are not.
        """
        if self._cluster is None:
            return
        digest = hashlib.sha256(config.to_json_best_effort(sort_keys=True).encode()).digest()
        own = [float(first_step), float(int.from_bytes(digest[:2], "big"))]
        chief = self._sums([value * self.is_chief for value in own])
        if chief != own:
            what = "step" if chief[0] != own[0] else "config"
            raise InputError(
                f"{self._cluster.name(self._cluster.index)}: begins at step {first_step}, and not "
                f"at the chief's {what}; all workers need one config and the same --workdir, on a "
                "disk that they share"
            )
        self.wait_for_all()  # so that none goes on where another cannot

    @contextlib.contextmanager
    def losses_named(self) -> Iterator[None]:
        """Within it, the loss of another worker becomes an `InputError` that names it."""
        try:
            yield
        except _LOSSES as error:
            if self._cluster is None:
                raise
            own = self._cluster.index
            lost = [int(task) for task in _TASK.findall(str(error)) if int(task) != own]
            if not lost and "ollective" not in str(error):
                raise
            if lost:
                what = f"{self._cluster.name(lost[0])} is gone; its own output says why"
            else:
                what = f"the workers lost touch ({one_line(error)})"
            raise InputError(
                f"{what}. Start all workers again by the same command, and the run goes on from "
                "its last checkpoint"
            ) from error

    def _sums(self, values: list[float]) -> list[float]:
        """Of each value its sum over the processes."""
        if self._cluster is None:
            return values
        return list(map(float, process_sums(self.strategy, values)))


def start_distribution(settings: ml_collections.ConfigDict) -> Distribution:
    """The config's, `config.distribution`; of several workers each waits here for the others.

    Raises:
      InputError: nothing says which workers there are.
    """
    if settings.strategy == MIRRORED:
        kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
        devices = [device.name for device in tf.config.list_logical_devices(kind)]
        return Distribution(tf.distribute.MirroredStrategy(devices))
    if settings.strategy == MULTI_WORKER:
        return _multi_worker(settings)
    return Distribution(tf.distribute.get_strategy())


def _multi_worker(settings: ml_collections.ConfigDict) -> Distribution:
    cluster = cluster_of(settings.slurm_port)
    print(f"{cluster.name(cluster.index)}: waits for the others to start", file=sys.stderr)
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": list(cluster.addresses)}),
        task_type="worker",
        task_id=cluster.index,
        rpc_layer="grpc",
    )
    options = tf.distribute.experimental.CommunicationOptions(
        implementation=CommunicationImplementation(settings.communication.upper())
    )
    strategy = tf.distribute.MultiWorkerMirroredStrategy(resolver, options)
    return Distribution(strategy, cluster)
