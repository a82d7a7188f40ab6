from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple import SimplePeer

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.motion import Navigator, TrajectoryController
from diarchy.contracts.robot import Action, Pose2, Proprio
from diarchy.robots.ros2.convert import geometry, navigation
from diarchy.robots.ros2.convert.joints import Trajectory
from diarchy.robots.ros2.fake import FakeNetwork, FakePort
from diarchy.robots.ros2.navigator import Nav2Navigator
from diarchy.robots.ros2.robot import Ros2Robot
from diarchy.robots.ros2.trajectories import GuardedTrajectories, objections
from diarchy.safety import ProtectiveStop, default_guard
from diarchy.testing.samples import sample_spec

NAVIGATE, PATH = "nav2_msgs/action/NavigateToPose", "nav2_msgs/action/ComputePathToPose"
Hold = Callable[..., Action]


class Nav2:
    """Stands in for Nav2: drives straight at 1 m/s, or ends as it is told to."""

    def __init__(self, network: FakeNetwork, peer: SimplePeer) -> None:
        self.port, self.peer = FakePort(network), peer
        self.goals: list[Any] = []
        self.accepts, self.cleared = True, 0
        self.speed, self.code = 1.0, 0
        self._send = self.port.publisher(
            "/cmd_vel_nav", "geometry_msgs/msg/TwistStamped", "command"
        )
        self.port.serve_action("/navigate_to_pose", NAVIGATE, lambda g: self.accepts, self._begin)
        self.port.serve_action("/compute_path_to_pose", PATH, lambda g: True, self._plan)
        self.port.every(0.05, self._tick)

    @property
    def goal(self) -> Any:
        return self.goals[-1]

    def _begin(self, served: Any) -> None:
        self.goals.append(served)
        if self.code:
            self.finish(6, self.code)

    def finish(self, status: int, code: int = 0) -> None:
        result = self.port.make(f"{NAVIGATE}_Result")
        result.error_code = code
        self.goal.finish(status, result)

    def _plan(self, served: Any) -> None:
        target = geometry.planar(served.goal.goal.pose)
        result = self.port.make(f"{PATH}_Result")
        if target.x < 0.0:
            result.error_code = 208
            served.finish(6, result)
            return
        points = [Pose2(0.0, 0.0, 0.0), target]
        result.path = navigation.path_message(self.port.make, points, "map", 0.0)
        served.finish(4, result)

    def _tick(self) -> None:
        if not self.goals or self.goal.ended:
            return
        if self.goal.cancel_requested:
            self.finish(5)
            return
        target = geometry.planar(self.goal.goal.pose.pose)
        if self.peer.pose.x >= target.x:
            self.finish(4)
            return
        self.goal.feedback(self.port.make(f"{NAVIGATE}_Feedback"))
        self._send(
            geometry.twist_stamped(self.port.make, self.speed, 0.0, "base_link", self.port.now())
        )


@pytest.fixture
def nav2(network: FakeNetwork, peer: SimplePeer) -> Nav2:
    return Nav2(network, peer)


@pytest.fixture
def stop(robot: Ros2Robot) -> ProtectiveStop:
    """The robot's guard is attached; this is the stop in it."""
    switch = ProtectiveStop(robot.spec)
    chain = default_guard(robot.spec, stop=switch)

    def check(action: Action, proprio: Proprio) -> Verdict:
        pose = proprio.odom
        return chain.check(
            action,
            proprio,
            GuardContext(spec=robot.spec, base_pose=pose, keep_in=(-1.0, -1.0, 3.0, 1.0)),
        )

    robot.guard_with(check)
    return switch


def drive(robot: Ros2Robot, navigator: Nav2Navigator, action: Action, seconds: float) -> Any:
    for _ in range(round(seconds * robot.spec.control_hz)):
        robot.apply(action)
        status = navigator.poll()
        if status.done:
            break
    return navigator.poll()


