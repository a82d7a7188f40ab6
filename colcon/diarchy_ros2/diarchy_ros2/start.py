"""``ros2 run diarchy_ros2 agent`` and ``ros2 run diarchy_ros2 home``."""

from __future__ import annotations

import sys


def agent() -> None:
    """Run the lifecycle-managed agent node."""
    from diarchy.agent.ros_agent import main

    sys.exit(main())


def home() -> None:
    """Run the simulated home as a robot."""
    from diarchy.robots.ros2.home import main

    sys.exit(main(without_ros(sys.argv[1:])))


def without_ros(arguments: list[str]) -> list[str]:
    """Leave out what is between ``--ros-args`` and ``--`` (or the end): that is for ROS, which launch adds."""
    kept, ours = [], True
    for argument in arguments:
        if argument == "--ros-args":
            ours = False
        elif argument == "--" and not ours:
            ours = True
        elif ours:
            kept.append(argument)
    return kept
