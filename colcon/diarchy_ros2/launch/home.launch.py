"""ros2 launch diarchy_ros2 home.launch.py [scene:=home]: the simulated home as a robot."""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess
from launch.substitutions import LaunchConfiguration


def generate_launch_description() -> LaunchDescription:
    """Say what to start."""
    return LaunchDescription(
        [
            DeclareLaunchArgument("scene", default_value="home"),
            ExecuteProcess(
                cmd=[
                    "ros2",
                    "run",
                    "diarchy_ros2",
                    "home",
                    "--scene",
                    LaunchConfiguration("scene"),
                ],
                output="screen",
            ),
        ]
    )