def test_nav2_drives_through_the_guard(
    robot: Ros2Robot, peer: SimplePeer, nav2: Nav2, hold: Hold, stop: ProtectiveStop
) -> None:
    navigator = Nav2Navigator(robot)
    assert isinstance(navigator, Navigator)
    navigator.go(Pose2(1.5, 0.0, 0.0))
    assert drive(robot, navigator, hold(), 10.0).state == "succeeded"
    assert peer.pose.x > 1.4
    speeds = [v for _, (v, _) in peer.velocities]
    spec = robot.spec.base
    assert max(speeds) <= spec.linear_velocity + 1e-9  # Nav2 asked for 1 m/s
    steps = np.abs(np.diff(speeds))
    assert steps.max() <= spec.linear_acceleration * robot.clock.period + 1e-9
    assert robot.foreign is not None
    assert robot.foreign.counts.modified > 0
    for _ in range(300):
        robot.apply(hold())
    assert not peer.moving


def test_nav2_cannot_leave_the_home(
    robot: Ros2Robot, peer: SimplePeer, nav2: Nav2, hold: Hold, stop: ProtectiveStop
) -> None:
    navigator = Nav2Navigator(robot)
    navigator.go(Pose2(9.0, 0.0, 0.0))
    drive(robot, navigator, hold(), 12.0)
    assert 2.0 < peer.pose.x <= 3.0 - robot.spec.base.radius + 0.02


def test_the_protective_stop_stops_nav2_too(
    robot: Ros2Robot, peer: SimplePeer, nav2: Nav2, hold: Hold, stop: ProtectiveStop
) -> None:
    navigator = Nav2Navigator(robot)
    navigator.go(Pose2(9.0, 0.0, 0.0))
    drive(robot, navigator, hold(), 1.0)
    assert peer.moving
    stop.trip("a person said so")
    drive(robot, navigator, hold(), 2.5)
    assert not peer.moving
    assert robot.foreign is not None
    assert robot.foreign.counts.stopped > 0


def test_without_a_guard_nav2_may_not_drive(robot: Ros2Robot, nav2: Nav2) -> None:
    with pytest.raises(BadInputError, match="attach a guard"):
        Nav2Navigator(robot)


def test_velocities_that_nobody_asked_for_go_nowhere(
    robot: Ros2Robot, peer: SimplePeer, nav2: Nav2, hold: Hold, stop: ProtectiveStop
) -> None:
    send = nav2.port.publisher("/cmd_vel_nav", "geometry_msgs/msg/TwistStamped", "command")
    for _ in range(50):
        send(geometry.twist_stamped(nav2.port.make, 0.5, 0.0, "base_link", 0.0))
        robot.apply(hold())
    assert not peer.moving
    assert robot.foreign is not None
    assert robot.foreign.counts.ignored == 50


def test_when_nav2_falls_silent_the_base_stops_and_the_goal_is_lost(
    robot: Ros2Robot,
    peer: SimplePeer,
    nav2: Nav2,
    network: FakeNetwork,
    hold: Hold,
    stop: ProtectiveStop,
) -> None:
    navigator = Nav2Navigator(robot)
    navigator.go(Pose2(2.5, 0.0, 0.0))
    drive(robot, navigator, hold(), 1.0)
    network.faults["/cmd_vel_nav"] = lambda message, now: []
    nav2.port._timers[0].callback = lambda: None
    status = drive(robot, navigator, hold(), 2.0)
    assert not peer.moving
    assert status.state == "running"
    status = drive(robot, navigator, hold(), 6.0)
    assert (status.state, status.reason) == ("failed", "navigation: no feedback for 5 s")


@pytest.mark.parametrize(
    ("code", "state", "other", "goals"),
    [
        (208, "failed", True, 1),  # no path: another goal
        (202, "failed", False, 1),  # not localised: trying again does not help
        (105, "failed", False, 3),  # no progress: waits, tries twice more
        (103, "failed", False, 3),  # clears the costmaps
        (4711, "failed", False, 3),
    ],
)
def test_recovery_goes_by_the_error_code(
    robot: Ros2Robot,
    nav2: Nav2,
    hold: Hold,
    stop: ProtectiveStop,
    code: int,
    state: str,
    other: bool,
    goals: int,
) -> None:
    nav2.code = code
    navigator = Nav2Navigator(robot)
    navigator.go(Pose2(1.0, 0.0, 0.0))
    status = drive(robot, navigator, hold(), 10.0)
    assert (status.state, status.other_goal, len(nav2.goals)) == (state, other, goals)


