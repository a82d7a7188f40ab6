"""The deliberation graph: which node follows which.

observe -> recall -> plan -> check -> (approve) -> act -> reflect -+-> act (next subtask)
                      ^  \\-> ask -/                               +-> observe (look, replan)
                      +--- repair --/                              +-> ask -> plan
                                                                   +-> end
"""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph

from diarchy.agent.deliberation.nodes import Nodes
from diarchy.agent.deliberation.state import State


def after_plan(state: State) -> str:
    """Where an answer of the planner leads."""
    if state.get("status"):
        return END
    return "ask" if state.get("question") else "check"


def after_check(state: State, *, approve: bool) -> str:
    """A plan that works is acted on, one that does not goes back."""
    if state.get("status"):
        return END
    if state["violations"]:
        return "plan"
    return "approve" if approve and not state["approved"] else "act"


def after_reflect(state: State) -> str:
    """The next subtask, a question, another plan, or the end."""
    if state.get("status"):
        return END
    if state.get("question"):
        return "ask"
    return "act" if state.get("answer") else "observe"


def build_graph(nodes: Nodes, checkpointer: BaseCheckpointSaver[Any] | None) -> Any:
    """Compile the graph over live nodes."""
    approve = nodes.config.approve == "always"
    graph = StateGraph(State)
    for name in ("observe", "recall", "plan", "check", "approve", "ask", "act", "reflect"):
        graph.add_node(name, getattr(nodes, name))
    graph.add_edge(START, "observe")
    graph.add_edge("observe", "recall")
    graph.add_edge("recall", "plan")
    graph.add_conditional_edges("plan", after_plan, ["ask", "check", END])
    graph.add_conditional_edges(
        "check", lambda s: after_check(s, approve=approve), ["plan", "approve", "act", END]
    )
    graph.add_conditional_edges(
        "approve", lambda s: END if s.get("status") else "act", ["act", END]
    )
    graph.add_conditional_edges("ask", lambda s: END if s.get("status") else "plan", ["plan", END])
    graph.add_edge("act", "reflect")
    graph.add_conditional_edges("reflect", after_reflect, ["act", "observe", "ask", END])
    return graph.compile(checkpointer=checkpointer)
