"""The file in which a team declares its robot: topics, frames, limits. See docs/embedding.md."""

from diarchy.robots.ros2.config.load import example_names, load_config
from diarchy.robots.ros2.config.schema import Ros2Config

__all__ = ["Ros2Config", "example_names", "load_config"]
