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

    sys.exit(main([a for a in sys.argv[1:] if not a.startswith("--ros-args")]))
