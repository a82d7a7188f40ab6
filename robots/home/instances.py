"""Which pixel belongs to what: the only door from the simulator's truth to the oracle detector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import EntityKind
from diarchy.robots.home.furnish import furnish
from diarchy.robots.home.household import SWITCHED, Household
from diarchy.robots.home.joints import opening_joint
from diarchy.robots.home.people import HELD_OUT
from diarchy.robots.home.placement import Placed
from diarchy.robots.home.scene import Scene


@dataclass(frozen=True)
class InstanceLabel:
    """What an instance id stands for; ``opening`` (rad or m) and ``power`` as of when it was asked for."""

    entity_id: str
    cls: str
    kind: EntityKind
    attributes: Mapping[str, str] = field(default_factory=dict)
    opening: float | None = None
    power: bool | None = None


class Instances:
    """Instance ids of a compiled scene: 0, 1, 2 ... for fixtures, objects and people, -1 for the rest."""

    def __init__(self, model: Any, scene: Scene, placed: list[Placed]) -> None:
        fixtures = furnish(scene)
        labels = [InstanceLabel(f.entity_id, f.cls, "fixture") for f in fixtures]
        labels += [InstanceLabel(p.id, p.cls, "object", {"color": p.color}) for p in placed]
        labels += [InstanceLabel(i, "Person", "person") for i in scene.person_ids]
        self._labels = tuple(labels)
        ids = {label.entity_id: i for i, label in enumerate(labels)}
        # Arms held out would make a box of everything between the chest and the open hands.
        out = [HELD_OUT.format(i) for i in scene.person_ids]
        names = [model.body(int(b)).name for b in model.geom_bodyid]
        owners = ["" if name in out else name.split("/")[0] for name in names]
        # One more entry than geoms: index -1, "nothing was hit", is background too.
        self.of_geom: npt.NDArray[np.int32] = np.array(
            [ids.get(owner, -1) for owner in owners] + [-1], dtype=np.int32
        )
        self._openings = {
            i: int(model.joint(joint).qposadr[0])
            for i, fixture in enumerate(fixtures)
            if (joint := opening_joint(fixture)) is not None
        }

    def read(self, data: Any, household: Household) -> dict[int, InstanceLabel]:
        """Return the labels by instance id, with openings, power and visible states as they are now."""
        found = dict(enumerate(self._labels))
        for i, label in found.items():
            if label.entity_id in household.things:
                state = household.things[label.entity_id].attributes()
                found[i] = replace(label, attributes={**label.attributes, **state})
            elif label.entity_id in household.devices:
                device = household.devices[label.entity_id]
                if device.cls in SWITCHED:
                    found[i] = replace(label, power=device.running)
        for i, address in self._openings.items():
            found[i] = replace(found[i], opening=abs(float(data.qpos[address])))
        return found
