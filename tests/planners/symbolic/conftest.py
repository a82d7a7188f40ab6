"""Makes the small home importable by every test of this folder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location(
    "household", Path(__file__).with_name("household.py")
)
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
sys.modules["household"] = _module
_spec.loader.exec_module(_module)
