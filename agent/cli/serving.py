"""``diarchy serve robot``: the simulated home as a process of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import typer

from diarchy.contracts.errors import BadInputError, ExitCode, did_you_mean


def serve(what: str, *, scene: str, seed: int, socket: Path, silence: float) -> int:
    """Serve until it is told to end; returns the exit code.

    Raises:
        BadInputError: there is no such thing to serve, or the socket cannot be used.
    """
    if what != "robot":
        raise BadInputError(f"serve {what}: no such thing; {did_you_mean(what, ['robot'])}")
    if silence <= 0:
        raise BadInputError(f"--silence must be more than 0 s, got {silence}")
    from diarchy.agent.build import build_robot
    from diarchy.contracts.guard import GuardContext
    from diarchy.contracts.robot import Action, Proprio
    from diarchy.robots.served import RobotServer
    from diarchy.safety.chain import GuardChain
    from diarchy.safety.guards.base_limits import BaseLimits
    from diarchy.safety.guards.finite import FiniteAction
    from diarchy.safety.guards.gripper import GripperRange
    from diarchy.safety.guards.joint_position import JointPosition
    from diarchy.safety.guards.joint_velocity import JointVelocity
    from diarchy.safety.limits import Limits

    robot = build_robot(scene, seed)
    limits = Limits.of(robot.spec)
    # What needs no perception: the limits of the body hold whatever the agent has become.
    guards = (FiniteAction, JointPosition, JointVelocity, GripperRange, BaseLimits)
    chain = GuardChain([g(limits) for g in guards], robot.spec)
    context = GuardContext(spec=robot.spec, source="served")

    def check(action: Action, proprio: Proprio) -> Action:
        return chain.check(action, proprio, context).action

    server = RobotServer(robot, socket, check=check, silence=silence)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.shut())
    typer.echo(f"serving {robot.spec.name} in {scene} (seed {seed}) at {socket}")
    try:
        server.serve()
    finally:
        robot.close()
    return int(ExitCode.DONE)
