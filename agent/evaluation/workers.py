"""Episodes on all cores, or on all machines of a cluster: through Ray."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from diarchy.agent.evaluation.episode import EpisodeRecord
from diarchy.agent.run.config import RunConfig
from diarchy.contracts.errors import BadInputError, MissingExtraError

Job = tuple[str, int, int, RunConfig]
"""Suite, index, seed, choices."""
FRESH_AFTER = 16
"""Episodes after which a worker process is replaced: the renderer's native memory grows."""
_STORE_BYTES = 100 * 1024 * 1024
_THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def in_parallel(
    jobs: Sequence[Job], *, workers: int, address: str | None = None
) -> Iterator[EpisodeRecord]:
    """Run episodes on several processes and yield each when it is done.

    Args:
        jobs: what to run.
        workers: how many at the same time.
        address: of a running Ray cluster; None: start one on this machine, for this call alone.

    Raises:
        MissingExtraError: the ``ray`` extra is not installed.
        BadInputError: there is no cluster at the address.
    """
    ray = _connect(workers, address)
    try:
        episode = ray.remote(num_cpus=1, max_calls=FRESH_AFTER)(_run)
        waiting = list(jobs)
        running: list[Any] = []
        while waiting or running:
            while waiting and len(running) < workers:
                running.append(episode.remote(*waiting.pop(0)))
            done, running = ray.wait(running, num_returns=1)
            yield EpisodeRecord.model_validate(ray.get(done[0]))
    finally:
        ray.shutdown()


def _run(suite: str, index: int, seed: int, config: RunConfig) -> dict[str, Any]:
    """Run one episode in a worker process; a plain dict travels between versions of the code."""
    from diarchy.agent.evaluation.suite import run_fresh

    return run_fresh(suite, index, seed, config).model_dump(mode="json")


def _connect(workers: int, address: str | None) -> Any:
    # Ray reads these at import and at start: no usage reports, no colours in our output.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("running episodes on several workers", "ray") from error
    quiet: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False}
    environment = {"env_vars": _THREADS | _passed_on()}
    if address is None:
        ray.init(
            num_cpus=workers,
            include_dashboard=False,
            object_store_memory=_STORE_BYTES,
            _node_ip_address="127.0.0.1",
            runtime_env=environment,
            **quiet,
        )
        return ray
    try:
        ray.init(address=address, runtime_env=environment, **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise BadInputError(
            f"--address {address}: no Ray cluster answers there ({error}); start one with 'ray start --head'"
        ) from error
    return ray


def _passed_on() -> dict[str, str]:
    """What a worker must know of this process's surroundings: how to render, where the code is."""
    names = ("MUJOCO_GL", "PYTHONPATH", "PYTHONHASHSEED")
    return {name: os.environ[name] for name in names if name in os.environ}
