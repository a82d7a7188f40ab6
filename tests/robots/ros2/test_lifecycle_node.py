"""The colcon package's agent as a lifecycle node with a real rclpy, against the simulated home: three processes.

What a launch file would do is done by services here: configure, activate, a sentence, deactivate, shut down.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("lifecycle_msgs")
pytest.importorskip("visualization_msgs")

os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
os.environ.setdefault("ROS_DOMAIN_ID", str(60 + os.getpid() % 40))

from realpeer import ROOT, environment, start_peer

from diarchy.robots.ros2.node import RclpyPort

pytestmark = [pytest.mark.ros2, pytest.mark.slow, pytest.mark.timeout(400)]
CONFIGURE, ACTIVATE, DEACTIVATE, SHUTDOWN_INACTIVE = 1, 3, 4, 6
CHANGE = "lifecycle_msgs/srv/ChangeState"


@pytest.fixture
def peer() -> Iterator[subprocess.Popen[str]]:
    process = start_peer("--pace", "1.0")
    yield process
    process.terminate()
    process.wait(20)


@pytest.fixture
def agent(peer: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """As ``ros2 run diarchy_ros2 agent`` starts it, with the parameters that the launch file gives."""
    given = ("robot:=home", "planner:=symbolic", "detector:=oracle", "use_sim_time:=true")
    process = subprocess.Popen(
        [sys.executable, "-c", "from diarchy_ros2.start import agent; agent()", "--ros-args"]
        + [word for g in given for word in ("-p", g)],
        text=True,
        env=environment(ROOT / "colcon" / "diarchy_ros2"),
    )
    yield process
    process.kill()
    process.wait(20)


@pytest.fixture
def port() -> Iterator[RclpyPort]:
    made = RclpyPort("lifecycle_test")
    yield made
    made.close()


def change(port: RclpyPort, transition: int) -> bool:
    request = port.make(f"{CHANGE}_Request")
    request.transition.id = transition
    answer = port.call("/diarchy/change_state", CHANGE, request, 90.0)
    assert answer is not None, "the node does not answer"
    return bool(answer.success)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and not condition():
        time.sleep(0.1)
    return condition()


def test_it_is_configured_activated_told_a_sentence_deactivated_and_shut_down(
    agent: subprocess.Popen[str], port: RclpyPort
) -> None:
    said: list[str] = []
    results: list[dict[str, Any]] = []
    port.subscribe(
        "/diarchy/say", "std_msgs/msg/String", lambda m: said.append(str(m.data)), "interface"
    )
    port.subscribe(
        "/diarchy/result",
        "std_msgs/msg/String",
        lambda m: results.append(json.loads(m.data)),
        "interface",
    )
    tell = port.publisher("/diarchy/command", "std_msgs/msg/String", "command")

    def say(words: str) -> None:
        message = port.make("std_msgs/msg/String")
        message.data = words
        tell(message)

    assert change(port, CONFIGURE)
    assert until(lambda: "/diarchy/say" in port.graph(), 20.0)
    say("what are you doing?")
    assert until(lambda: "the agent is not active" in said, 20.0), said
    assert change(port, ACTIVATE)
    say("look around")
    say_again = time.monotonic() + 5.0
    while not results and time.monotonic() < say_again + 120.0:
        time.sleep(0.1)
    assert results, said
    assert results[-1]["schema"] == 1
    assert change(port, DEACTIVATE)
    assert change(port, SHUTDOWN_INACTIVE)
    agent.terminate()
    assert agent.wait(30) is not None
