"""ROS 2 messages to diarchy's nouns and back.

Messages coming in are duck-typed: any object with the fields will do, and sequences may be lists,
``array.array`` or NumPy arrays. Messages going out are made by a `Factory`, so that no module here
imports ROS. Every scalar is converted with ``float()`` or ``int()``: rclpy does not check, and an int
in a float field arrives as garbage.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Factory = Callable[[str], Any]
"""Makes a message of a type such as ``sensor_msgs/msg/Image`` with default fields."""