def test_nav2_rejects_is_cancelled_or_is_gone(
    robot: Ros2Robot,
    peer: SimplePeer,
    nav2: Nav2,
    network: FakeNetwork,
    hold: Hold,
    stop: ProtectiveStop,
) -> None:
    navigator = Nav2Navigator(robot)
    navigator.go(Pose2(2.0, 0.0, 0.0))
    drive(robot, navigator, hold(), 1.0)
    navigator.cancel()
    assert navigator.poll().state == "cancelled"
    for _ in range(200):
        robot.apply(hold())
    assert nav2.goal.ended
    assert not peer.moving
    nav2.accepts = False
    navigator.go(Pose2(2.0, 0.0, 0.0))
    assert navigator.poll().state == "refused"
    network.servers["/navigate_to_pose"].up = False
    navigator.go(Pose2(2.0, 0.0, 0.0))
    assert navigator.poll().reason == "navigation: the server is gone"


def test_stopping_the_robot_cancels_what_nav2_is_at(
    robot: Ros2Robot, nav2: Nav2, hold: Hold, stop: ProtectiveStop
) -> None:
    navigator = Nav2Navigator(robot)
    navigator.go(Pose2(2.0, 0.0, 0.0))
    drive(robot, navigator, hold(), 0.5)
    robot.stop()
    assert nav2.goal.cancel_requested
    assert navigator.poll().state == "cancelled"


def test_a_path_says_what_can_be_reached(
    robot: Ros2Robot, nav2: Nav2, network: FakeNetwork, stop: ProtectiveStop
) -> None:
    navigator = Nav2Navigator(robot)
    assert navigator.path_length(Pose2(3.0, 4.0, 0.0)) == pytest.approx(5.0)
    assert navigator.path_length(Pose2(-1.0, 0.0, 0.0)) is None
    network.servers["/compute_path_to_pose"].up = False
    assert navigator.path_length(Pose2(3.0, 4.0, 0.0)) is None


ARM = ("shoulder_pan_joint", "elbow_flex_joint")


def test_a_good_trajectory_is_sent_and_ends(robot: Ros2Robot, peer: SimplePeer, hold: Hold) -> None:
    arm = GuardedTrajectories(robot)
    assert isinstance(arm, TrajectoryController)
    q = robot.proprio().q
    goal = q[[1, 4]] + 0.2
    assert arm.follow(ARM, [1.0], [goal]).state == "running"
    streamed = len(peer.trajectories)
    for _ in range(5):
        robot.apply(hold())
    # Torso and head hold; the arm's stream rests while a whole trajectory runs.
    assert [t.names[0] for t in peer.trajectories[streamed:]] == [
        "torso_lift_joint",
        "head_pan_joint",
    ]
    peer.q[[1, 4]] = goal
    for _ in range(2):
        robot.apply(hold())
    result = peer.port.make("control_msgs/action/FollowJointTrajectory_Result")
    peer.followed[-1].finish(4, result)
    assert arm.poll().state == "succeeded"
    robot.apply(hold())  # an old target: it is gone to from where the arm is, at its own speed
    step = robot.spec.joints[1].velocity * robot.clock.period
    assert abs(peer.q[1] - goal[0]) <= 2 * step + 1e-6


@pytest.mark.parametrize(
    ("times", "delta", "why"),
    [
        ([1.0], [5.0, 0.0], "shoulder_pan_joint leaves its range"),
        ([0.05], [0.0, 0.5], "elbow_flex_joint is too fast"),
        ([0.0, 1.0], [0.3, 0.0], "shoulder_pan_joint starts 0.300 away"),
    ],
)
def test_a_bad_trajectory_is_never_sent(
    robot: Ros2Robot, peer: SimplePeer, times: list[float], delta: list[float], why: str
) -> None:
    arm = GuardedTrajectories(robot)
    goal = robot.proprio().q[[1, 4]] + np.array(delta)
    status = arm.follow(ARM, times, [goal] * len(times))
    assert status.state == "refused"
    assert why in status.reason
    assert peer.followed == []


