"""Sweeps over a cluster: the same plan and the same shards, computed by workers of Dask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import _core, _verbs
from .errors import ArmisticeError


def compute_part(scenario: str, out: str, part: int, parts: int) -> int:
    """Computes the shards of one part of a sweep: what a worker does. Shards that are whole already are kept.

    Returns the exit code; an ending that is not 0 is an exception, which makes Dask say so.
    """
    words = [
        "sweep",
        scenario,
        f"--out={out}",
        "--resume",
        f"--shard={part}/{parts}",
        "--threads=1",
        "--json",
        "--quiet",
    ]
    code, output, remarks = _core.call(words)
    if code not in _verbs.WRITTEN:
        _verbs.failed(code, _verbs.parsed(output), remarks)
    return code


def over_cluster(begin: list[str], scenario: str, out: Path, client: Any) -> None:
    """Plans a sweep, and has its shards computed by the workers of a client.

    A worker that is lost loses the shard in flight: Dask gives its part to another, which keeps shards that are whole.

    Parameters
    ----------
    begin : list of str
        The words of the sweep.
    scenario : str
        Its scenario, which workers must find under the same path, made absolute.
    out : Path
        Its folder, likewise.
    client : dask.distributed.Client
        The cluster.
    """
    code, output, remarks = _core.call([*begin, "--plan", "--json", "--quiet"])
    document = _verbs.parsed(output)
    if code != _verbs.DONE:
        _verbs.failed(code, document, remarks)
    place = str(out.resolve())
    shards = int(document["shards"])
    futures = [
        client.submit(compute_part, str(Path(scenario).resolve()), place, part + 1, shards, pure=False, retries=3)
        for part in range(shards)
    ]
    try:
        for future in futures:
            if future.result() not in _verbs.WRITTEN:
                raise ArmisticeError("a part of the sweep failed", 1)
    except KeyboardInterrupt:
        client.cancel(futures)
        raise
