"""The map the robot is given: walls, rooms, fixtures, where people stand. No movable object is in it."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import (
    Box,
    Control,
    Entity,
    FixtureInfo,
    Hinge,
    Slide,
    StaticMap,
    Surface,
    Vec3,
)
from diarchy.contracts.geometry import SE3
from diarchy.robots.home.fixtures import LocalControl, LocalDoor, LocalSlide
from diarchy.robots.home.furnish import Furnishing, furnish
from diarchy.robots.home.parts import Part, part_pose
from diarchy.robots.home.people import PERSON_EXTENT, hands_at
from diarchy.robots.home.rooms import home_bounds, walls
from diarchy.robots.home.scene import PersonSpec, Scene


def static_map(scene: Scene) -> StaticMap:
    """Build the map of a scene, from the same parts that the simulator is built from."""
    rooms = {name: room.bounds for name, room in scene.rooms.items()}
    bare = StaticMap(home_bounds(scene), rooms, (), {})
    fixtures = {
        f.entity_id: fixture_info(f, bare.room_at(f.spec.x, f.spec.y)) for f in furnish(scene)
    }
    people = tuple(
        _person(entity_id, person, bare.room_at(person.x, person.y))
        for entity_id, person in zip(scene.person_ids, scene.people, strict=True)
    )
    solid = tuple(_box(SE3.identity(), wall.part) for wall in walls(scene))
    hands = {p.id: hands_at(SE3.from_xyz_yaw(*p.position[:2], 0.0, p.yaw)) for p in people}
    return StaticMap(bare.bounds, rooms, solid, fixtures, people, hands, scene.keep_out)


def fixture_info(thing: Furnishing, room: str | None) -> FixtureInfo:
    """Describe one fixture in ``map``; its solid parts come in the order body, moving, control."""
    model, pose = thing.model, thing.pose
    opening = model.door or model.slide
    solid = [part for part in model.parts if part.solid]
    moving = [part for part in (opening.parts if opening else ()) if part.solid]
    switch = [part for part in (model.control.parts if model.control else ()) if part.solid]
    return FixtureInfo(
        entity=_fixture_entity(thing, room),
        boxes=tuple(_box(pose, part) for part in (*solid, *moving, *switch)),
        front=pose.rotation[:2, 0].copy(),
        surfaces=tuple(
            Surface(
                pose @ SE3.from_translation(s.at),
                s.size,
                s.clearance,
                s.relation,
                s.approach,
                s.radius,
            )
            for s in model.surfaces
        ),
        hinge=_hinge(model.door, pose) if model.door else None,
        slide=_slide(model.slide, pose) if model.slide else None,
        control=_control(model.control, pose) if model.control else None,
        moving=tuple(range(len(solid), len(solid) + len(moving))),
    )


def _fixture_entity(thing: Furnishing, room: str | None) -> Entity:
    model, pose = thing.model, thing.pose
    relations = {s.relation for s in model.surfaces}
    return Entity(
        id=thing.entity_id,
        cls=thing.cls,
        kind="fixture",
        position=_vec3(pose.apply([0.0, 0.0, model.size[2] / 2])),
        yaw=pose.yaw,
        extent=model.size,
        room=room,
        can_hold=tuple(r for r in ("on", "in") if r in relations),
        openable=model.door is not None or model.slide is not None,
        switchable=model.control is not None,
        part_of=thing.part_of,
    )


def _hinge(door: LocalDoor, pose: SE3) -> Hinge:
    return Hinge(
        origin=pose.apply(door.axis),
        sign=door.sign,
        handle=pose.apply(door.handle),
        handle_normal=pose.rotation[:, 0].copy(),
        handle_axis=np.array([0.0, 0.0, 1.0]),
        max_angle=door.max_angle,
        panel=_box(pose, door.panel),
    )


def _slide(slide: LocalSlide, pose: SE3) -> Slide:
    return Slide(
        axis=pose.rotation[:, 0].copy(),
        handle=pose.apply(slide.handle),
        handle_axis=pose.rotation[:, 1].copy(),
        travel=slide.travel,
        face=_box(pose, slide.face),
    )


def _control(control: LocalControl, pose: SE3) -> Control:
    return Control(
        kind=control.kind,
        at=pose.apply(control.at),
        normal=pose.rotation @ np.array(control.normal),
        travel=control.travel,
        pivot=None if control.pivot is None else pose.apply(control.pivot),
    )


def _person(entity_id: str, person: PersonSpec, room: str | None) -> Entity:
    return Entity(
        id=entity_id,
        cls="Person",
        kind="person",
        position=(person.x, person.y, PERSON_EXTENT[2] / 2),
        yaw=float(np.radians(person.yaw_deg)),
        extent=PERSON_EXTENT,
        room=room,
    )


def _box(parent: SE3, part: Part) -> Box:
    return Box(parent @ part_pose(part), np.array(part.size, dtype=np.float64))


def _vec3(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Vec3:
    return (float(values[0]), float(values[1]), float(values[2]))
