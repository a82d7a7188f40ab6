"""What moves in the furniture: doors, drawers, buttons and levers, as bodies with joints.

A moving body is named after its fixture (``fridge_1/door``, ``drawer_1/tray``), its joint too. Friction
holds doors, drawers and levers where they are left; a spring returns a button. None of them collides
with the furniture it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from diarchy.robots.home.fixtures import LocalControl, LocalDoor, LocalSlide
from diarchy.robots.home.furnish import Furnishing
from diarchy.robots.home.parts import Part, Vec3, add_part

DOOR_JOINT = "{}/hinge"
SLIDE_JOINT = "{}/slide"
BUTTON_JOINT = "{}/button"
LEVER_JOINT = "{}/lever"

# Light sprung parts sink through a softer limit.
_LIMIT = [0.008, 1.0]


def opening_joint(thing: Furnishing) -> str | None:
    """Name of the joint of a fixture's door or drawer, None if it has neither."""
    if thing.model.door is not None:
        return DOOR_JOINT.format(thing.entity_id)
    return SLIDE_JOINT.format(thing.entity_id) if thing.model.slide is not None else None


def control_joint(thing: Furnishing) -> str | None:
    """Name of the joint of a fixture's button or lever, None if it has neither.

    It reads 0 when released, and the control's ``travel`` when pressed or turned all the way.
    """
    control = thing.model.control
    if control is None:
        return None
    return (BUTTON_JOINT if control.kind == "button" else LEVER_JOINT).format(thing.entity_id)


def add_moving_parts(spec: Any, body: Any, thing: Furnishing) -> None:
    """Hang a fixture's door, drawer and control on its `MjsBody`."""
    frames = [body.name, *([thing.part_of] if thing.part_of else [])]
    moving = []
    if thing.model.door is not None:
        moving.append(_add_door(spec, body, thing.model.door))
    if thing.model.slide is not None:
        moving.append(_add_drawer(spec, body, thing.model.slide))
    if thing.model.control is not None:
        moving.append(_add_control(spec, body, thing.model.control))
    for i, name in enumerate(moving):
        for frame in [*frames, *moving[:i]]:
            spec.add_exclude(bodyname1=frame, bodyname2=name)


def _add_door(spec: Any, parent: Any, door: LocalDoor) -> str:
    import mujoco

    low, high = (0.0, door.max_angle) if door.sign > 0 else (-door.max_angle, 0.0)
    body = _moving_body(spec, parent, "door", door.axis, door.parts, door.mass)
    body.add_joint(
        name=DOOR_JOINT.format(parent.name),
        type=mujoco.mjtJoint.mjJNT_HINGE,
        axis=[0, 0, 1],
        range=[low, high],
        armature=0.1,
        damping=2.0,
        frictionloss=door.friction,
        solref_limit=_LIMIT,
    )
    return str(body.name)


def _add_drawer(spec: Any, parent: Any, slide: LocalSlide) -> str:
    import mujoco

    body = _moving_body(spec, parent, "tray", (0.0, 0.0, 0.0), slide.parts, slide.mass)
    body.add_joint(
        name=SLIDE_JOINT.format(parent.name),
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=[1, 0, 0],
        range=[0.0, slide.travel],
        armature=0.5,
        damping=8.0,
        frictionloss=slide.friction,
        solref_limit=_LIMIT,
    )
    return str(body.name)


def _add_control(spec: Any, parent: Any, control: LocalControl) -> str:
    if control.kind == "button":
        return _add_button(spec, parent, control)
    return _add_lever(spec, parent, control)


def _add_button(spec: Any, parent: Any, control: LocalControl) -> str:
    import mujoco

    body = _moving_body(spec, parent, "button", control.at, control.parts, 0.05)
    body.gravcomp = 1.0
    body.add_joint(
        name=BUTTON_JOINT.format(parent.name),
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=[-v for v in control.normal],
        range=[0.0, control.travel],
        stiffness=250.0,
        springref=-0.004,
        armature=0.1,
        damping=6.0,
        solref_limit=_LIMIT,
    )
    return str(body.name)


def _add_lever(spec: Any, parent: Any, control: LocalControl) -> str:
    import mujoco

    assert control.pivot is not None
    body = _moving_body(spec, parent, "lever", control.pivot, control.parts, 0.15)
    (ax, ay, _), (px, py, _) = control.at, control.pivot
    nx, ny, _ = control.normal
    turn = 1.0 if (ax - px) * ny - (ay - py) * nx > 0 else -1.0
    body.add_joint(
        name=LEVER_JOINT.format(parent.name),
        type=mujoco.mjtJoint.mjJNT_HINGE,
        axis=[0, 0, turn],
        range=[0.0, control.travel],
        armature=0.01,
        damping=0.05,
        frictionloss=0.15,
        solref_limit=_LIMIT,
    )
    return str(body.name)


def _moving_body(
    spec: Any, parent: Any, suffix: str, origin: Vec3, parts: Iterable[Part], mass: float
) -> Any:
    name = f"{parent.name}/{suffix}"
    body = parent.add_body(name=name, pos=origin)
    held = list(parts)
    solid = sum(part.solid for part in held)
    for i, part in enumerate(held):
        x, y, z = (float(a - b) for a, b in zip(part.at, origin, strict=True))
        add_part(spec, body, replace(part, at=(x, y, z)), f"{name}/{i}", mass=mass / solid)
    return body
