"""Train the detector on a machine that has torch and little more: no simulator, no pydantic, nothing installed.

    PYTHONPATH=. python scripts/train_detector.py --data data/detector --out detector.safetensors

Elsewhere ``diarchy train detector`` does the same.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType


def main() -> None:
    # A bare package in its place: its own __init__ would bring in all of perception.
    bare = ModuleType("diarchy.perception")
    bare.__path__ = [str(Path(__file__).resolve().parent.parent / "perception")]
    sys.modules[bare.__name__] = bare
    from diarchy.perception.learned.train import main as train

    train()


if __name__ == "__main__":
    main()
