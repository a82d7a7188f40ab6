"""Where the base is, as the robot's own SLAM says."""

from __future__ import annotations

from collections.abc import Callable

from diarchy.contracts.entity import StaticMap
from diarchy.contracts.errors import StaleDataError
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import LidarScan, Pose2, Proprio
from diarchy.perception.percept import LocalizationQuality


class ExternalLocalizer:
    """Implements `Localizer` over someone else's ``map_from_odom``.

    Args:
        static_map: fixtures in the frame ``map`` of that SLAM.
        map_from_odom: asks it; may raise `StaleDataError`.
        start: ``map_from_base`` until it has answered for the first time.
    """

    def __init__(
        self, static_map: StaticMap, map_from_odom: Callable[[], SE3], start: Pose2
    ) -> None:
        self.static_map = static_map
        self._ask = map_from_odom
        self._start = start
        self._map_from_odom: SE3 | None = None
        self.quality = LocalizationQuality(False, 0.0, 0.0, 0.0, 0.0, "not asked yet")

    def predict(self, proprio: Proprio) -> SE3:
        """Return ``map_from_base`` by odometry since it was last asked."""
        odom = proprio.odom.se3()
        if self._map_from_odom is None:
            self._map_from_odom = self._start.se3() @ odom.inverse()
        return self._map_from_odom @ odom

    def correct(self, proprio: Proprio, scan: LidarScan) -> SE3:
        """Ask anew; the scan itself has gone to the SLAM. What it does not know changes nothing."""
        before = self.predict(proprio)
        try:
            self._map_from_odom = self._ask()
        except StaleDataError as error:
            self.quality = LocalizationQuality(
                False, 0.0, 0.0, 0.0, 0.0, str(error), self.quality.stamp
            )
            return before
        after = self._map_from_odom @ proprio.odom.se3()
        moved = before.inverse() @ after
        shift = float((moved.translation[:2] ** 2).sum() ** 0.5)
        self.quality = LocalizationQuality(True, 1.0, 0.0, shift, abs(moved.yaw), "", scan.stamp)
        return after
