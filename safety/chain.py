"""The chain of guards that every action passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diarchy.contracts.guard import ActionGuard, GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio, RobotSpec
from diarchy.safety.audit import audit
from diarchy.safety.guards.base_clearance import BaseClearance
from diarchy.safety.guards.base_limits import BaseLimits
from diarchy.safety.guards.collision import Collision
from diarchy.safety.guards.contact_force import ContactForce
from diarchy.safety.guards.finite import FiniteAction
from diarchy.safety.guards.freshness import Freshness
from diarchy.safety.guards.gripper import GripperRange
from diarchy.safety.guards.joint_acceleration import JointAcceleration
from diarchy.safety.guards.joint_position import JointPosition
from diarchy.safety.guards.joint_velocity import JointVelocity
from diarchy.safety.guards.keep_in import KeepIn
from diarchy.safety.guards.keep_out import KeepOut
from diarchy.safety.guards.protective_stop import ProtectiveStop
from diarchy.safety.guards.separation import Separation
from diarchy.safety.guards.upright import HeldUpright
from diarchy.safety.limits import Limits
from diarchy.safety.stats import GuardStats


class GuardChain:
    """Runs guards in order, each on what the one before let through, and counts what they did.

    The verdict is that of the first guard that stopped, else of the one that changed most;
    ``changes`` lists every guard that changed something. Order matters: what checks shape comes
    first, what must hold in the end comes last.

    Attributes:
        guards: in order.
        stats: counts since the chain was built.
    """

    name = "chain"

    def __init__(self, guards: Sequence[ActionGuard], spec: RobotSpec) -> None:
        self.guards = tuple(guards)
        self.stats = GuardStats()
        self._limits = Limits.of(spec)
        self._tick: int | None = None
        self._earlier: Action | None = None  # commanded one tick before `_commanded`
        self._commanded: Action | None = None

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Decide on the action of one tick, and record it."""
        before = self.before(proprio) if context.before is None else None
        if before is not None:
            context = replace(context, before=before)
        decided: Verdict | None = None
        changes: dict[str, float] = {}
        for guard in self.guards:
            verdict = guard.check(action, proprio, context)
            action = verdict.action
            if verdict.status != "pass":
                changes.update(verdict.changes)
                decided = verdict if decided is None else _weightier(decided, verdict)
        result = Verdict(action) if decided is None else _merged(decided, action, changes)
        self.stats.record(result, audit(action, proprio, context, self._limits))
        return result

    def before(self, proprio: Proprio) -> Action | None:
        """Return what was commanded one tick before the last command; None if no check came between."""
        if proprio.tick != self._tick:
            consecutive = self._tick is not None and proprio.tick == self._tick + 1
            self._earlier = self._commanded if consecutive else None
            now = proprio.commanded
            # A copy: whoever made the command may reuse its arrays.
            self._commanded = now and Action(now.base.copy(), now.joints.copy(), now.gripper)
            self._tick = proprio.tick
        return self._earlier


def _weightier(first: Verdict, second: Verdict) -> Verdict:
    if first.status == second.status:
        larger = second.magnitude > first.magnitude and first.status == "modified"
        return second if larger else first
    return first if first.status == "stopped" else second


def _merged(decided: Verdict, action: Action, changes: dict[str, float]) -> Verdict:
    return Verdict(
        action, decided.status, decided.magnitude, decided.guard, decided.reason, changes
    )


def default_guard(
    spec: RobotSpec,
    *,
    stop: ProtectiveStop | None = None,
    collision: bool = False,
    clearance: float | None = None,
) -> GuardChain:
    """Build the chain that every action of this embodiment passes.

    Args:
        spec: the embodiment.
        stop: the protective stop to put into the chain, for whoever wants to trip it; else a new one.
        collision: whether the collision barrier is part of it (docs/safety.md); it needs ``GuardContext.obstacles``.
        clearance: how far (m) from what was perceived the base stops, None: it does not; it needs
            ``GuardContext.distance_field``.
    """
    limits = Limits.of(spec)
    return GuardChain(
        (
            FiniteAction(limits),
            stop if stop is not None else ProtectiveStop(spec),
            Freshness(limits),
            ContactForce(spec),
            JointPosition(limits),
            # Before the limit of speed, because it brakes for the target that was really told.
            JointAcceleration(limits),
            JointVelocity(limits),
            # After them, because what matters is how the joints will really move.
            Separation(spec),
            HeldUpright(spec),
            GripperRange(limits),
            BaseLimits(limits),
            KeepOut(limits),
            KeepIn(limits),
            *([] if clearance is None else [BaseClearance(limits, margin=clearance)]),
            *([Collision(spec)] if collision else []),
        ),
        spec,
    )