def test_a_trajectory_through_something_is_refused_and_one_that_meets_something_is_cancelled(
    robot: Ros2Robot, peer: SimplePeer, hold: Hold
) -> None:
    start = float(robot.proprio().q[1])
    wall = [start + 0.1]
    arm = GuardedTrajectories(robot, clear=lambda q: bool(q[1] < wall[0]))
    goal = [[start + 0.3]]
    assert "hits something" in arm.follow(ARM[:1], [1.0], goal).reason
    wall[0] = start + 1.0
    assert arm.follow(ARM[:1], [1.0], goal).state == "running"
    robot.apply(hold())
    assert arm.poll().state == "running"
    wall[0] = start + 0.05  # it comes into the way while the arm moves
    robot.apply(hold())
    assert arm.poll().reason == "cancelled: something came into its way"
    assert peer.followed[-1].cancel_requested


def test_an_arm_that_leaves_its_path_is_cancelled(
    robot: Ros2Robot, peer: SimplePeer, hold: Hold
) -> None:
    arm = GuardedTrajectories(robot)
    arm.follow(ARM[:1], [1.0], [[robot.proprio().q[1] + 0.2]])
    feedback = peer.port.make("control_msgs/action/FollowJointTrajectory_Feedback")
    feedback.error.positions = [0.4]
    peer.followed[-1].feedback(feedback)
    robot.apply(hold())
    assert arm.poll().reason == "cancelled: 0.400 off its path"
    assert peer.followed[-1].cancel_requested


def test_stopping_the_robot_cancels_its_trajectory(robot: Ros2Robot, peer: SimplePeer) -> None:
    arm = GuardedTrajectories(robot)
    arm.follow(ARM[:1], [1.0], [[robot.proprio().q[1] + 0.2]])
    robot.stop()
    assert peer.followed[-1].cancel_requested
    assert arm.poll().state == "cancelled"


def test_mistakes_in_a_trajectory_are_told(robot: Ros2Robot) -> None:
    arm = GuardedTrajectories(robot)
    for names, times, positions, why in (
        (("elbow_flx_joint",), [1.0], [[0.0]], "did you mean"),
        (ARM, [1.0], [[0.0]], r"positions \[N, 2\]"),
        (ARM, [1.0, 1.0], [[0.0, 0.0]] * 2, "increase"),
        (("elbow_flex_joint", "torso_lift_joint"), [1.0], [[0.0, 0.2]], "no one controller"),
    ):
        with pytest.raises(BadInputError, match=why):
            arm.follow(names, times, positions)


@given(st.integers(0, 2**32 - 1))
def test_what_nobody_objects_to_keeps_every_limit(seed: int) -> None:
    spec, rng = sample_spec(), np.random.default_rng(seed)
    n, names = int(rng.integers(1, 6)), ("arm_1", "arm_3")
    index = [spec.joint_names.index(j) for j in names]
    q = np.array(spec.postures["ready"])
    times = np.cumsum(rng.uniform(0.01, 1.0, n))
    positions = q[index] + np.cumsum(rng.normal(0, 0.6, (n, 2)), axis=0)
    plan = Trajectory(names, times, positions)
    if objections(plan, q, spec):
        return
    lower, upper = spec.limits("lower")[index], spec.limits("upper")[index]
    dense = np.linspace(0.0, times[-1], 400)
    path = np.stack(
        [np.interp(dense, [0.0, *times], [q[i], *positions[:, k]]) for k, i in enumerate(index)], 1
    )
    assert (path >= lower - 1e-6).all()
    assert (path <= upper + 1e-6).all()
    rates = np.abs(np.diff(path, axis=0)) / np.diff(dense)[:, None]
    assert (rates <= spec.limits("velocity")[index] * 1.06).all()


def test_an_unguarded_path_must_be_allowed_in_so_many_words(robot: Ros2Robot) -> None:
    from diarchy.robots.ros2.config.load import parse_config

    content = robot.config.model_dump(mode="json", exclude={"folder"})
    content["navigation"]["cmd_vel_in"] = None
    with pytest.raises(BadInputError, match="allow_unguarded"):
        parse_config(content)
    content["safety"]["allow_unguarded"] = ["navigation"]
    allowed = parse_config(content)
    assert allowed.unguarded() == ("navigation: /navigate_to_pose drives /cmd_vel itself",)
    content["navigation"]["cmd_vel_in"] = "/cmd_vel"
    content["safety"]["allow_unguarded"] = []
    with pytest.raises(BadInputError, match="one of its own"):
        parse_config(content)
