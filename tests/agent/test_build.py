from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from diarchy.agent import build
from diarchy.contracts.errors import BadInputError
from diarchy.planners.recorded import RecordedPlanner
from diarchy.skills.library import default_library
from diarchy.skills.specs import BUILTIN
from diarchy.testing import samples


def offer(monkeypatch: pytest.MonkeyPatch, group: str, name: str, factory: Any) -> None:
    entry = SimpleNamespace(name=name, load=lambda: factory)
    monkeypatch.setattr(build, "entry_points", lambda group: [entry] if group == wanted else [])
    wanted = group


def test_an_installed_planner_is_chosen_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "diarchy.planners", "mine", lambda: RecordedPlanner([], name="mine"))
    assert build.build_planner("mine").name == "mine"


def test_an_installed_robot_is_built_with_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "diarchy.robots", "mine", lambda seed: SimpleNamespace(seed=seed))
    assert build.build_robot("home", 7, robot="mine").seed == 7  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: build.build_planner("symbolc"), "did you mean 'symbolic'"),
        (lambda: build.build_planner("embeded"), "did you mean 'embedded'"),
        (lambda: build.build_detector("camra", None), "did you mean 'camera'"),
        (lambda: build.build_detector("oracl", None), "did you mean 'oracle'"),
        (lambda: build.build_robot("home", 0, robot="r2d2"), "ROS 2"),
        (lambda: build.build_robot("hme", 0), "home"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(call: Any, says: str) -> None:
    with pytest.raises(BadInputError, match=says):
        call()


def test_the_camera_is_the_learned_detector_whatever_the_robot_shows() -> None:
    pytest.importorskip("onnxruntime")
    built = build.build_detector("camera", SimpleNamespace(instances={}))
    assert built.name == "learned"
    assert {"Mug", "Fridge", "Person"} <= set(built.classes)


def test_an_explicit_policy_that_is_not_there_is_never_replaced() -> None:
    spec = samples.sample_spec()
    library = default_library(spec)
    with pytest.raises(BadInputError, match="no policy weights at nowhere"):
        build.add_policies(library, spec, system1="vla", policy="nowhere.safetensors")


def test_motion_is_motion_only() -> None:
    spec = samples.sample_spec()
    library = default_library(spec)
    build.add_policies(library, spec, system1="motion", policy=None)
    assert all(library.backends(s.name) == ("motion",) for s in BUILTIN)


def test_zones_of_an_agent_come_beside_those_of_the_map_and_must_be_polygons() -> None:
    static = samples.sample_map()
    zone = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    assert build.with_zones(static, ()) is static
    assert build.with_zones(build.with_zones(static, (zone,)), (zone,)).keep_out == (zone, zone)
    with pytest.raises(BadInputError, match="three or more corners"):
        build.with_zones(static, (zone[:2],))


def test_a_guard_that_does_not_exist_is_refused_with_what_does() -> None:
    assert build.checked_guard("full") == "full"
    with pytest.raises(BadInputError, match="did you mean 'full'"):
        build.checked_guard("ful")
