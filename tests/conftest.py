"""Shared by all tests: headless rendering, one thread, and the tests' own helpers importable by name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import settings

os.environ.setdefault("MUJOCO_GL", "egl")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Helper modules of the tests (fakes, harnesses) live beside them under names of their own.
for folder in ("agent", "skills"):
    sys.path.append(str(Path(__file__).parent / folder))

# Deadlines time the machine, not the code; the same examples everywhere make a failure repeat.
settings.register_profile("diarchy", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("diarchy")
