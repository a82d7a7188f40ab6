"""What a robot under ROS 2 tells of its inputs and stops on ``/diagnostics``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from diarchy.robots.ros2.convert.interface import Health, Level
from diarchy.robots.ros2.freshness import Gate, Inputs


@dataclass
class StopCounts:
    """Why the robot was stopped, how often."""

    asked: int = 0
    inputs: int = 0
    commands: int = 0


def health_lines(
    halted: str, stops: StopCounts, figures: Mapping[str, object], inputs: Inputs, now: float
) -> list[Health]:
    """Return a line on motion and one for each input.

    Args:
        halted: why the robot is stopped; empty: it is not.
        stops: counts so far.
        figures: further counts, by name.
        inputs: whose freshness is told.
        now: s on the robot's clock.
    """
    level = Level.ERROR if halted else Level.OK
    counts = {f"stops_{name}": number for name, number in asdict(stops).items()}
    told = {name: str(value) for name, value in {**counts, **figures}.items()}
    motion = Health("diarchy: motion", level, halted or "runs", told)
    return [motion, *(_of_input(gate, now) for gate in inputs.gates.values())]


def _of_input(gate: Gate, now: float) -> Health:
    why, rate = gate.lost(now), gate.rate()
    told = {
        "age_s": f"{gate.age(now):.3f}",
        "hz": "unknown" if rate is None else f"{rate:.1f}",
    }
    return Health(f"diarchy: {gate.name}", Level.STALE if why else Level.OK, why or "fresh", told)
