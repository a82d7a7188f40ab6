"""Taking up a run whose process died: reload, look, and go on without repeating what is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from diarchy.agent.corrections.standing import Standing
from diarchy.agent.deliberation.nodes import Nodes
from diarchy.agent.deliberation.thinking import ANSWER
from diarchy.agent.durable.keeper import Keeper
from diarchy.agent.durable.snapshot import SavedSubtask
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.replay import recorded_config
from diarchy.agent.run.trace import read_events
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.plan import Plan
from diarchy.memory.grip import UNKNOWN_OBJECT

REACH_OF_HAND = 0.25
"""What the hand was closing on when the process died is in it if it lay within this of the hand, m."""


def config_to_resume(folder: Path) -> RunConfig:
    """Read the choices of a run that can be taken up.

    Raises:
        BadInputError: the folder holds no run, one that has ended, or one whose robot died with it.
    """
    config = recorded_config(folder)
    if config.tree is not None:
        raise BadInputError("a run of a tree file cannot be taken up; run the file anew")
    if config.robot_socket is None:
        raise BadInputError(
            f"the robot of {folder} lived in the process that ended, so there is nothing to go on with; "
            "start it with 'diarchy serve robot' and give its --robot-socket to runs that shall survive"
        )
    if any(e["kind"] == "run_ended" for e in read_events(folder)):
        raise BadInputError(f"the run in {folder} has ended; run the command anew")
    return config.model_copy(
        update={"record": folder, "episodes": folder.parent / "episodes.sqlite"}
    )


def same_robot(folder: Path, robot: Any) -> None:
    """Make sure that it is the same life of the same robot: its clock and odometry go on.

    Raises:
        BadInputError: it is another.
    """
    sessions = [
        e.get("wall", {}).get("robot")
        for e in read_events(folder)
        if e["kind"] in ("run_started", "run_resumed")
    ]
    if sessions and sessions[-1] != robot.session:
        raise BadInputError(
            f"the robot's process was started anew since the run in {folder}: where it stands and what it "
            "holds is another story; run the command anew"
        )


def _hear_again(nodes: Nodes, state: dict[str, Any]) -> None:
    """Let the rules and the conversation know what was said before the process died."""
    said = [state.get("instruction", "")]
    said += [e["answer"] for e in state.get("exchanges", ())]
    said += [c["text"] for c in state.get("corrections", ())]
    for text in filter(None, said):
        nodes.guard.hear(text)
    if state.get("standing"):
        nodes.conversation.course.standing = Standing.model_validate(state["standing"])


def take_up(graph: Any, thread: dict[str, Any], keeper: Keeper, nodes: Nodes) -> bool:
    """Put belief, tree and checkpoint back and look around; False if the process died before the first.

    The robot is at rest when this returns. The subtask that was under way is marked as doubtful: it is
    checked by a look before its skill is begun again.
    """
    saved = keeper.put_back()
    nodes.began = keeper.began
    loop, executive = nodes.loop, nodes.executive
    loop.rest()
    checkpoint = graph.get_state(thread)
    if not checkpoint.next:
        return False
    answer = checkpoint.values.get("answer")
    plan = ANSWER.validate_python(answer) if answer else None
    under_way = next((s for s in saved if not s.done), None)
    if under_way is not None:
        _trust_the_hand(keeper, nodes, under_way)
    loop.look()
    _hear_again(nodes, checkpoint.values)
    grafted = checkpoint.next[0] in ("review", "act", "reflect", "approve")
    done = [(s.subtask, s.fields) for s in saved if s.done]
    keeper.restoring = True
    executive.restore(plan if isinstance(plan, Plan) and grafted else None, done)
    keeper.restoring = False
    known = {r["id"] for r in checkpoint.values.get("history", ()) if r["status"] == "succeeded"}
    nodes.regained = [
        nodes.record_of(i, executive.memories[i]).model_dump(mode="json")
        for i in (s.subtask.id for s in saved if s.done)
        if i not in known
    ]
    for subtask_id, memory in executive.memories.items():
        if subtask_id == "goals" or executive.is_done(subtask_id):
            continue
        dispatched, succeeded = keeper.doubtful(subtask_id, memory.spec.name)
        if dispatched:
            memory.args = next((s.fields["args"] for s in saved if s.subtask.id == subtask_id), {})
            executive.doubtful[subtask_id] = succeeded
    loop.trace.event(
        "taken_up",
        next=checkpoint.next[0],
        done=[s.subtask.id for s in saved if s.done],
        doubtful=sorted(executive.doubtful),
        held=loop.world.held(),
    )
    return True


def _trust_the_hand(keeper: Keeper, nodes: Nodes, subtask: SavedSubtask) -> None:
    """The hand holds something and was closing on a thing that lay there: it is that thing."""
    world, proprio = nodes.loop.world, nodes.loop.robot.proprio()
    wanted = subtask.fields.get("args", {}).get("object")
    if subtask.subtask.skill != "pick" or not isinstance(wanted, str):
        return
    world.track(proprio, nodes.loop.perception.track(proprio))
    thing = world.find(wanted)
    if world.held() != UNKNOWN_OBJECT or thing is None:
        return
    hand = (world.map_from_base() @ world._base_from_gripper(proprio)).translation
    if float(np.linalg.norm(np.array(thing.position) - hand)) < REACH_OF_HAND:
        world.claim_held(wanted, proprio)
