"""How long the learned detector takes for a frame, against the network it was exported from.

    python benchmarks/detector_latency.py [ONNX] [--weights SAFETENSORS] [--frames 30] [--repeats 5]

The baseline is the trained network as torch runs it on one thread, normalisations not folded, without making
boxes or masks of what it says. Both on one thread, interleaved, on the head camera's views of the shipped
home from several directions, 640 by 480.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import torch

from diarchy.contracts.robot import Action, CameraFrame
from diarchy.perception.learned.detector import SHIPPED, LearnedDetector
from diarchy.perception.learned.network import NetConfig, Segmenter
from diarchy.perception.learned.train import load
from diarchy.robots.home import HomeRobot


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("onnx", type=Path, nargs="?", default=SHIPPED)
    parser.add_argument("--weights", type=Path, default=None)
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=5)
    choices = parser.parse_args()
    torch.set_num_threads(1)
    detector = LearnedDetector(choices.onnx)
    net = _network(choices.weights, detector)
    frames = _views(choices.frames)
    times: dict[str, list[float]] = {"detect": [], "torch": []}
    found = 0
    for repeat in range(choices.repeats + 1):
        for frame in frames:
            calls: tuple[tuple[str, Callable[[], object]], ...] = (
                ("detect", lambda f=frame: detector.detect(f)),  # type: ignore[misc]
                ("torch", lambda f=frame: _plain(net, f)),  # type: ignore[misc]
            )
            for name, call in calls:
                began = time.perf_counter()
                said = call()
                if repeat:
                    times[name].append(1e3 * (time.perf_counter() - began))
                    found += len(said) if isinstance(said, list) else 0
    _report(times, found / max(1, len(times["detect"])))


def _report(times: dict[str, list[float]], found: float) -> None:
    report = {
        f"{name}_{q}_ms": round(float(np.percentile(values, p)), 2)
        for name, values in times.items()
        for q, p in (("least", 0), ("p50", 50), ("p99", 99))
    }
    ratio = np.median(times["torch"]) / np.median(times["detect"])
    report |= {"torch_over_detect": round(float(ratio), 2), "detections_a_frame": round(found, 1)}
    sys.stdout.write(json.dumps(report) + "\n")


def _network(weights: Path | None, detector: LearnedDetector) -> Segmenter:
    if weights is not None:
        return load(weights)[0]
    # Speed does not depend on what was learned.
    labels = detector.labels
    return Segmenter(NetConfig(len(labels.classes), len(labels.colors))).eval()


@torch.no_grad()
def _plain(net: Segmenter, frame: CameraFrame) -> object:
    picture = torch.from_numpy(frame.rgb.copy()).permute(2, 0, 1)[None]
    return net(picture.float() / 255.0)


def _views(count: int) -> list[CameraFrame]:
    """Frames while the robot turns on the spot and moves its head."""
    frames = []
    with closing(HomeRobot("home", seed=3)) as robot:
        joints = robot.spec.postures["tuck"].copy()
        for i in range(count):
            joints[-1] = 0.3 + 0.4 * (i % 3) / 2
            for _ in range(60):
                robot.apply(Action(np.array([0.0, 0.7]), joints, 0.0))
            frames.append(robot.sense(("head_camera",), lidar=False).frames["head_camera"])
    return frames


if __name__ == "__main__":
    main()
