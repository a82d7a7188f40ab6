"""One observation in, one percept out."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import Detection, Sighting, StaticMap
from diarchy.contracts.errors import BadInputError, StaleDataError
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.perception import Detector, Localizer
from diarchy.contracts.robot import Observation, Proprio, RobotSpec
from diarchy.perception.external_localizer import ExternalLocalizer
from diarchy.perception.furniture import which_fixture
from diarchy.perception.lifting import lift
from diarchy.perception.localization import ScanLocalizer
from diarchy.perception.percept import FixtureReading, LocalizationQuality, Percept, View
from diarchy.perception.unmatched import Unmatched

AHEAD_S = 0.5
"""A stamp may be so much (s) ahead of the robot's own clock; beyond that a clock has jumped."""


class Perception:
    """Detection, lifting and localisation of one robot.

    Args:
        spec: the embodiment.
        detector: finds things in images.
        localizer: keeps ``map_from_base``.
        static_map: tells fixtures from movable things, and what things stand on; None: the one
            that the localizer matches scans to.

    Raises:
        BadInputError: neither is there.
    """

    def __init__(
        self,
        spec: RobotSpec,
        detector: Detector,
        localizer: Localizer,
        static_map: StaticMap | None = None,
    ) -> None:
        static_map = static_map or getattr(localizer, "static_map", None)
        if static_map is None:
            raise BadInputError("perception needs a static map: this localizer has none, pass one")
        self.spec = spec
        self.detector = detector
        self.localizer = localizer
        self._map: StaticMap = static_map
        self._fixture_classes = {f.entity.cls for f in static_map.fixtures.values()}
        self._newest: dict[str, float] = {}
        self._openings: dict[str, float] = {}
        self._unmatched = Unmatched(static_map)

    def track(self, proprio: Proprio) -> SE3:
        """``map_from_base`` by odometry since the last scan; cheap, every tick."""
        return self.localizer.predict(proprio)

    def digest(self, observation: Observation) -> Percept:
        """Correct the pose by the scan, find things in the images, lift them to boxes.

        Raises:
            StaleDataError: a reading is older than the last one digested from its sensor, or newer than
                the robot's own clock.
        """
        self._refuse_stale(observation)
        base, quality = self._localize(observation)
        views = [View(f, base @ f.base_from_camera) for _, f in sorted(observation.frames.items())]
        detected = [(view, d) for view in views for d in self.detector.detect(view.frame)]
        fixtures = self._furniture(detected)
        sightings = self._things(detected)
        stamps = [v.frame.stamp for v in views]
        return Percept(
            stamp=max(stamps, default=observation.proprio.stamp),
            map_from_base=base,
            sightings=tuple(_merge(sightings)),
            fixtures=tuple(fixtures),
            views=tuple(views),
            localization=quality,
            at_rest=observation.proprio.at_rest(),
            detector=self.detector.name,
            scan=observation.scan,
            unmatched=self._unmatched_points(observation, base, quality),
        )

    def _furniture(self, detected: list[tuple[View, Detection]]) -> list[FixtureReading]:
        """Read the fixtures first: what lies in a drawer stands where the drawer is now."""
        readings: list[FixtureReading] = []
        lifted: View | None = None  # the view that `points` are of
        points = np.zeros((0, 0, 3))
        for view, detection in detected:
            if detection.cls not in self._fixture_classes:
                continue
            valid = detection.mask & (view.frame.depth > 0.0)
            if not valid.any():
                continue
            if view is not lifted:
                lifted, points = view, view.frame.intrinsics.backproject(view.frame.depth)
            at = np.median(view.map_from_camera.apply(points[valid]), axis=0)
            reading = FixtureReading(detection, at, view.frame.stamp)
            readings.append(reading)
            name = which_fixture(self._map, reading, self._openings)
            if name is not None and detection.opening is not None:
                self._openings[name] = detection.opening
        return readings

    def _things(self, detected: list[tuple[View, Detection]]) -> list[Sighting]:
        lifted = (
            lift(view.frame, view.map_from_camera, detection, self._map, self._openings)
            for view, detection in detected
            if detection.cls not in self._fixture_classes
        )
        return [sighting for sighting in lifted if sighting is not None]

    def _localize(self, observation: Observation) -> tuple[SE3, LocalizationQuality | None]:
        if observation.scan is None:
            return self.localizer.predict(observation.proprio), None
        base = self.localizer.correct(observation.proprio, observation.scan)
        if isinstance(self.localizer, (ScanLocalizer, ExternalLocalizer)):
            return base, self.localizer.quality
        return base, None

    def _unmatched_points(
        self, observation: Observation, base: SE3, quality: LocalizationQuality | None
    ) -> FloatArray | None:
        if observation.scan is None:
            return None
        fitted = quality is not None and quality.accepted
        return self._unmatched.of(observation.scan, base, fitted=fitted)

    def _refuse_stale(self, observation: Observation) -> None:
        stamps = {f"camera '{n}'": f.stamp for n, f in observation.frames.items()}
        if observation.scan is not None:
            stamps["lidar"] = observation.scan.stamp
        now = observation.proprio.stamp
        for source, stamp in sorted(stamps.items()):
            if stamp > now + AHEAD_S:
                raise StaleDataError(
                    f"{source} gave a reading of {stamp:.3f} s, and it is {now:.3f} s: its clock is wrong"
                )
            newest = self._newest.get(source, -np.inf)
            if stamp < newest:
                raise StaleDataError(
                    f"{source} gave a reading of {stamp:.3f} s after one of {newest:.3f} s; "
                    "drop what arrives late"
                )
        self._newest |= stamps


def _merge(sightings: list[Sighting]) -> list[Sighting]:
    """Keep one sighting of a thing that two cameras saw: the whole one, then the one of more points."""
    best: dict[str, Sighting] = {}
    rest: list[Sighting] = []
    for sighting in sightings:
        key = sighting.detection.instance
        if key is None:
            rest.append(sighting)
            continue
        other = best.get(key)
        if other is None or _rank(sighting) > _rank(other):
            best[key] = sighting
    return [*best.values(), *rest]


def _rank(sighting: Sighting) -> tuple[bool, int]:
    return (not sighting.truncated, sighting.points)
