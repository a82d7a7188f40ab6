"""From a running skill to one action a tick: the tick buffer, braking, the executor."""

from diarchy.skills.execution.braking import Brake, braking_tail
from diarchy.skills.execution.buffer import TickBuffer, TickCommand
from diarchy.skills.execution.errors import ChunkRejectedError
from diarchy.skills.execution.executor import Decoder, SkillExecutor

__all__ = [
    "Brake",
    "ChunkRejectedError",
    "Decoder",
    "SkillExecutor",
    "TickBuffer",
    "TickCommand",
    "braking_tail",
]
