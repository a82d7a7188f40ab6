"""Why a plan is as it is, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diarchy.contracts.plan import Argument, Reference, Subtask
from diarchy.planners.symbolic.grounding import Grounder

_WORDS = {
    "navigate_to": "go to the {target}",
    "look_at": "look at the {target}",
    "inspect": "see what is at the {target}",
    "change_view": "look at the {target} from another side",
    "search": "look for the {object}",
    "pick": "pick the {object}",
    "place_on": "put the {object} on the {receptacle}",
    "place_in": "put the {object} in the {receptacle}",
    "open": "open the {container}",
    "close": "close the {container}",
    "toggle_on": "switch the {device} on",
    "toggle_off": "switch the {device} off",
    "heat": "wait until the {device} has heated the {object}",
    "cool": "wait until the {device} has cooled the {object}",
    "wash": "wash the {object} in the {device}",
    "show": "hold the {object} into the light of the {lamp}",
    "hand_over": "give the {object} to the {person}",
    "push_aside": "push the {object} aside",
    "wait": "wait {seconds} s",
}


class Teller:
    """Names things and steps, and collects what is to be said about the plan."""

    def __init__(self, grounder: Grounder) -> None:
        self._grounder = grounder
        self._notes: list[str] = []

    def note(self, words: str) -> None:
        """Remember what was wanted or found out."""
        if words and words not in self._notes:
            self._notes.append(words)

    def sentence(self, skill: str, args: Mapping[str, Argument]) -> str:
        """Write one step as a command."""
        named = {k: self._words(v) for k, v in args.items()}
        template = _WORDS.get(skill)
        return (
            template.format(**named)
            if template
            else f"{skill.replace('_', ' ')} {' '.join(named.values())}".strip()
        )

    def _words(self, value: Argument) -> str:
        if isinstance(value, Reference):
            return self._grounder.name(value)
        if isinstance(value, float | int):
            return f"{value:g}"
        entity = self._grounder.entities.get(value)
        return value if entity is None else self._grounder.name(entity)

    def reasoning(self, subtasks: Sequence[Subtask]) -> str:
        """Say what is wanted, and why the steps come in this order."""
        wishes = "; ".join(self._notes)
        sentences = [f"What is wanted: {wishes}." if wishes else ""]
        if not subtasks:
            sentences.append("All of that is so already, so nothing has to move.")
        sentences += self._because(subtasks)
        return " ".join(s for s in sentences if s)

    def _because(self, subtasks: Sequence[Subtask]) -> list[str]:
        said: list[str] = []
        skills = [s.skill for s in subtasks]
        for subtask in subtasks:
            thing = self._words(next(iter(subtask.args.values()), ""))
            if subtask.skill == "search":
                said.append(f"I do not know where the {thing} is, so I look for it first.")
            if subtask.skill == "open" and "pick" in skills:
                said.append(
                    f"The {thing} is closed, and opening it needs an empty hand, "
                    "so that comes before carrying."
                )
            if subtask.skill == "close" and "open" in skills:
                said.append(f"I close the {thing} again at the end.")
            if subtask.skill == "toggle_off":
                said.append(f"I switch the {thing} off again when it is done.")
        return list(dict.fromkeys(said))
