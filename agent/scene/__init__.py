"""Asking a scene graph in words, and telling what it answers."""

from diarchy.agent.scene.answering import Reply, answer, everything

__all__ = ["Reply", "answer", "everything"]
