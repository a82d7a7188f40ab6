"""What the agent believes: the world model, predicates over it, snapshots, words, scene graphs, past episodes."""

from diarchy.memory.describe import describe
from diarchy.memory.episodes import Episode, EpisodeStore
from diarchy.memory.evidence import Evidence
from diarchy.memory.predicates import evaluate
from diarchy.memory.scene_building import build_scene_graph
from diarchy.memory.scene_file import load_scene_graph, save_scene_graph
from diarchy.memory.scene_graph import SceneGraph
from diarchy.memory.world_model import WorldModel

__all__ = [
    "Episode",
    "EpisodeStore",
    "Evidence",
    "SceneGraph",
    "WorldModel",
    "build_scene_graph",
    "describe",
    "evaluate",
    "load_scene_graph",
    "save_scene_graph",
]
