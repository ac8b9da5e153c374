"""Sweeps over Dask: the same bytes as on one machine, also when a worker is lost."""

import time

import pytest

import armistice as ar

distributed = pytest.importorskip("distributed", reason="SKIPPED: distributed is not installed")


@pytest.fixture(scope="module")
def client():
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with distributed.Client(cluster) as client:
        yield client
    cluster.close()


def test_same_bytes(client, tmp_path):
    war = ar.new(tmp_path / "war")
    alone = war.sweep(tmp_path / "alone", 24, shard_size=3, belief_points=5)
    together = war.sweep(tmp_path / "together", 24, shard_size=3, belief_points=5, cluster=client)
    assert together.complete and len(together.table()) == 24
    assert (together.folder / "sweep.parquet").read_bytes() == (alone.folder / "sweep.parquet").read_bytes()


def test_a_lost_worker_loses_nothing(client, tmp_path):
    war = ar.new(tmp_path / "war")
    alone = war.sweep(tmp_path / "alone", 128, shard_size=4)
    folder = tmp_path / "together"

    def lose():
        import os
        import signal
        import threading

        threading.Timer(0.4, os.kill, [os.getpid(), signal.SIGKILL]).start()

    client.run(lose, workers=[next(iter(client.scheduler_info()["workers"]))])
    begun = time.monotonic()
    together = war.sweep(folder, 128, shard_size=4, cluster=client)
    assert time.monotonic() - begun > 0.4, "the sweep was over before the worker was lost: make it longer"
    assert (folder / "sweep.parquet").read_bytes() == (alone.folder / "sweep.parquet").read_bytes()
    assert together.complete
