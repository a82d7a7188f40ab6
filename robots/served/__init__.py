"""A robot that is a process of its own: `RobotServer` holds the body, `ServedRobot` drives it over a Unix socket."""

from diarchy.robots.served.client import ServedRobot
from diarchy.robots.served.server import RobotServer

__all__ = ["RobotServer", "ServedRobot"]
