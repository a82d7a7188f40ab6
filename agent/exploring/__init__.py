"""Exploring a home that nobody told the robot about."""

from diarchy.agent.exploring.explorer import Exploration, Explorer
from diarchy.agent.exploring.picture import picture, ros_grid
from diarchy.agent.exploring.wheels import Wheels

__all__ = ["Exploration", "Explorer", "Wheels", "picture", "ros_grid"]
