"""ros2 launch diarchy_ros2 agent.launch.py robot:=/path/to/my_robot.yaml [planner:=auto] [detector:=camera]

Brings the lifecycle node up: it is configured, then activated. Nav2 is started beside it with its cmd_vel remapped
to what the robot's file calls cmd_vel_in, for example in the launch of Nav2: remappings=[("cmd_vel", "cmd_vel_nav")].
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, EmitEvent, RegisterEventHandler
from launch.events import matches_action
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode
from launch_ros.event_handlers import OnStateTransition
from launch_ros.events.lifecycle import ChangeState
from lifecycle_msgs.msg import Transition


def generate_launch_description() -> LaunchDescription:
    """Say what to start."""
    names = {"robot": "", "planner": "auto", "detector": "camera", "use_sim_time": "false"}
    arguments = [DeclareLaunchArgument(n, default_value=v) for n, v in names.items()]
    node = LifecycleNode(
        package="diarchy_ros2",
        executable="agent",
        name="diarchy",
        namespace="",
        output="screen",
        parameters=[{n: LaunchConfiguration(n) for n in names}],
    )

    def change(transition: int) -> EmitEvent:
        return EmitEvent(
            event=ChangeState(lifecycle_node_matcher=matches_action(node), transition_id=transition)
        )

    configured = RegisterEventHandler(
        OnStateTransition(
            target_lifecycle_node=node,
            start_state="configuring",
            goal_state="inactive",
            entities=[change(Transition.TRANSITION_ACTIVATE)],
        )
    )
    return LaunchDescription(
        [*arguments, configured, node, change(Transition.TRANSITION_CONFIGURE)]
    )
