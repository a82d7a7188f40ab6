"""Take pictures of training homes in several processes, beside a training that takes them in.

    MUJOCO_GL=egl PYTHONPATH=. python scripts/photograph_homes.py --out data/detector --homes 2000 --processes 14

The same pictures as ``diarchy collect detector`` takes, stored in less time and more room.
"""

from __future__ import annotations

import argparse
import logging
import os
from multiprocessing import get_context
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--homes", type=int, default=2000)
    parser.add_argument("--first-seed", type=int, default=400_000)
    parser.add_argument("--views", type=int, default=40)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    each = -(-asked.homes // asked.processes)
    context = get_context("spawn")
    workers = [
        context.Process(
            target=_work,
            args=(asked.out, each, asked.first_seed + i, asked.processes, asked.views),
        )
        for i in range(asked.processes)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _work(out: Path, homes: int, first_seed: int, step: int, views: int) -> None:
    os.nice(19)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    from diarchy.agent.learning.detector_data import collect

    collect(out, homes, first_seed=first_seed, step=step, views=views, quick=True)


if __name__ == "__main__":
    main()
