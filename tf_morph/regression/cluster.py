"""Which processes train one run together, read from the environment that started this one."""

import dataclasses
import json
import os
import re
from collections.abc import Mapping

from tf_morph.errors import InputError

_SLURM = ("SLURM_PROCID", "SLURM_STEP_NODELIST", "SLURM_STEP_TASKS_PER_NODE")


@dataclasses.dataclass(frozen=True)
class Cluster:
    """Workers in the order of their numbers; number 0 is the chief, which writes the run's folder.

    Attributes:
      addresses: "host:port" of each.
      index: this process' number.
    """

    addresses: tuple[str, ...]
    index: int

    def name(self, index: int) -> str:
        """What messages call a worker."""
        return f"worker {index} of {len(self.addresses)} ({self.addresses[index]})"


def cluster_of(slurm_port: int, environment: Mapping[str, str] = os.environ) -> Cluster:
    """The cluster that TF_CONFIG describes or, without it, a Slurm job step's.

    Args:
      slurm_port: a Slurm node's first worker listens on this port, the next on the next.
      environment: variables by name.

    Raises:
      InputError: there is neither, or what there is cannot be understood.
    """
    if environment.get("TF_CONFIG"):
        return _of_tf_config(environment["TF_CONFIG"])
    if all(name in environment for name in _SLURM):
        return _of_slurm(environment, slurm_port)
    raise InputError(
        "distribution.strategy multi_worker: neither TF_CONFIG nor a Slurm job step's variables "
        "say which workers there are; start train.py as docs/clusters.md says"
    )


def _of_tf_config(text: str) -> Cluster:
    try:
        described = json.loads(text)
        jobs, task = described["cluster"], described["task"]
        if set(jobs) - {"chief", "worker"}:
            raise ValueError(f"jobs {', '.join(jobs)}; only chief and worker are known here")
        chiefs, workers = list(jobs.get("chief", [])), list(jobs.get("worker", []))
        first = {"chief": 0, "worker": len(chiefs)}[task["type"]]
        cluster = Cluster((*chiefs, *workers), first + int(task["index"]))
        if len(chiefs) > 1 or not 0 <= cluster.index < len(cluster.addresses):
            raise ValueError("the task is not one of the cluster's")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"TF_CONFIG: {error}; wanted is the like of "
            '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}'
        ) from error
    return cluster


def _of_slurm(environment: Mapping[str, str], port: int) -> Cluster:
    """Tasks are numbered node by node, as by srun's --distribution=block."""
    number, nodes, tasks = (environment[name] for name in _SLURM)
    try:
        hosts, counts = expand_hosts(nodes), _expand_counts(tasks)
        pairs = zip(hosts, counts, strict=True)
        addresses = [f"{host}:{port + task}" for host, count in pairs for task in range(count)]
        index = int(number)
        addresses[index]
    except (ValueError, IndexError) as error:
        raise InputError(
            f"Slurm: task {number} on {nodes} with {tasks} tasks a node makes no cluster ({error})"
        ) from error
    return Cluster(tuple(addresses), index)


def expand_hosts(nodes: str) -> list[str]:
    """Host names of Slurm's short form, in its order: "n[09-10,12],login" has four."""
    hosts = []
    for prefix, inside, suffix in re.findall(r"([^,\[]+)(?:\[([^\]]*)\])?([^,\[]*)", nodes):
        for part in inside.split(",") if inside else [""]:
            low, _, high = part.partition("-")
            numbers = range(int(low), int(high or low) + 1) if part else [""]
            hosts += [
                f"{prefix}{number:0{len(low)}d}{suffix}" if part else prefix + suffix
                for number in numbers
            ]
    return hosts


def _expand_counts(tasks: str) -> list[int]:
    """Tasks of each node: "2(x3),1" is 2, 2, 2, 1."""
    counts = []
    for count, times in re.findall(r"(\d+)(?:\(x(\d+)\))?", tasks):
        counts += [int(count)] * int(times or 1)
    return counts
