"""Moving the arm: collision-aware joint motion, straight lines of the gripper, opening and closing.

An `Arm` lives for one execution of a skill. Its generators yield joint chunks and end when the
motion has ended; they raise `MotionFailedError` with a typed cause, which the skill turns into its
outcome. The base stands still in all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.errors import DiarchyError
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Proprio
from diarchy.contracts.skill import Cause, Command, Look, Outcome, SkillContext
from diarchy.skills.motion.collision import PlanningScene
from diarchy.skills.motion.free_way import FreeWay, with_head
from diarchy.skills.motion.kinematics import Kinematics
from diarchy.skills.motion.trajectory import smoothstep, time_path

Motion = Generator[Command, Proprio, None]

_ROWS = 20
_SERVO_TICKS = 4
_LAG = 0.10
"""A joint this far (rad; a third of it in m) behind its command, beyond its servo's own delay, is stuck."""
_DELAY = 0.12
_ON_LINE = (1e-4, 1e-3)
"""How near (m, rad) the hand keeps to a straight line that is planned for it."""
_BLENDS = (0.12, 0.05, 0.015)
"""How far (rad) before a corner its rounding may begin: what is cut is a quarter of it."""


class MotionFailedError(DiarchyError):
    """A motion could not be planned or was stopped; ``cause`` chooses the recovery.

    ``obstacle`` is the id of the movable thing that is in the way, if one is.
    """

    def __init__(self, cause: Cause, detail: str, obstacle: str | None = None) -> None:
        super().__init__(detail)
        self.cause = cause
        self.detail = detail
        self.obstacle = obstacle

    @property
    def outcome(self) -> Outcome:
        """The failure as the skill reports it."""
        return Outcome.failed(self.cause, self.detail, self.obstacle)


@dataclass
class LineResult:
    """How a guarded line ended: whether contact stopped it, and how far (m) it was from its end."""

    contact: bool
    remaining: float


