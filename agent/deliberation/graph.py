"""The deliberation graph: which node follows which.

hear -> observe -> recall -> plan -> check -> review -> (approve) -> act -> reflect -+-> review (next subtask)
  \\-> (approve) -/            ^  \\-> ask -/                                          +-> observe (look, replan)
                              +--- repair --/                                       +-> ask -> plan
                                                                                    +-> end

The rules read the sentence in ``hear``, and what is left of the plan in ``review``, before every
subtask; ``approve`` is where a person is asked. There is no other way to ``act``.
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


def after_hear(state: State) -> str:
    """A sentence that is refused ends here; one that the rules are unsure of waits for a person."""
    if state.get("status"):
        return END
    return "approve" if state["risks"] else "observe"


def after_check(state: State) -> str:
    """A plan that works is put before the rules, one that does not goes back."""
    if state.get("status"):
        return END
    return "plan" if state["violations"] else "review"


def after_review(state: State, *, always: bool) -> str:
    """What no rule objects to is done; what one wants asked, or the person, is asked."""
    if state.get("status"):
        return END
    if state["risks"] or (always and not state["approved"]):
        return "approve"
    return "act"


def after_approve(state: State) -> str:
    """Approved is either a sentence, which is then planned, or a plan, which is then done."""
    if state.get("status"):
        return END
    return "act" if state.get("answer") else "observe"


def after_ask(state: State) -> str:
    """An answer is something said: the rules have read it."""
    if state.get("status"):
        return END
    return "approve" if state["risks"] else "plan"


def after_reflect(state: State) -> str:
    """The next subtask, a question, another plan, or the end."""
    if state.get("status"):
        return END
    if state.get("question"):
        return "ask"
    return "review" if state.get("answer") else "observe"


def build_graph(nodes: Nodes, checkpointer: BaseCheckpointSaver[Any] | None) -> Any:
    """Compile the graph over live nodes."""
    always = nodes.config.approve == "always"
    graph = StateGraph(State)
    for name in (
        "hear",
        "observe",
        "recall",
        "plan",
        "check",
        "review",
        "approve",
        "ask",
        "act",
        "reflect",
    ):
        graph.add_node(name, getattr(nodes, name))
    graph.add_edge(START, "hear")
    graph.add_conditional_edges("hear", after_hear, ["approve", "observe", END])
    graph.add_edge("observe", "recall")
    graph.add_edge("recall", "plan")
    graph.add_conditional_edges("plan", after_plan, ["ask", "check", END])
    graph.add_conditional_edges("check", after_check, ["plan", "review", END])
    graph.add_conditional_edges(
        "review", lambda s: after_review(s, always=always), ["approve", "act", END]
    )
    graph.add_conditional_edges("approve", after_approve, ["act", "observe", END])
    graph.add_conditional_edges("ask", after_ask, ["approve", "plan", END])
    graph.add_edge("act", "reflect")
    graph.add_conditional_edges("reflect", after_reflect, ["review", "observe", "ask", END])
    return graph.compile(checkpointer=checkpointer)
