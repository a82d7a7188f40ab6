"""`pick` by a policy, in the simulated home."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from diarchy.contracts.action import ActionChunk, Policy, PolicyContext
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Observation
from diarchy.contracts.skill import Cause, Skill
from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.motion.grasps import gripper_rotation
from diarchy.skills.motion.kinematics import Kinematics
from diarchy.skills.vla import SHIPPED_PICK
from diarchy.skills.vla.demonstrate import DemoPick
from diarchy.skills.vla.expert import Hand, PickExpert
from diarchy.skills.vla.flow.configuration import PROPRIO_DIM, TARGET_DIM
from diarchy.skills.vla.flow.processing import row_pose
from diarchy.skills.vla.pick import PickSettings, VlaPick
from tests.skills.harness import Rig, scene_with


class TeacherPolicy:
    """The expert behind the `Policy` contract: what a perfectly trained policy would do.

    ``aside`` moves its grasp, m: with enough of it the fingers close on nothing.
    """

    name, stride, horizon = "teacher", 8, 16

    def __init__(self, aside: float = 0.0) -> None:
        self.aside = aside
        self.prefixes: list[FloatArray] = []
        self.chunks: list[ActionChunk] = []

    def infer(
        self,
        context: PolicyContext,
        observation: Observation,
        map_from_base: SE3,
        prefix: FloatArray | None,
        *,
        start_tick: int,
        seed: int,
    ) -> ActionChunk:
        assert prefix is not None
        target, now = context.target, observation.proprio
        at = map_from_base.inverse().apply([*target.position[:2], target.top - 0.03])
        rotation = gripper_rotation(np.array([0.0, 0.0, -1.0]), np.array([0.0, 1.0, 0.0]))
        tip = Kinematics(fetch_spec()).fingertip
        grasp = SE3(rotation, at + np.array([0.0, self.aside, 0.0]) - tip * rotation[:, 0])
        width = 0.0 if self.aside else min(target.extent[:2]) - 0.01
        expert = PickExpert(grasp, 0.098, width)
        last = prefix[-1]
        hand = Hand(row_pose(last), np.zeros(3), last[9], now.gripper_width, now.gripper_force)
        rest = expert.chunk(hand, self.horizon - len(prefix) + 1)
        values = np.vstack([prefix[:-1], rest])
        self.prefixes.append(prefix)
        chunk = ActionChunk(
            "ee_pose", "base", values, start_tick, self.stride, context.epoch, "vla:teacher"
        )
        self.chunks.append(chunk)
        return chunk


@pytest.fixture
def rig() -> Iterator[Rig]:
    scene = scene_with(
        objects=[{"class": "Apple", "where": (2.6, 0.82, 0.741)}],
        robot={"x": 2.6, "y": 1.42, "yaw_deg": -90},
    )
    with Rig(scene) as rig:
        rig.look()
        yield rig


def test_it_lifts_the_object_and_says_so(rig: Rig) -> None:
    policy = TeacherPolicy()
    assert isinstance(policy, Policy)
    skill = VlaPick(rig.spec, policy)
    assert isinstance(skill, Skill)
    assert skill.backend == "vla"
    height = rig.robot.truth.centre("apple_1")[2]
    result = rig.run(skill, object="apple_1")
    assert result.outcome.success, result.outcome
    assert rig.robot.truth.holds("holding", "apple_1")
    assert rig.robot.truth.centre("apple_1")[2] > height + 0.05
    assert rig.world.held() == "apple_1"
    assert result.starved == 0


def test_chunks_follow_each_other_with_the_committed_rows_as_prefix(rig: Rig) -> None:
    policy, settings = TeacherPolicy(), PickSettings(execute_rows=5, delay_rows=3)
    rig.run(VlaPick(rig.spec, policy, settings), object="apple_1")
    assert len(policy.prefixes[0]) == 1
    for before, prefix in zip(policy.chunks, policy.prefixes[1:], strict=False):
        assert np.array_equal(prefix, before.values[5:8])
    ticks = [c.start_tick for c in policy.chunks]
    assert set(np.diff(ticks)) == {5 * policy.stride}


def test_fingers_that_close_beside_it_end_as_a_missed_grasp_after_a_second_look(rig: Rig) -> None:
    result = rig.run(VlaPick(rig.spec, TeacherPolicy(aside=0.13)), object="apple_1")
    assert result.outcome.cause is Cause.GRASP_MISSED
    assert result.looks == 2
    assert rig.world.held() is None


def test_what_is_out_of_reach_is_said_to_be_so(rig: Rig) -> None:
    rig.robot.move_object("apple_1", (2.6, 0.3, 0.741))
    rig.look()
    result = rig.run(VlaPick(rig.spec, TeacherPolicy()), object="apple_1")
    assert result.outcome.cause is Cause.UNREACHABLE


def test_settings_that_do_not_fit_the_horizon_are_refused() -> None:
    with pytest.raises(BadInputError, match="needs 18"):
        VlaPick(fetch_spec(), TeacherPolicy(), PickSettings(execute_rows=14, delay_rows=4))


def test_missing_weights_are_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no policy weights"):
        VlaPick.load(fetch_spec(), tmp_path / "none.safetensors")


def test_a_demonstration_is_recorded_with_a_chunk_for_every_row(rig: Rig) -> None:
    skill = DemoPick(rig.spec, noise=1.0)
    result = rig.run(skill, object="apple_1")
    assert result.outcome.success, result.outcome
    recording = skill.recording
    assert recording.target.shape == (TARGET_DIM,)
    assert len(recording.proprio) == len(recording.actions) > 40
    assert np.array(recording.proprio).shape[1] == PROPRIO_DIM
    assert np.array(recording.actions).shape[1:] == (16, 10)
    assert np.isfinite(np.array(recording.actions)).all()


@pytest.mark.slow
@pytest.mark.skipif(not SHIPPED_PICK.is_file(), reason="no weights were trained yet")
def test_the_shipped_policy_picks_an_apple_and_does_it_again_the_same_way() -> None:
    scene = scene_with(
        objects=[{"class": "Apple", "where": (2.6, 0.82, 0.741)}],
        robot={"x": 2.6, "y": 1.42, "yaw_deg": -90},
    )
    ends = []
    for _ in range(2):
        with Rig(scene, world="perceived") as rig:
            rig.look()
            result = rig.run(VlaPick.load(rig.spec), object="apple_1")
            assert result.outcome.success, result.outcome
            assert rig.robot.truth.holds("holding", "apple_1")
            ends.append(rig.robot.truth.centre("apple_1"))
    assert np.array_equal(ends[0], ends[1])
