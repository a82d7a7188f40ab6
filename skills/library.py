"""Which skills there are, and who carries them out.

Third parties add skills through the entry point group ``diarchy.skills``: each entry point is a
callable that takes the `RobotSpec` and returns a `Skill`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.robot import RobotSpec
from diarchy.contracts.skill import Skill, SkillSpec
from diarchy.skills.specs import BUILTIN

_LOG = logging.getLogger(__name__)
ENTRY_POINTS = "diarchy.skills"
AUTO = "auto"

SkillFactory = Callable[[], Skill]

_MOTION: Mapping[str, str] = {
    "navigate_to": "diarchy.skills.motion.navigate:NavigateTo",
    "look_at": "diarchy.skills.motion.head:LookAt",
    "inspect": "diarchy.skills.motion.inspection:Inspect",
    "change_view": "diarchy.skills.motion.change_view:ChangeView",
    "search": "diarchy.skills.motion.search:Search",
    "pick": "diarchy.skills.motion.pick:Pick",
    "place_on": "diarchy.skills.motion.place:PlaceOn",
    "place_in": "diarchy.skills.motion.place:PlaceIn",
    "open": "diarchy.skills.motion.doors:Open",
    "close": "diarchy.skills.motion.doors:Close",
    "toggle_on": "diarchy.skills.motion.switches:ToggleOn",
    "toggle_off": "diarchy.skills.motion.switches:ToggleOff",
    "heat": "diarchy.skills.motion.processes:Heat",
    "cool": "diarchy.skills.motion.processes:Cool",
    "wash": "diarchy.skills.motion.processes:Wash",
    "show": "diarchy.skills.motion.show:Show",
    "hand_over": "diarchy.skills.motion.hand_over:HandOver",
    "push_aside": "diarchy.skills.motion.push:PushAside",
    "wait": "diarchy.skills.motion.talk:Wait",
    "ask": "diarchy.skills.motion.talk:AskPerson",
    "say": "diarchy.skills.motion.talk:Say",
}


@dataclass
class _Entry:
    spec: SkillSpec
    factories: dict[str, SkillFactory] = field(default_factory=dict)
    built: dict[str, Skill] = field(default_factory=dict)


class SkillLibrary:
    """Skills by name and backend (``motion``, ``vla``, or a third party's own)."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    @property
    def specs(self) -> tuple[SkillSpec, ...]:
        """What every skill needs and promises, in the order of registration."""
        return tuple(entry.spec for entry in self._entries.values())

    def register(
        self, spec: SkillSpec, backend: str, factory: SkillFactory, *, first: bool = False
    ) -> None:
        """Add a backend for a skill; it is built when it is first wanted. ``first``: ``auto`` prefers it.

        Raises:
            BadInputError: the skill exists with another specification, or has that backend already.
        """
        entry = self._entries.setdefault(spec.name, _Entry(spec))
        if entry.spec != spec:
            raise BadInputError(
                f"skill '{spec.name}' is registered with another specification; rename one of them"
            )
        if backend in entry.factories:
            raise BadInputError(f"skill '{spec.name}' has a '{backend}' backend already")
        before = {} if first else entry.factories
        entry.factories = {**before, backend: factory, **entry.factories}

    def add(self, skill: Skill) -> None:
        """Register a skill that is built already."""
        self.register(skill.spec, skill.backend, lambda: skill)

    def spec(self, name: str) -> SkillSpec:
        """Return the specification of a skill.

        Raises:
            BadInputError: there is none of that name; the message lists what exists.
        """
        return self._entry(name).spec

    def backends(self, name: str) -> tuple[str, ...]:
        """Return who can carry a skill out, the one that ``auto`` takes first."""
        return tuple(self._entry(name).factories)

    def get(self, name: str, backend: str = AUTO) -> Skill:
        """Return the skill; ``auto`` takes the backend that was registered first.

        An explicit backend is never replaced by another.

        Raises:
            BadInputError: there is no such skill, or not with that backend.
        """
        entry = self._entry(name)
        chosen = next(iter(entry.factories)) if backend == AUTO else backend
        if chosen not in entry.factories:
            raise BadInputError(
                f"skill '{name}' has no '{chosen}' backend; "
                f"{did_you_mean(chosen, [AUTO, *entry.factories])}"
            )
        if chosen not in entry.built:
            entry.built[chosen] = entry.factories[chosen]()
        return entry.built[chosen]

    def _entry(self, name: str) -> _Entry:
        if name not in self._entries:
            raise BadInputError(f"unknown skill '{name}'; {did_you_mean(name, self._entries)}")
        return self._entries[name]


def default_library(spec: RobotSpec, *, third_party: bool = True) -> SkillLibrary:
    """Return the built-in motion skills for a robot and, if wanted, those of installed packages.

    Nothing heavy is imported before a skill is asked for. A third party's skill that cannot be
    loaded is logged and left out: one broken package must not keep the robot from working.
    """
    library = SkillLibrary()
    for skill in BUILTIN:
        library.register(skill, "motion", partial(_build, _MOTION[skill.name], spec))
    if third_party:
        for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name):
            try:
                library.add(point.load()(spec))
            except Exception as error:  # noqa: BLE001  it is the third party's code
                _LOG.warning(
                    "the skill '%s' of %s was left out: %s", point.name, point.value, error
                )
    return library


def _build(path: str, spec: RobotSpec) -> Skill:
    module, name = path.split(":")
    skill = getattr(import_module(module), name)(spec)
    assert isinstance(skill, Skill)
    return skill
