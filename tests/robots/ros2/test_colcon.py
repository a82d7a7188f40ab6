"""The colcon package: its manifest, its setup, its launch files, as far as that can be told without ROS."""

from __future__ import annotations

import importlib.util
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import setuptools

from diarchy.robots.ros2.definitions import DEFINITIONS

PACKAGE = Path(__file__).parents[3] / "colcon" / "diarchy_ros2"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem.replace(".", "_"), path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What setup.py tells setuptools."""
    told: dict[str, Any] = {}
    monkeypatch.setattr(setuptools, "setup", told.update)
    load(PACKAGE / "setup.py")
    return told


def test_the_manifest_is_of_format_3_and_names_every_package_that_the_core_speaks() -> None:
    root = ET.parse(PACKAGE / "package.xml").getroot()
    assert (root.tag, root.get("format")) == ("package", "3")
    for needed in ("name", "version", "description", "license"):
        assert (root.findtext(needed) or "").strip(), needed
    assert root.find("maintainer") is not None
    assert root.find("maintainer").get("email")  # type: ignore[union-attr]
    assert root.findtext("export/build_type") == "ament_python"
    named = [d.text for d in root.iter("exec_depend")]
    assert len(named) == len(set(named))
    spoken = {name.split("/")[0] for name in DEFINITIONS}
    assert spoken <= set(named)
    assert {"rclpy", "launch", "launch_ros", "lifecycle_msgs"} <= set(named)


def test_the_setup_installs_what_ros2_looks_for(setup: dict[str, Any]) -> None:
    root = ET.parse(PACKAGE / "package.xml").getroot()
    name = root.findtext("name")
    assert (setup["name"], setup["version"]) == (name, root.findtext("version"))
    files = dict(setup["data_files"])
    assert files["share/ament_index/resource_index/packages"] == [f"resource/{name}"]
    assert files[f"share/{name}"] == ["package.xml"]
    there = {p.relative_to(PACKAGE).as_posix() for p in (PACKAGE / "launch").glob("*.py")}
    assert set(files[f"share/{name}/launch"]) == there
    for sources in files.values():
        for source in sources:
            assert (PACKAGE / source).is_file(), source
    start = load(PACKAGE / "diarchy_ros2" / "start.py")
    for script in setup["entry_points"]["console_scripts"]:
        _, _, function = script.partition(f"= {name}.start:")
        assert callable(getattr(start, function))


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (["--scene", "flat"], ["--scene", "flat"]),
        (["--scene", "flat", "--ros-args", "-r", "__node:=x"], ["--scene", "flat"]),
        (["--ros-args", "-p", "a:=1", "--", "--seed", "3"], ["--seed", "3"]),
    ],
)
def test_what_launch_adds_for_ros_does_not_reach_the_home(
    given: list[str], left: list[str]
) -> None:
    assert load(PACKAGE / "diarchy_ros2" / "start.py").without_ros(given) == left


class Made:
    """Any action, event or substitution of launch: keeps what it was made with, and refuses nothing unnamed."""

    def __init__(
        self, kind: str, needs: set[str], args: tuple[Any, ...], kw: dict[str, Any]
    ) -> None:
        assert needs <= set(kw), f"{kind} needs {sorted(needs - set(kw))}"
        self.kind, self.args, self.kw = kind, args, kw


KINDS = {
    "launch": {"LaunchDescription": set()},
    "launch.actions": {
        "DeclareLaunchArgument": {"default_value"},
        "EmitEvent": {"event"},
        "ExecuteProcess": {"cmd"},
        "RegisterEventHandler": set(),
    },
    "launch.events": {},
    "launch.substitutions": {"LaunchConfiguration": set()},
    "launch_ros": {},
    "launch_ros.actions": {"LifecycleNode": {"package", "executable", "name", "namespace"}},
    "launch_ros.event_handlers": {
        "OnStateTransition": {"target_lifecycle_node", "goal_state", "entities"}
    },
    "launch_ros.events": {},
    "launch_ros.events.lifecycle": {"ChangeState": {"lifecycle_node_matcher", "transition_id"}},
    "lifecycle_msgs": {},
}


@pytest.fixture
def launch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for launch and launch_ros, with the names and required arguments of Jazzy's."""
    for module, kinds in KINDS.items():
        made: Any = ModuleType(module)
        for kind, needs in kinds.items():
            make = lambda *args, _k=kind, _n=needs, **kw: Made(_k, _n, args, kw)
            setattr(made, kind, make)
        monkeypatch.setitem(sys.modules, module, made)
    sys.modules["launch.events"].matches_action = lambda node: ("is", node)  # type: ignore[attr-defined]
    transition = SimpleNamespace(TRANSITION_CONFIGURE=1, TRANSITION_ACTIVATE=3)
    message: Any = ModuleType("lifecycle_msgs.msg")
    message.Transition = transition
    monkeypatch.setitem(sys.modules, "lifecycle_msgs.msg", message)


def entities(path: Path) -> list[Made]:
    made: Made = load(path).generate_launch_description()
    assert made.kind == "LaunchDescription"
    found: list[Made] = made.args[0]
    return found


def test_the_agents_launch_configures_then_activates_with_parameters_that_it_declares(
    launch: None, setup: dict[str, Any]
) -> None:
    import inspect

    from diarchy.agent import ros_agent

    found = entities(PACKAGE / "launch" / "agent.launch.py")
    kinds = [e.kind for e in found]
    node = found[kinds.index("LifecycleNode")]
    scripts = {s.split(" = ")[0] for s in setup["entry_points"]["console_scripts"]}
    assert node.kw["package"] == setup["name"]
    assert node.kw["executable"] in scripts
    arguments = {e.args[0] for e in found if e.kind == "DeclareLaunchArgument"}
    given = set(node.kw["parameters"][0])
    source = inspect.getsource(ros_agent.main)
    assert all(f'"{name}"' in source for name in given - {"use_sim_time"})
    assert {c.args[0] for c in node.kw["parameters"][0].values()} == arguments
    first = found[-1]
    assert first.kw["event"].kw["transition_id"] == 1
    handler = found[kinds.index("RegisterEventHandler")].args[0]
    assert (handler.kw["start_state"], handler.kw["goal_state"]) == ("configuring", "inactive")
    assert handler.kw["entities"][0].kw["event"].kw["transition_id"] == 3
    # The handler is there before the transition that it waits for.
    assert kinds.index("RegisterEventHandler") < kinds.index("LifecycleNode") < len(kinds) - 1


def test_the_homes_launch_starts_its_executable(launch: None, setup: dict[str, Any]) -> None:
    found = entities(PACKAGE / "launch" / "home.launch.py")
    command = next(e for e in found if e.kind == "ExecuteProcess").kw["cmd"]
    assert command[:4] == ["ros2", "run", setup["name"], "home"]
    assert command[5].args[0] in {e.args[0] for e in found if e.kind == "DeclareLaunchArgument"}
