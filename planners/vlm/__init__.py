"""System 2 behind a URL: any server that speaks OpenAI's chat protocol, for example vLLM.

`VLMPlanner` asks; `prompt` writes the words, `schema` what may be answered, `decode` reads the answer
without trusting that the server kept to it, `client` keeps the connection.
"""

from diarchy.planners.vlm.decode import AnswerError
from diarchy.planners.vlm.planner import VLMPlanner
from diarchy.planners.vlm.record import ModelCall

__all__ = ["AnswerError", "ModelCall", "VLMPlanner"]
