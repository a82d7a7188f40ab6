"""The agent as a ROS 2 node: sentences come on a topic, what it does and why goes out on others.

    <namespace>/command   std_msgs/String     a sentence; a new one while one runs is answered with "busy"
    <namespace>/say       std_msgs/String     what the robot says, and how a command ended
    <namespace>/result    std_msgs/String     the result as JSON, as ``diarchy run --json`` prints it
    <namespace>/markers   visualization_msgs  things as believed
    <namespace>/stop, reset   std_srvs/Trigger    the protective stop, and its release
    /diagnostics          diagnostic_msgs     health

`AgentTopics` does it over any `Port`; `main` runs it as a lifecycle-managed node with rclpy.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from diarchy.agent.run.config import RunConfig
from diarchy.agent.session import Agent
from diarchy.contracts.errors import DiarchyError
from diarchy.robots.ros2.convert import interface
from diarchy.robots.ros2.convert.interface import Shown
from diarchy.robots.ros2.lifecycle import spin_lifecycle
from diarchy.robots.ros2.port import Port
from diarchy.robots.ros2.robot import Ros2Robot

_LOG = logging.getLogger(__name__)
_BLUE = (0.2, 0.4, 0.9, 0.6)
MakeAgent = Callable[[Ros2Robot], Agent]


class AgentTopics:
    """Takes sentences from a topic and runs them one after the other in a thread of its own.

    Args:
        agent: around the robot.
        robot: whose port is used.
        config: choices of every run but the sentence.
    """

    def __init__(self, agent: Agent, robot: Ros2Robot, config: RunConfig | None = None) -> None:
        self.agent, self.robot = agent, robot
        self._config = config or RunConfig(instruction="", pictures=False)
        self._sentences: queue.Queue[str | None] = queue.Queue(maxsize=1)
        self._active = threading.Event()
        space, port = robot.config.namespace, robot.port
        self._result = port.publisher(f"{space}/result", "std_msgs/msg/String", "interface")
        self._markers = port.publisher(
            f"{space}/markers", "visualization_msgs/msg/MarkerArray", "interface"
        )
        port.subscribe(f"{space}/command", "std_msgs/msg/String", self._take, "command")
        robot.on_stop = agent.stop
        robot.on_reset = lambda: agent.stop_switch.release("the reset service")
        self._thread = threading.Thread(target=self._work, name="agent", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a sentence waits or runs."""
        return self._sentences.unfinished_tasks > 0

    def activate(self) -> None:
        """Take commands from now on."""
        self._active.set()

    def deactivate(self) -> None:
        """Break off what runs, and take no commands."""
        self._active.clear()
        self.agent.interrupt("the node was deactivated")

    def close(self) -> None:
        """End the thread; what runs is broken off. Idempotent."""
        self.deactivate()
        if self._thread.is_alive():
            self._sentences.put(None)
            self._thread.join(timeout=10.0)

    def wait(self, timeout: float) -> bool:
        """Wait until nothing runs; False if something still does after ``timeout`` s."""
        tick = threading.Event()
        for _ in range(round(timeout / 0.02)):
            if not self.busy:
                return True
            tick.wait(0.02)
        return False

    def _take(self, message: Any) -> None:
        sentence = str(message.data).strip()
        if not self._active.is_set():
            self.robot.say("the agent is not active")
        elif self.busy:
            self.robot.say("busy: stop me, or wait until I am done")
        elif sentence:
            self._sentences.put_nowait(sentence)

    def _work(self) -> None:
        while (sentence := self._sentences.get()) is not None:
            try:
                self._run(sentence)
            finally:
                self._sentences.task_done()

    def _run(self, sentence: str) -> None:
        make = self.robot.port.make
        try:
            result = self.agent.run(
                sentence,
                config=self._config.model_copy(update={"instruction": sentence}),
                observers=(self._observe,),
            )
        except DiarchyError as error:
            self.robot.stop()
            self.robot.say(f"failed: {error}")
            return
        except Exception:  # noqa: BLE001 - the thread must live on, and the robot must stand
            self.robot.stop()
            _LOG.exception("a defect: the robot was stopped")
            self.robot.say("failed: a defect of mine; the robot was stopped, see the log")
            return
        self._result(interface.text(make, json.dumps(result.to_json())))
        self.robot.say(f"{result.status}: {result.message}")
        self.show()

    def _observe(self, event: dict[str, Any]) -> None:
        if event.get("kind") == "said":
            self.robot.say(str(event.get("text", "")))

    def show(self) -> None:
        """Publish where things are believed to be."""
        things = []
        for entity in self.agent.world.entities():
            if entity.kind == "object":
                things.append(Shown("things", entity.pose(), entity.extent, _BLUE))
                things.append(Shown("names", entity.pose(), (0.08, 0, 0), (1, 1, 1, 1), entity.id))
        port = self.robot.port
        frame = self.robot.config.frames.map
        self._markers(interface.markers(port.make, things, frame, port.now()))


class _Managing:
    """The agent behind the transitions of a lifecycle node."""

    topics: AgentTopics | None = None

    def configure(self, parameters: Mapping[str, str], port: Port) -> bool:
        from diarchy.robots.ros2.config import load_config
        from diarchy.robots.ros2.connect import MappedRos2Robot

        robot = MappedRos2Robot(load_config(parameters["robot"]), port)
        agent = Agent(robot=robot, planner=parameters["planner"], detector=parameters["detector"])
        self.topics = AgentTopics(agent, robot)
        return True

    def activate(self) -> bool:
        assert self.topics is not None
        self.topics.activate()
        return True

    def deactivate(self) -> bool:
        if self.topics is not None:
            self.topics.deactivate()
            self.topics.robot.stop()
        return True

    def cleanup(self) -> bool:
        topics, self.topics = self.topics, None
        if topics is not None:
            topics.close()
            topics.agent.close()
        return True


def main() -> int:
    """Run the lifecycle-managed node; parameters: robot (a file), planner, detector."""
    defaults = {"robot": "home", "planner": "auto", "detector": "camera"}
    return spin_lifecycle("diarchy", _Managing(), defaults)
