"""The planner that needs no model: a household grammar and a search over the skills."""

from __future__ import annotations

from diarchy.planners.symbolic.planner import SymbolicPlanner
from diarchy.planners.symbolic.reading import read

__all__ = ["SymbolicPlanner", "read"]
