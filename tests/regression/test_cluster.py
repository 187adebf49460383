"""Clusters as the environment describes them."""

import json

import pytest

from tf_morph.errors import InputError
from tf_morph.regression.cluster import cluster_of, expand_hosts

SLURM = {
    "SLURM_PROCID": "3",
    "SLURM_STEP_NODELIST": "n[09-10],gpu1",
    "SLURM_STEP_TASKS_PER_NODE": "2(x2),1",
}


def tf_config(cluster, kind, index):
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})}


def test_workers_of_tf_config_keep_their_order():
    cluster = cluster_of(1, tf_config({"worker": ["a:1", "b:2"]}, "worker", 1))
    assert cluster.addresses == ("a:1", "b:2") and cluster.index == 1
    assert cluster.name(0) == "worker 0 of 2 (a:1)"


def test_a_chief_comes_before_the_workers():
    jobs = {"worker": ["b:2", "c:3"], "chief": ["a:1"]}
    cluster = cluster_of(1, tf_config(jobs, "worker", 1))
    assert cluster.addresses == ("a:1", "b:2", "c:3") and cluster.index == 2
    assert cluster_of(1, tf_config(jobs, "chief", 0)).index == 0


def test_a_slurm_step_s_tasks_are_numbered_node_by_node():
    cluster = cluster_of(7000, SLURM)
    assert cluster.index == 3
    assert cluster.addresses == ("n09:7000", "n09:7001", "n10:7000", "n10:7001", "gpu1:7000")


def test_tf_config_goes_before_slurm():
    assert cluster_of(1, SLURM | tf_config({"worker": ["a:1"]}, "worker", 0)).index == 0


@pytest.mark.parametrize(
    ("short", "hosts"),
    [
        ("node", ["node"]),
        ("a,b", ["a", "b"]),
        ("n[8-10]", ["n8", "n9", "n10"]),
        ("n[08-10,12]-ib,m", ["n08-ib", "n09-ib", "n10-ib", "n12-ib", "m"]),
    ],
)
def test_slurm_s_short_form_of_hosts(short, hosts):
    assert expand_hosts(short) == hosts


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"TF_CONFIG": "no JSON"},
        {"TF_CONFIG": '{"cluster": {"worker": ["a:1"]}}'},
        tf_config({"worker": ["a:1"]}, "worker", 1),
        tf_config({"worker": ["a:1"], "ps": ["b:1"]}, "worker", 0),
        SLURM | {"SLURM_PROCID": "5"},
        SLURM | {"SLURM_STEP_TASKS_PER_NODE": "2"},
    ],
)
def test_what_makes_no_cluster_is_said(environment):
    with pytest.raises(InputError, match="TF_CONFIG|Slurm"):
        cluster_of(7000, environment)