class Arm:
    """The arm, torso, head and gripper of one execution.

    Args:
        context: of the running skill.
        proprio: at its start.
        source: goes into the chunks, for example ``motion:pick``.

    Attributes:
        q: the joints ``[J]`` that were commanded last.
        width: the gripper opening that was commanded last, m.
        proprio: the newest proprioception.
        scene, kinematics: for planning.
    """

    def __init__(self, context: SkillContext, proprio: Proprio, source: str) -> None:
        spec = context.spec
        self.context, self.proprio, self.source = context, proprio, source
        self.kinematics = Kinematics(spec)
        self.scene = PlanningScene(spec)
        self.period = 1.0 / spec.control_hz
        self.velocity, self.acceleration = spec.limits("velocity"), spec.limits("acceleration")
        self.torso = tuple(spec.groups.get("torso", ()))
        self.head = tuple(spec.groups.get("head", ()))
        command = proprio.commanded
        self.q = self.kinematics.clip(proprio.q if command is None else command.joints)
        self.width = proprio.gripper_width if command is None else command.gripper

    @property
    def base(self) -> SE3:
        """Where the base is believed to stand, ``map_from_base``."""
        return self.context.world.map_from_base()

    def gripper_pose(self) -> SE3:
        """Return the measured ``base_from_gripper``."""
        return self.kinematics.gripper_pose(self.proprio.q)

    # ---- generators -------------------------------------------------------------------------

    def follow(self, rows: FloatArray, *, guard: bool = True, width: float | None = None) -> Motion:
        """Execute joint rows ``[N, J]``, one a tick; the gripper opens to ``width`` on the way.

        Raises:
            MotionFailedError: a joint fell behind (``guard``): something is in the way.
        """
        stuck, widths = 0, self._widths(self.width if width is None else width, len(rows))
        for k in range(0, len(rows), _ROWS):
            before = self.q
            yield from self._send(rows[k : k + _ROWS], widths[k : k + _ROWS])
            speed = np.abs(self.q - before) / (min(_ROWS, len(rows) - k) * self.period)
            lag = np.abs(self.q - self.proprio.q) - _DELAY * speed
            limit = np.full(len(lag), _LAG)
            limit[list(self.torso)] = _LAG / 3.0
            stuck = stuck + 1 if guard and bool(np.any(lag > limit)) else 0
            if stuck >= 2:
                name = self.context.spec.joint_names[int(np.argmax(lag / limit))]
                self.q = self.kinematics.clip(self.proprio.q)
                yield from self.hold(0.1)
                raise MotionFailedError(Cause.BLOCKED, f"{name} did not follow its command")

    def move_joints(
        self,
        goal: FloatArray,
        *,
        allow: Collection[str] = (),
        speed: float = 1.0,
        path: Sequence[FloatArray] | None = None,
        width: float | None = None,
    ) -> Motion:
        """Move to joints ``[J]`` without touching anything but ``allow``.

        Args:
            goal: where to.
            allow: ids of entities that may be touched.
            speed: fraction of the joints' limits.
            path: waypoints from `plan` if that was done already.
            width: opening of the gripper at the end, m; default as it is.

        Raises:
            MotionFailedError: no free path was found, or the arm was blocked on the way.
        """
        waypoints = self.plan(goal, allow=allow) if path is None else path
        if waypoints is None:
            touched = ", ".join(sorted(self.scene.touching(goal, self.base))) or "nothing"
            detail = f"no free way of the arm was found (at its end it touches {touched})"
            raise MotionFailedError(Cause.UNREACHABLE, detail)
        yield from self.follow(self.timed(waypoints, 0.9 * speed, allow=allow), width=width)
        if width is not None and abs(self.width - width) > 1e-4:
            yield from self.set_gripper(width)
        yield from self.settle()

    def move_line(
        self,
        target: SE3,
        *,
        speed: float = 0.10,
        stop_at_contact: float | None = None,
        guard: bool = True,
    ) -> Generator[Command, Proprio, LineResult]:
        """Move the gripper along a straight line to ``base_from_gripper``.

        Args:
            target: where to.
            speed: m/s (and 4 rad/s per m/s for turning) on average.
            stop_at_contact: stop when the gripper lags by this many m more than when it moves freely.
            guard: raise when a joint is stuck.

        Raises:
            MotionFailedError: the line leaves the reach of the arm, or the arm was blocked.
        """
        rows = self.line(self.q, target, speed=speed)
        if rows is None:
            raise MotionFailedError(Cause.UNREACHABLE, "the straight motion is out of reach")
        if stop_at_contact is None:
            yield from self.follow(rows, guard=guard)
            yield from self.settle()
            return LineResult(False, 0.0)
        return (yield from self.follow_until_contact(rows, stop_at_contact))

    def follow_until_contact(
        self, rows: FloatArray, threshold: float
    ) -> Generator[Command, Proprio, LineResult]:
        """Execute joint rows ``[N, J]`` until the gripper lags ``threshold`` m more than when free."""
        step, lags = 2 * _SERVO_TICKS, [0.0]
        end = self.kinematics.gripper_pose(rows[-1]).translation
        for k in range(0, len(rows), step):
            yield from self._send(rows[k : k + step])
            lag = self._lag()
            # The delay of the servos themselves is what is seen before anything is touched.
            free = float(np.max(lags[:12]))
            if k > 12 * step and lag > free + threshold:
                now = self.kinematics.gripper_pose(self.q).translation
                return LineResult(True, float(np.linalg.norm(end - now)))
            lags.append(lag)
        yield from self.settle()
        return LineResult(False, 0.0)

    def _lag(self) -> float:
        wanted = self.kinematics.gripper_pose(self.q).translation
        return float(np.linalg.norm(wanted - self.gripper_pose().translation))

    def set_gripper(self, width: float, *, seconds: float | None = None) -> Motion:
        """Open or close to ``width`` m and wait until the fingers rest."""
        change, fastest = abs(width - self.width), self.context.spec.gripper.speed
        ticks = max(1, int(np.ceil(change / fastest / self.period)))
        widths = self._widths(width, ticks)
        for k in range(0, ticks, _ROWS):
            part = widths[k : k + _ROWS]
            yield from self._send(np.tile(self.q, (len(part), 1)), part)
        still, last = 0, np.inf
        limit = int((0.8 if seconds is None else seconds) / (_ROWS * self.period))
        for _ in range(max(1, limit)):
            yield from self.hold(_ROWS * self.period)
            still = still + 1 if abs(self.proprio.gripper_width - last) < 3e-4 else 0
            last = self.proprio.gripper_width
            if still >= 2:
                return

    def hold(self, seconds: float) -> Motion:
        """Stay where the last command was."""
        ticks = max(1, round(seconds / self.period))
        yield from self._send(np.tile(self.q, (ticks, 1)))

    def settle(self, *, tolerance: float = 0.012, seconds: float = 0.8) -> Motion:
        """Wait until the joints have reached their command and rest."""
        for _ in range(max(1, int(seconds / (_ROWS * self.period)))):
            arm = list(self.kinematics.arm)
            behind = float(np.abs(self.q - self.proprio.q)[arm].max())
            if behind < tolerance and float(np.abs(self.proprio.dq[arm]).max()) < 0.03:
                return
            yield from self.hold(_ROWS * self.period)

    def look(self, point: FloatArray | None = None) -> Motion:
        """Point the head at ``point`` ``[3]`` in ``map`` (if given) and take in a fresh look."""
        if point is not None and self.head:
            goal = self.gaze(self.base.inverse().apply(point))
            fast = 0.9 * self.velocity, 0.9 * self.acceleration
            yield from self.follow(time_path([self.q, goal], *fast, self.period), guard=False)
        self.proprio = yield Look()

    # ---- planning ---------------------------------------------------------------------------

    def timed(
        self, waypoints: Sequence[FloatArray], fraction: float, *, allow: Collection[str] = ()
    ) -> FloatArray:
        """Return joint rows ``[N, J]`` along waypoints, at a fraction of the joints' limits.

        Corners are cut as far as nothing is grazed by that; what grazes however little they are cut is
        taken as it is.
        """
        limits, rows = (fraction * self.velocity, fraction * self.acceleration), None
        for blend in _BLENDS:
            rows = time_path(waypoints, *limits, self.period, blend=blend)
            if len(waypoints) < 3 or not self._ways(allow).grazes(rows):
                break
        assert rows is not None
        return rows

    def gaze(self, point: FloatArray, q: FloatArray | None = None) -> FloatArray:
        """Return joints ``[J]`` (default the commanded ones) with the head turned to a point in base."""
        return self.kinematics.gaze(point, self.q if q is None else q)

    def gaze_kept(self, q: FloatArray) -> FloatArray:
        """Return joints ``[J]`` with the head as it is commanded now."""
        kept = q.copy()
        kept[list(self.head)] = self.q[list(self.head)]
        return kept

    def free(
        self, q: FloatArray, *, allow: Collection[str] = (), margin: float | None = None
    ) -> bool:
        """Tell whether joints ``[J]`` touch nothing but ``allow``, from where the base stands."""
        return not self.scene.in_collision(q, self.base, allow=allow, margin=margin)

    def plan(
        self,
        goal: FloatArray,
        *,
        start: FloatArray | None = None,
        allow: Collection[str] = (),
        iterations: int = 1500,
    ) -> list[FloatArray] | None:
        """Return waypoints ``[J]`` to ``goal`` or None; the margin shrinks where the ends need it."""
        begin, goal = self.q if start is None else start, self.kinematics.clip(goal)
        found = self._ways(allow).plan(begin, goal, self.context.rng, iterations)
        return None if found is None else with_head(found, begin, goal, self.head)

    def _ways(self, allow: Collection[str]) -> FreeWay:
        return FreeWay(self.scene, self.kinematics, self.base, len(self.torso), allow)

    def line(self, start: FloatArray, target: SE3, *, speed: float = 0.10) -> FloatArray | None:
        """Return joint rows ``[N, J]`` of a straight motion of the gripper, None if out of reach."""
        pose = self.kinematics.gripper_pose(start)
        shift = target.translation - pose.translation
        turn = _rotation_vector(pose.rotation.T @ target.rotation)
        travel = max(float(np.linalg.norm(shift)), float(np.linalg.norm(turn)) / 4.0)
        seconds = max(travel / speed, 0.1)
        count = max(4, int(np.ceil(seconds / (_SERVO_TICKS * self.period))))
        q, knots = self.kinematics.clip(start), [start]
        fractions = smoothstep(count)
        rotations = pose.rotation @ _from_rotation_vectors(fractions[:, None] * turn)
        for fraction, rotation in zip(fractions.tolist(), rotations, strict=True):
            wanted = SE3(rotation, pose.translation + shift * fraction)
            q = self.kinematics.step(q, wanted, posture=start, near_enough=_ON_LINE)
            knots.append(q)
        reached = self.kinematics.gripper_pose(q)
        if float(np.linalg.norm(reached.translation - target.translation)) > 6e-3:
            return None
        return self._paced(np.asarray(knots))

    def _paced(self, knots: FloatArray) -> FloatArray:
        """Interpolate servo knots ``[K, J]`` to rows, slower where a joint could not keep up."""
        fastest = np.abs(np.diff(knots, axis=0)).max(axis=0) / (_SERVO_TICKS * self.period)
        slower = max(1.0, float(np.max(fastest / (0.95 * self.velocity))))
        count = int(np.ceil((len(knots) - 1) * _SERVO_TICKS * slower))
        at = np.arange(1, count + 1) * ((len(knots) - 1) / count)
        grid = np.arange(len(knots))
        columns = [np.interp(at, grid, knots[:, j]) for j in range(knots.shape[1])]
        return np.stack(columns, axis=1)

    def _widths(self, goal: float, ticks: int) -> FloatArray:
        """Openings of the next ticks on the way to ``goal``, at the gripper's speed."""
        most = self.context.spec.gripper.speed * self.period * np.arange(1, ticks + 1)
        return np.asarray(self.width + np.clip(goal - self.width, -most, most))

    def _send(self, joints: FloatArray, widths: FloatArray | None = None) -> Motion:
        count = len(joints)
        gripper = np.full(count, self.width) if widths is None else widths
        values = np.concatenate([np.zeros((count, 2)), joints, gripper[:, None]], axis=1)
        tick = self.proprio.tick
        chunk = ActionChunk("joint", "joint", values, tick, 1, self.context.epoch, self.source)
        self.q, self.width = joints[-1].copy(), float(gripper[-1])
        self.proprio = yield chunk


def _rotation_vector(rotation: FloatArray) -> FloatArray:
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_matrix(rotation).as_rotvec())


def _from_rotation_vectors(vectors: FloatArray) -> FloatArray:
    """Rotations ``[N, 3, 3]`` by vectors ``[N, 3]`` rad."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_rotvec(vectors).as_matrix())
