"""The static map as data for the trace, so that a report can draw it without the robot."""

from __future__ import annotations

from typing import Any

from diarchy.contracts.entity import Box, StaticMap


def describe_map(static_map: StaticMap) -> dict[str, Any]:
    """Return rooms, walls, fixtures and people with rounded coordinates (m, rad, in ``map``)."""
    return {
        "bounds": [round(v, 3) for v in static_map.bounds],
        "rooms": {name: [round(v, 3) for v in box] for name, box in static_map.rooms.items()},
        "walls": [_rectangle(w) for w in static_map.walls if _stands(w)],
        "fixtures": [
            {
                "id": f.entity.id,
                "cls": f.entity.cls,
                "x": round(f.entity.position[0], 3),
                "y": round(f.entity.position[1], 3),
                "yaw": round(f.entity.yaw, 3),
                "sx": round(f.entity.extent[0], 3),
                "sy": round(f.entity.extent[1], 3),
                "top": round(f.entity.top, 3),
            }
            for f in static_map.fixtures.values()
        ],
        "people": [
            {"id": p.id, "x": round(p.position[0], 3), "y": round(p.position[1], 3)}
            for p in static_map.people
        ],
    }


def _stands(wall: Box) -> bool:
    """Tell a wall from the lintel of a doorway, which nobody bumps into."""
    return bool(wall.pose.translation[2] - wall.size[2] / 2.0 < 1.5)


def _rectangle(box: Box) -> dict[str, float]:
    x, y = box.pose.translation[:2]
    return {
        "x": round(float(x), 3),
        "y": round(float(y), 3),
        "yaw": round(box.pose.yaw, 3),
        "sx": round(float(box.size[0]), 3),
        "sy": round(float(box.size[1]), 3),
    }
