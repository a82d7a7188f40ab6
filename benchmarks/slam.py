"""How well the robot knows where it is in a home that nobody told it about.

    python benchmarks/slam.py [--scenes home,flat] [--seeds 1,2] [--metres 60] [--error 0.02] [--json] [--out DIR]

The robot explores with an empty map, then drives on to random places of its own map until its tour is long
enough. Its odometry is wrong by ``--error`` of every distance and every turn, and by a random walk on top. At every scan its
pose in its own map is compared with the simulator's, both begun at the start. Beside it stand odometry alone,
on the same drive, and the same scans without joining places that are seen again.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from diarchy.agent.exploring import Explorer, Wheels, picture
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import LidarScan, Proprio
from diarchy.perception.planar import between, planar
from diarchy.perception.slam import ScanSlam
from diarchy.robots.home import HomeRobot
from diarchy.skills.motion.mapped import mapped_costmap
from diarchy.skills.motion.path import TravelField
from diarchy.skills.motion.unicycle import Follow


class Judged(ScanSlam):
    """Compares every corrected pose with the truth, and with what odometry alone would say."""

    def __init__(self, robot: HomeRobot) -> None:
        super().__init__(footprint=robot.spec.base.radius)
        self._robot = robot
        self._begin = self._truth()
        self._odom0 = _odom(robot.proprio())
        self.rows: list[FloatArray] = []
        self.scans: list[tuple[Proprio, LidarScan, FloatArray]] = []
        self.seconds = 0.0
        self.metres = 0.0
        self.refused = 0
        self._last = self._begin

    def correct(self, proprio: Proprio, scan: LidarScan) -> SE3:
        began = time.thread_time()
        pose = super().correct(proprio, scan)
        self.seconds += time.thread_time() - began
        self.refused += not self.quality.accepted
        now = self._truth()
        self.metres += float(np.hypot(*(now[:2] - self._last[:2])))
        self._last = now
        truth = between(self._begin, now)
        alone = between(self._odom0, _odom(proprio))
        self.rows.append(np.concatenate([_off(planar(pose), truth), _off(alone, truth)]))
        self.scans.append((proprio, scan, truth))
        return pose

    def _truth(self) -> FloatArray:
        pose = self._robot.truth.base()
        return np.array([pose.x, pose.y, pose.yaw])


def without_loops(judged: Judged) -> FloatArray:
    """Errors ``[N, 2]`` of the same scans when places that are seen again are not joined."""
    slam = ScanSlam(loops=False)
    return np.array([_off(planar(slam.correct(p, s)), truth) for p, s, truth in judged.scans])


def tour(scene: str, seed: int, metres: float, error: float, out: Path | None) -> dict[str, Any]:
    sign = 1.0 if seed % 2 else -1.0
    robot = HomeRobot(scene, seed=seed, odometry_scale=(sign * error, -sign * error))
    slam = Judged(robot)
    wheels = Wheels(robot, slam, camera=robot.spec.head_camera)
    found = Explorer(wheels).run()
    explored = slam.metres
    rng = np.random.default_rng(seed)
    while slam.metres < metres:
        _somewhere(wheels, rng)
    errors = np.array(slam.rows)
    plain = without_loops(slam)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        way = np.array([k.pose for k in slam.keyframes])
        picture(slam.grid(), way).save(out / f"{scene}-{seed}.png")
    drift = slam.drift
    robot.close()
    degrees = np.degrees(errors[:, [1, 3]])
    return {
        "scene": scene,
        "seed": seed,
        "metres": round(slam.metres, 1),
        "explored_m": round(explored, 1),
        "area_m2": round(found.area, 1),
        "status": found.status,
        "mean_m": round(float(errors[:, 0].mean()), 4),
        "max_m": round(float(errors[:, 0].max()), 4),
        "p95_m": round(float(np.percentile(errors[:, 0], 95)), 4),
        "mean_deg": round(float(degrees[:, 0].mean()), 3),
        "odometry_mean_m": round(float(errors[:, 2].mean()), 3),
        "odometry_mean_deg": round(float(degrees[:, 1].mean()), 2),
        "no_loops_mean_m": round(float(plain[:, 0].mean()), 4),
        "loops": drift.loops,
        "scans": len(errors),
        "refused": slam.refused,
        "scan_ms": round(1e3 * slam.seconds / len(errors), 2),
    }


def _somewhere(wheels: Wheels, rng: np.random.Generator) -> None:
    pose = wheels.pose()
    costmap = mapped_costmap(wheels.slam.grid(), wheels.spec, escape_from=(pose.x, pose.y))
    field = TravelField.build(costmap, (pose.x, pose.y))
    cells = np.argwhere(np.isfinite(field.costs) & (field.costs > 1.0))
    if not len(cells):
        raise SystemExit("there is no way from here: the tour ends")
    spot = costmap.grid.origin + (cells[rng.integers(len(cells))] + 0.5) * costmap.grid.resolution
    path = field.path(*spot.tolist())
    if path is not None:
        wheels.follow(Follow(path, tolerance=0.10))


def _odom(proprio: Proprio) -> FloatArray:
    return np.array([proprio.odom.x, proprio.odom.y, proprio.odom.yaw])


def _off(pose: FloatArray, truth: FloatArray) -> FloatArray:
    error = between(truth, pose)
    return np.array([np.hypot(error[0], error[1]), abs(error[2])])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", default="home,flat")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--metres", type=float, default=60.0)
    parser.add_argument("--error", type=float, default=0.02)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = []
    for scene in args.scenes.split(","):
        for seed in args.seeds.split(","):
            rows.append(tour(scene, int(seed), args.metres, args.error, args.out))
            if not args.json:
                print(rows[-1], flush=True)
    if args.json:
        print(json.dumps({"schema": 1, "tours": rows}))


if __name__ == "__main__":
    main()
