"""Which pixel belongs to what: the only door from the simulator's truth to the oracle detector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import EntityKind
from diarchy.robots.home.placement import Placed
from diarchy.robots.home.scene import Scene
from diarchy.robots.home.world import DOOR_JOINT


@dataclass(frozen=True)
class InstanceLabel:
    """What an instance id stands for; ``opening`` in rad is that of the moment it was asked for."""

    entity_id: str
    cls: str
    kind: EntityKind
    attributes: Mapping[str, str] = field(default_factory=dict)
    opening: float | None = None


class Instances:
    """Instance ids of a compiled scene: 0, 1, 2 ... for fixtures, objects and people, -1 for the rest."""

    def __init__(self, model: Any, scene: Scene, placed: list[Placed]) -> None:
        fixtures = zip(scene.fixture_ids, scene.fixtures, strict=True)
        labels = [InstanceLabel(i, f.cls, "fixture") for i, f in fixtures]
        labels += [InstanceLabel(p.id, p.cls, "object", {"color": p.color}) for p in placed]
        labels += [InstanceLabel(i, "Person", "person") for i in scene.person_ids]
        self._labels = tuple(labels)
        ids = {label.entity_id: i for i, label in enumerate(labels)}
        owners = [model.body(int(b)).name.split("/")[0] for b in model.geom_bodyid]
        # One more entry than geoms: index -1, "nothing was hit", is background too.
        self.of_geom: npt.NDArray[np.int32] = np.array(
            [ids.get(owner, -1) for owner in owners] + [-1], dtype=np.int32
        )
        self._doors = {
            i: int(model.joint(DOOR_JOINT.format(label.entity_id)).qposadr[0])
            for i, label in enumerate(labels)
            if label.kind == "fixture" and _has_joint(model, DOOR_JOINT.format(label.entity_id))
        }

    def read(self, data: Any) -> dict[int, InstanceLabel]:
        """Return the labels by instance id, with the doors' present angles."""
        found = dict(enumerate(self._labels))
        for i, address in self._doors.items():
            label = found[i]
            angle = abs(float(data.qpos[address]))
            found[i] = InstanceLabel(label.entity_id, label.cls, "fixture", {}, angle)
        return found


def _has_joint(model: Any, name: str) -> bool:
    import mujoco

    return bool(mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT, name) >= 0)
