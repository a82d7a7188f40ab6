"""What the agent believes: the world model, predicates over it, snapshots, words, past episodes."""

from diarchy.memory.describe import describe
from diarchy.memory.episodes import Episode, EpisodeStore
from diarchy.memory.evidence import Evidence
from diarchy.memory.predicates import evaluate
from diarchy.memory.world_model import WorldModel

__all__ = ["Episode", "EpisodeStore", "Evidence", "WorldModel", "describe", "evaluate"]
