"""``diarchy explore``: draw the map of a home that the robot knows nothing of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from diarchy.agent.cli.output import print_json
from diarchy.contracts.errors import BadInputError, ExitCode

_LEAST_AREA = 1.0
_RESULT = "exploration.json"


def explore(
    *,
    scene: str,
    robot: str | None,
    seed: int,
    minutes: float,
    record: Path | None,
    dense_map: bool = False,
    as_json: bool,
) -> int:
    """Explore, write the map, say what came of it; returns the exit code.

    Raises:
        BadInputError: a choice is wrong, or the robot has no lidar.
        MissingExtraError: the ``slam`` extra is not installed.
    """
    if not 0.0 < minutes < float("inf"):
        raise BadInputError(f"--minutes must be more than 0, got {minutes}")
    from diarchy.agent.build import build_robot
    from diarchy.agent.exploring import Explorer, Wheels
    from diarchy.agent.run.dense import DenseRecorder
    from diarchy.agent.session import fresh_folder
    from diarchy.perception.slam import ScanSlam

    folder = record or fresh_folder(f"explore {scene if robot is None else robot}")
    _make(folder)  # before anything moves: a map that cannot be kept is not worth a drive
    driven = build_robot(scene, seed, robot=robot)
    try:
        if driven.sense((), lidar=True).scan is None:
            raise BadInputError(f"{driven.spec.name} has no lidar: it cannot draw a map")
        camera = driven.spec.head_camera
        dense = DenseRecorder(driven.spec) if dense_map else None
        wheels = Wheels(
            driven,
            ScanSlam(footprint=driven.spec.base.radius),
            camera=camera if camera in driven.spec.cameras else None,
            pictured=None if dense is None else dense.take,
        )
        found = Explorer(wheels).run(max_seconds=60.0 * minutes)
        guard = wheels.guard.stats
    finally:
        driven.stop()  # also where it was interrupted
        driven.close()
    result = _write(found, folder) | {
        "robot": driven.spec.name,
        "guard": {"checked": guard.checked, "modified": guard.modified, "stopped": guard.stopped},
    }
    if dense is not None:
        written = dense.write(folder)
        result["dense_map"] = None if written is None else str(written)
    (folder / _RESULT).write_text(json.dumps(result, indent=1), encoding="utf-8")
    if as_json:
        print_json(result)
    else:
        typer.echo(_words(result))
    known = found.status == "closed" and found.area >= _LEAST_AREA
    return int(ExitCode.DONE if known else ExitCode.NOT_ACHIEVED)


def _make(folder: Path) -> None:
    if (folder / _RESULT).exists():
        raise BadInputError(f"--record {folder}: holds an exploration already; give another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _RESULT).touch()
        (folder / _RESULT).unlink()
    except OSError as error:
        raise BadInputError(f"--record {folder}: cannot be written: {error.strerror}") from error


def _write(found: Any, folder: Path) -> dict[str, Any]:
    from diarchy.agent.exploring import picture, ros_grid
    from diarchy.robots.ros2.map_files import write_map

    meaning = write_map(ros_grid(found.grid), folder)
    image = folder / "map.png"
    picture(found.grid, found.way).save(image)
    return {
        "schema": 1,
        "status": found.status,
        "area_m2": round(found.area, 2),
        "seconds": round(found.seconds, 2),
        "travelled_m": round(found.drift.travelled, 2),
        "odometry_off_m": round(found.drift.shift, 3),
        "odometry_off_rad": round(found.drift.turn, 4),
        "loops": found.drift.loops,
        "keyframes": len(found.way),
        "map": str(meaning),
        "picture": str(image),
        "run_dir": str(folder),
    }


def _words(result: dict[str, Any]) -> str:
    why = {
        "closed": "nothing is left that can be reached and was not seen",
        "time": "time was up",
        "blocked": "no way led on",
        "stopped": "told to stop",
    }[str(result["status"])]
    return (
        f"{result['area_m2']} m2 of floor seen in {result['seconds']} s: {why}\n"
        f"odometry alone would be {result['odometry_off_m']} m off; {result['loops']} places were joined\n"
        f"map: {result['map']}\npicture: {result['picture']}"
        + (f"\ndense map: {result['dense_map']}" if result.get("dense_map") else "")
    )
