"""The whole agent through the ROS 2 core on a fake network: the simulated home is the robot at the other end."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mujoco")

from diarchy.agent.build import build_robot
from diarchy.agent.ros_agent import AgentTopics
from diarchy.agent.run.config import RunConfig
from diarchy.agent.session import Agent
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import wrap_angle
from diarchy.robots.ros2.config import load_config
from diarchy.robots.ros2.config.load import parse_config
from diarchy.robots.ros2.convert import geometry
from diarchy.robots.ros2.fake import FakePort
from diarchy.robots.ros2.inprocess import HomeOverRos


def run(robot: HomeOverRos, sentence: str, folder: Path) -> Any:
    config = RunConfig(instruction=sentence, record=folder, pictures=False)
    with Agent(robot=robot, planner="symbolic", system1="motion") as agent:
        result = agent.run(sentence, config=config)
    assert robot.stops.inputs == robot.stops.commands == 0
    return result


def test_a_drive_goes_through_ros_and_is_done_and_true(tmp_path: Path) -> None:
    result = run(HomeOverRos("home", camera_size=(320, 240)), "go to the fridge", tmp_path / "run")
    assert (result.status, result.verified, result.truth) == ("succeeded", True, True), (
        result.message
    )
    assert result.guard.violations == 0


@pytest.mark.slow
def test_the_red_mug_is_brought_through_ros(tmp_path: Path) -> None:
    result = run(HomeOverRos("home", seed=0), "bring me the red mug", tmp_path / "run")
    assert (result.status, result.verified, result.truth) == ("succeeded", True, True), (
        result.message
    )


@pytest.mark.slow
def test_the_red_mug_is_brought_with_whole_chunks(tmp_path: Path) -> None:
    content = load_config("home").model_dump(mode="json", exclude={"folder"})
    content["arm"] = {"mode": "chunks"}
    robot = HomeOverRos("home", seed=0, config=parse_config(content))
    result = run(robot, "bring me the red mug", tmp_path / "run")
    assert (result.status, result.verified, result.truth) == ("succeeded", True, True), (
        result.message
    )
    counts = robot.outputs.chunked[0].counts
    assert counts.chunks_sent > 50
    assert counts.chunks_faulted == 0


def test_a_robot_that_knows_where_it_is_is_asked(tmp_path: Path) -> None:
    content = load_config("home").model_dump(mode="json", exclude={"folder"})
    content["home"]["localization"] = "tf"
    robot = HomeOverRos("home", config=parse_config(content), camera_size=(64, 48))
    for _ in range(5):
        robot.network.advance()
    with Agent(robot=robot, planner="symbolic") as agent:
        observation = robot.sense()
        percept = agent.perception.digest(observation)
        assert percept.localization is not None
        assert percept.localization.accepted
        true = robot.truth.base()
        assert percept.map_from_base.translation[0] == pytest.approx(true.x, abs=1e-3)
        assert percept.map_from_base.yaw == pytest.approx(true.yaw, abs=1e-3)


def test_a_file_that_is_no_robot_is_told_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / "robot.yaml"
    file.write_text("robot: me", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"robot\.yaml: .*: this key is needed"):
        build_robot("home", 0, robot=str(file))
    with pytest.raises(BadInputError, match=r"docs/embedding\.md"):
        build_robot("home", 0, robot="r2d2")


class Nav2:
    """Stands in for Nav2: turns to its goal, drives there, turns to the heading that was asked for."""

    def __init__(self, robot: HomeOverRos) -> None:
        self.robot, self.port = robot, FakePort(robot.network)
        self.goals: list[Any] = []
        self._send = self.port.publisher(
            "/cmd_vel_nav", "geometry_msgs/msg/TwistStamped", "command"
        )
        kind = "nav2_msgs/action/NavigateToPose"
        self.port.serve_action("/navigate_to_pose", kind, lambda goal: True, self.goals.append)
        self.port.every(0.05, self._tick)

    def _tick(self) -> None:
        if not self.goals or self.goals[-1].ended:
            return
        served, base = self.goals[-1], self.robot.truth.base()
        goal = geometry.planar(served.goal.pose.pose)
        make = self.port.make
        if served.cancel_requested:
            served.finish(5, make("nav2_msgs/action/NavigateToPose_Result"))
            return
        dx, dy = goal.x - base.x, goal.y - base.y
        left = math.hypot(dx, dy)
        wanted = math.atan2(dy, dx) if left > 0.15 else goal.yaw
        turn = wrap_angle(wanted - base.yaw)
        if left <= 0.15 and abs(turn) < 0.1:
            served.finish(4, make("nav2_msgs/action/NavigateToPose_Result"))
            return
        forward = min(0.5, left) if left > 0.15 and abs(turn) < 0.3 else 0.0
        self._send(geometry.twist_stamped(make, forward, 1.5 * turn, "base_link", 0.0))
        served.feedback(make("nav2_msgs/action/NavigateToPose_Feedback"))


def test_where_there_is_a_nav2_it_drives_and_we_dock(tmp_path: Path) -> None:
    robot = HomeOverRos("home", camera_size=(320, 240))
    nav2 = Nav2(robot)
    config = RunConfig(instruction="", record=tmp_path / "run", pictures=False)
    with Agent(robot=robot, planner="symbolic", system1="auto") as agent:
        result = agent.run("go to the coffee table", config=config)
    assert (result.status, result.verified, result.truth) == ("succeeded", True, True), (
        result.message
    )
    assert [s.system1 for s in result.subtasks] == ["navigator"]
    assert len(nav2.goals) == 1
    assert robot.foreign is not None
    assert robot.foreign.counts.ticks > 100
    assert robot.stops.inputs == robot.stops.commands == 0


class Person:
    """Someone at the other end of the topics."""

    def __init__(self, robot: HomeOverRos) -> None:
        self.port = port = FakePort(robot.network)
        self.heard: list[str] = []
        self.results: list[dict[str, Any]] = []
        self.markers: list[Any] = []
        self._command = port.publisher("/diarchy/command", "std_msgs/msg/String", "command")
        kind = "std_msgs/msg/String"
        port.subscribe("/diarchy/say", kind, lambda m: self.heard.append(m.data), "interface")
        port.subscribe("/diarchy/result", kind, self._on_result, "interface")
        kind = "visualization_msgs/msg/MarkerArray"
        port.subscribe("/diarchy/markers", kind, self.markers.append, "interface")

    def _on_result(self, message: Any) -> None:
        self.results.append(json.loads(message.data))

    def say(self, words: str) -> None:
        message = self.port.make("std_msgs/msg/String")
        message.data = words
        self._command(message)

    def call(self, service: str) -> None:
        request = self.port.make("std_srvs/srv/Trigger_Request")
        assert self.port.call(service, "std_srvs/srv/Trigger", request, 1.0).success


def test_sentences_come_by_topic_and_the_stop_by_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    robot = HomeOverRos("home", camera_size=(160, 120))
    with Agent(robot=robot, planner="symbolic", system1="motion") as agent:
        person, topics = Person(robot), AgentTopics(agent, robot)
        person.say("go to the fridge")
        assert person.heard == ["the agent is not active"]
        topics.activate()
        person.say("fly to the moon")
        assert topics.wait(60.0)
        assert person.results[0]["status"] in ("refused", "question")
        assert person.heard[-1].startswith(person.results[0]["status"])
        assert person.markers
        person.call("/diarchy/stop")
        person.say("go to the fridge")
        assert topics.wait(60.0)
        assert person.results[1]["status"] == "stopped"
        person.call("/diarchy/reset")
        assert not agent.stop_switch.tripped
        topics.close()
        topics.close()
