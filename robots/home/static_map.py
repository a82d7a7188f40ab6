"""The map the robot is given: walls, rooms, fixtures, where people stand. No movable object is in it."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import (
    Box,
    Entity,
    FixtureInfo,
    Hinge,
    StaticMap,
    Surface,
    Vec3,
)
from diarchy.contracts.geometry import SE3
from diarchy.robots.home.fixtures import FIXTURE_CLASSES, FixtureModel, LocalDoor
from diarchy.robots.home.parts import Part, part_pose
from diarchy.robots.home.people import PERSON_EXTENT
from diarchy.robots.home.rooms import home_bounds, walls
from diarchy.robots.home.scene import FixtureSpec, PersonSpec, Scene


def static_map(scene: Scene) -> StaticMap:
    """Build the map of a scene, from the same parts that the simulator is built from."""
    rooms = {name: room.bounds for name, room in scene.rooms.items()}
    bare = StaticMap(home_bounds(scene), rooms, (), {})
    fixtures = {
        entity_id: fixture_info(entity_id, fixture, bare.room_at(fixture.x, fixture.y))
        for entity_id, fixture in zip(scene.fixture_ids, scene.fixtures, strict=True)
    }
    people = tuple(
        _person(entity_id, person, bare.room_at(person.x, person.y))
        for entity_id, person in zip(scene.person_ids, scene.people, strict=True)
    )
    solid = tuple(_box(SE3.identity(), wall.part) for wall in walls(scene))
    return StaticMap(bare.bounds, rooms, solid, fixtures, people)


def fixture_pose(fixture: FixtureSpec) -> SE3:
    """Return ``map_from_fixture``; the fixture's x axis looks out of its front."""
    return SE3.from_xyz_yaw(fixture.x, fixture.y, 0.0, float(np.radians(fixture.yaw_deg)))


def fixture_info(entity_id: str, fixture: FixtureSpec, room: str | None) -> FixtureInfo:
    """Describe one fixture in ``map``."""
    model = FIXTURE_CLASSES[fixture.cls]()
    pose = fixture_pose(fixture)
    parts = [*model.parts, *(model.door.parts if model.door else ())]
    return FixtureInfo(
        entity=_fixture_entity(entity_id, fixture.cls, model, pose, room),
        boxes=tuple(_box(pose, part) for part in parts if part.solid),
        front=pose.rotation[:2, 0].copy(),
        surfaces=tuple(
            Surface(pose @ SE3.from_translation(s.at), s.size, s.clearance, s.relation, s.approach)
            for s in model.surfaces
        ),
        hinge=_hinge(model.door, pose) if model.door else None,
    )


def _fixture_entity(
    entity_id: str, cls: str, model: FixtureModel, pose: SE3, room: str | None
) -> Entity:
    relations = {s.relation for s in model.surfaces}
    return Entity(
        id=entity_id,
        cls=cls,
        kind="fixture",
        position=_vec3(pose.apply([0.0, 0.0, model.size[2] / 2])),
        yaw=pose.yaw,
        extent=model.size,
        room=room,
        can_hold=tuple(r for r in ("on", "in") if r in relations),
        openable=model.door is not None,
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
