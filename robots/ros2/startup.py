"""What a robot under ROS 2 waits for at the beginning: its description, and every required input."""

from __future__ import annotations

from typing import Any

from diarchy.contracts.errors import StaleDataError
from diarchy.robots.ros2.port import Port
from diarchy.robots.ros2.senses import Senses

STARTUP = 10.0
"""Seconds that inputs are waited for."""


def await_description(port: Port, topic: str) -> str | None:
    """Return the URDF text that is latched on a topic; None: nothing came within `STARTUP` seconds."""
    texts: list[str] = []

    def take(message: Any) -> None:
        texts.append(str(message.data))

    port.subscribe(topic, "std_msgs/msg/String", take, "latched")
    until = port.now() + STARTUP
    while not texts and port.now() < until:
        port.wait_until(port.now() + 0.05)
    return texts[-1] if texts else None


def await_inputs(port: Port, senses: Senses, period: float) -> None:
    """Wait until every required input is fresh, looking every ``period`` seconds.

    Raises:
        StaleDataError: one does not come within `STARTUP` seconds; the message lists what is missing.
    """
    left, before = STARTUP, port.now()
    while lost := senses.inputs.lost(port.now()):
        now = port.now()
        # Simulated time is 0 until the first /clock comes, and leaps then.
        left -= now - before if 0.0 <= now - before < 1.0 else 0.0
        before = now
        if left <= 0.0:
            unknown = senses.joints.missing()
            joints = f"; no word of the joints {', '.join(unknown)}" if unknown else ""
            raise StaleDataError(f"the robot cannot be driven: {'; '.join(lost)}{joints}")
        port.wait_until(port.now() + period)
