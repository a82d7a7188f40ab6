"""Rules on sentences and plans: readable YAML in, allow, ask or refuse out.

`load_rules` reads the shipped rules and those of a file, `Reviewer` applies them to a sentence and,
step by step on simulated predicates, to a plan; `outside` finds what nobody asked for.
"""

from diarchy.safety.rules.judging import outside
from diarchy.safety.rules.loading import load_rules
from diarchy.safety.rules.mandate import Mandate, Mention
from diarchy.safety.rules.model import Answer, Finding, Rule, RuleSet, Ruling
from diarchy.safety.rules.review import Reviewer
from diarchy.safety.rules.things import plain

__all__ = [
    "Answer",
    "Finding",
    "Mandate",
    "Mention",
    "Reviewer",
    "Rule",
    "RuleSet",
    "Ruling",
    "load_rules",
    "outside",
    "plain",
]
