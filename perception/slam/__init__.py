"""Mapping an unknown home, and knowing where one is in it."""

from diarchy.perception.slam.grid_field import GridField
from diarchy.perception.slam.occupancy_grid import OccupancyGrid
from diarchy.perception.slam.scan_slam import Drift, ScanSlam

__all__ = ["Drift", "GridField", "OccupancyGrid", "ScanSlam"]
