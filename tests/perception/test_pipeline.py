from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Box, Entity, FixtureInfo, StaticMap, Surface
from diarchy.contracts.errors import BadInputError, StaleDataError
from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.contracts.perception import Detector, Localizer
from diarchy.contracts.robot import (
    BaseSpec,
    CameraFrame,
    GripperSpec,
    Observation,
    Pose2,
    Proprio,
    RobotSpec,
)
from diarchy.perception import OracleDetector, Perception, ScanLocalizer
from diarchy.perception.raycast import depth_frame, look_from

SPEC = RobotSpec(
    "r", (), {"arm": ()}, {}, BaseSpec(), GripperSpec(), "", "g", ("head_camera",), "head_camera"
)
TABLE = Box(SE3.from_xyz_yaw(1.5, 0, 0.35, 0), np.array([0.6, 1.0, 0.7]))
CAMERA = look_from([0.4, 0, 1.3], [1.4, 0, 0.7])
LENS = Intrinsics.from_fovy(320, 240, 50.0)


@dataclass(frozen=True)
class Label:
    entity_id: str
    cls: str
    attributes: dict[str, str] = field(default_factory=dict)
    opening: float | None = None
    power: bool | None = None


LABELS = {0: Label("table_1", "Table", opening=0.3), 1: Label("mug_1", "Mug", {"color": "red"})}


def home() -> StaticMap:
    entity = Entity(
        id="table_1", cls="Table", kind="fixture", position=(1.5, 0, 0.35), can_hold=("on",)
    )
    top = Surface(SE3.from_xyz_yaw(1.5, 0, 0.7, 0), (0.6, 1.0), 1.0, "on", "top")
    info = FixtureInfo(entity, (TABLE,), np.array([-1.0, 0]), (top,))
    return StaticMap((-3, -3, 3, 3), {}, (), {"table_1": info})


def perception() -> Perception:
    return Perception(SPEC, OracleDetector(lambda: LABELS), ScanLocalizer(home(), Pose2(0, 0, 0)))


def view(*things: Box, stamp: float = 1.0) -> CameraFrame:
    return depth_frame([TABLE, *things], CAMERA, SE3.identity(), LENS, stamp=stamp)


def observed(frame: CameraFrame) -> Observation:
    zero = np.zeros(0)
    proprio = Proprio(frame.stamp, 0, zero, zero, zero, 0.1, 0.0, Pose2(0, 0, 0), np.zeros(2))
    return Observation(proprio, {"head_camera": frame})


def mug(
    x: float = 1.4, y: float = 0.1, yaw: float = 0.3, size: tuple[float, ...] = (0.1, 0.06, 0.09)
) -> Box:
    return Box(SE3.from_xyz_yaw(x, y, 0.7 + size[2] / 2, yaw), np.array(size))


def test_the_protocols_are_met() -> None:
    assert isinstance(OracleDetector(lambda: LABELS), Detector)
    assert isinstance(ScanLocalizer(home(), Pose2(0, 0, 0)), Localizer)


def test_things_become_sightings_and_furniture_becomes_readings() -> None:
    percept = perception().digest(observed(view(mug())))
    (sighting,) = percept.sightings
    (reading,) = percept.fixtures
    assert sighting.detection.instance == "mug_1"
    assert sighting.detection.attributes == {"color": "red"}
    assert reading.detection.opening == 0.3
    assert percept.at_rest
    assert percept.detector == "oracle"
    assert percept.localization is None


@settings(max_examples=25, deadline=None)
@given(
    x=st.floats(1.3, 1.65), y=st.floats(-0.25, 0.25), yaw=st.floats(-3.0, 3.0),
    length=st.floats(0.07, 0.16), width=st.floats(0.05, 0.07), height=st.floats(0.03, 0.12),
)  # fmt: skip
def test_boxes_are_lifted_within_a_centimetre(
    x: float, y: float, yaw: float, length: float, width: float, height: float
) -> None:
    thing = mug(x, y, yaw, (length, width, height))
    (sighting,) = perception().digest(observed(view(thing))).sightings
    assert not sighting.truncated
    assert np.linalg.norm(sighting.position - thing.pose.translation) < 0.01
    assert sighting.extent == pytest.approx(thing.size, abs=0.012)


def test_a_thing_at_the_border_or_behind_another_is_truncated() -> None:
    (cut,) = perception().digest(observed(view(mug(1.35, 0.7)))).sightings
    assert cut.truncated
    screen = Box(SE3.from_xyz_yaw(1.1, 0.05, 0.9, 0), np.array([0.02, 0.06, 0.5]))
    frame = view(mug(), screen)
    (half,) = perception().digest(observed(frame)).sightings
    assert half.truncated


def test_an_older_frame_is_refused() -> None:
    digest = perception().digest
    digest_first = perception()
    digest_first.digest(observed(view(mug(), stamp=2.0)))
    with pytest.raises(StaleDataError, match="head_camera"):
        digest_first.digest(observed(view(mug(), stamp=1.9)))
    assert digest(observed(view(mug(), stamp=1.9))).stamp == 1.9


def test_an_empty_image_gives_an_empty_percept() -> None:
    frame = depth_frame([], CAMERA, SE3.identity(), LENS)
    percept = perception().digest(observed(frame))
    assert percept.sightings == ()
    assert percept.fixtures == ()


def test_the_oracle_without_instance_ids_says_what_to_do() -> None:
    frame = replace(view(mug()), instance_ids=None)
    with pytest.raises(BadInputError, match="--perception camera"):
        perception().digest(observed(frame))


def test_small_masks_and_unlabelled_ids_are_not_reported() -> None:
    frame = view(mug())
    assert len(OracleDetector(lambda: LABELS, min_pixels=10**6).detect(frame)) == 0
    assert [d.cls for d in OracleDetector(lambda: {0: LABELS[0]}).detect(frame)] == ["Table"]


def test_a_localizer_without_a_map_needs_one_beside_it() -> None:
    class Bare:
        def predict(self, proprio: Proprio) -> SE3:
            return SE3.identity()

        def correct(self, proprio: Proprio, scan: object) -> SE3:
            return SE3.identity()

    with pytest.raises(BadInputError, match="static map"):
        Perception(SPEC, OracleDetector(lambda: LABELS), Bare())
