"""The guard inside the loop: builds its context for each tick and keeps its counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from diarchy.agent.run.result import GuardSummary
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Pose2, Proprio, RobotSpec
from diarchy.contracts.world import WorldView
from diarchy.safety import GuardChain, ProtectiveStop, default_guard
from diarchy.skills.execution import TickCommand


class Guarding:
    """Every action passes here, whoever made it."""

    def __init__(
        self,
        guard: GuardChain,
        spec: RobotSpec,
        keep_in: tuple[float, float, float, float],
        stop: ProtectiveStop | None = None,
    ) -> None:
        self.guard = guard
        self._stop = stop
        self.allowed_contacts: frozenset[str] = frozenset()
        self.force_limit = float("inf")
        self._spec = spec
        self._keep_in = keep_in

    def check(self, command: TickCommand, proprio: Proprio, world: WorldView) -> Verdict:
        """Check the action of one tick and count what happened."""
        context = GuardContext(
            spec=self._spec,
            base_pose=Pose2.from_se3(world.map_from_base()),
            keep_in=self._keep_in,
            allowed_contacts=self.allowed_contacts,
            force_limit=self.force_limit,
            held=world.held(),
            source=command.source,
        )
        return self.guard.check(command.action, proprio, context)

    def outside(self, world: WorldView) -> Callable[[Action, Proprio], Verdict]:
        """Return the check for motion that other stacks make (Nav2): a guard of its own counts, same limits."""
        guard = default_guard(self._spec, stop=self._stop)

        def check(action: Action, proprio: Proprio) -> Verdict:
            context = GuardContext(
                spec=self._spec,
                base_pose=Pose2.from_se3(world.map_from_base()),
                keep_in=self._keep_in,
                held=world.held(),
                source="outside",
            )
            return guard.check(action, proprio, context)

        return check

    def foresee(self, rows: FloatArray, proprio: Proprio, world: WorldView) -> str:
        """Say what the guard would change in rows ``[N, D]`` that come next, one a tick; empty: nothing.

        For chunks that go out whole. Only joints and gripper are looked at: the base is commanded, and
        guarded, tick by tick in any case. Nothing is counted: every tick is still checked when it comes.
        """
        if self._stop is not None and self._stop.tripped:
            return "the protective stop is latched"
        context = GuardContext(
            spec=self._spec,
            base_pose=Pose2.from_se3(world.map_from_base()),
            allowed_contacts=self.allowed_contacts,
            force_limit=self.force_limit,
            held=world.held(),
            source="ahead",
        )
        before = proprio.commanded or Action(np.zeros(2), proprio.q, proprio.gripper_width)
        felt = replace(proprio, commanded=replace(before, base=np.zeros(2)))
        guards = [g for g in self.guard.guards if not isinstance(g, ProtectiveStop)]
        for row in rows:
            action = Action(np.zeros(2), row[2:-1], float(row[-1]))
            for guard in guards:
                verdict = guard.check(action, felt, context)
                if verdict.status != "pass":
                    return verdict.reason
            felt = replace(felt, commanded=action)
        return ""

    def summary(self) -> GuardSummary:
        """Counts so far."""
        stats = self.guard.stats
        return GuardSummary(
            checked=stats.checked,
            modified=stats.modified,
            stopped=stats.stopped,
            violations=stats.violations,
            by_guard=dict(sorted((stats.modified_by + stats.stopped_by).items())),
        )
