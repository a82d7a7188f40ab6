"""The choices of one run, validated: what the command line and the `Agent` accept."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

PlannerChoice = str
"""``auto``, ``symbolic``, ``embedded``, or the URL of an OpenAI-compatible server."""
System1Choice = Literal["auto", "vla", "motion"]
PerceptionChoice = Literal["camera", "oracle"]
GuardChoice = Literal["limits", "full"]
ApproveChoice = Literal["always", "risky", "never"]


class Latencies(BaseModel):
    """Seconds of simulated time that a model's answer takes in lockstep; stated, never measured."""

    model_config = ConfigDict(frozen=True)

    plan: float = 0.25
    look: float = 0.10


class RunConfig(BaseModel):
    """Everything that decides what a lockstep run does. The same config gives the same trace."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: str
    scene: str = "home"
    robot: str | None = None
    seed: int = 0
    planner: PlannerChoice = "auto"
    model: str | None = None
    system1: System1Choice = "auto"
    policy: str | None = None
    perception: PerceptionChoice = "oracle"
    guard: GuardChoice = "limits"
    approve: ApproveChoice = "risky"
    rules: Path | None = None
    real_time: bool = False
    pictures: bool = True
    report: bool = True
    max_replans: int = 4
    max_seconds: float = 900.0
    latencies: Latencies = Latencies()
    tree: Path | None = None
    robot_socket: Path | None = None
    record: Path | None = None
    episodes: Path | None = None
    remember: Path | None = None
    dense_map: bool = False
