"""Faults at seeded moments: how often does a run crash, claim a success that is none, or break a limit?

python benchmarks/faults.py --n 10                    # every kind ten times (about 25 s of a core each)
python benchmarks/faults.py --n 1 --kinds disk_full,detector_dead
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from diarchy.agent.evaluation.faults.kinds import FAULTS
from diarchy.agent.evaluation.faults.model import FaultRecord
from diarchy.agent.evaluation.faults.run import run_fault


def main() -> None:
    """Run the kinds in turn and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10, help="runs of each kind")
    parser.add_argument("--kinds", default=",".join(FAULTS), help="comma-separated")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="append one JSON line a run to this file")
    options = parser.parse_args()
    records: list[FaultRecord] = []
    with tempfile.TemporaryDirectory() as scratch:
        for kind in options.kinds.split(","):
            for seed in range(options.first_seed, options.first_seed + options.n):
                record = run_fault(kind.strip(), seed, Path(scratch) / f"{kind}-{seed}")
                records.append(record)
                print(record.model_dump_json(), file=sys.stderr, flush=True)
                if options.out:
                    with options.out.open("a", encoding="utf-8") as file:
                        file.write(record.model_dump_json() + "\n")
    print(json.dumps(_counts(records), indent=1))


def _counts(records: list[FaultRecord]) -> dict[str, object]:
    return {
        "runs": len(records),
        "kinds": len({r.kind for r in records}),
        "crashes": sum(r.crashed for r in records),
        "false_successes": sum(r.verified and r.truth is False for r in records),
        "guard_violations": sum(r.violations for r in records),
        "not_at_rest": sum(not r.at_rest for r in records),
        "unexpected_ends": [f"{r.kind} {r.seed}: {r.status}" for r in records if not r.expected],
        "ends": {k: dict(Counter(r.status for r in records if r.kind == k)) for k in FAULTS},
    }


if __name__ == "__main__":
    main()
