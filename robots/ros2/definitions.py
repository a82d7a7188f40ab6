"""Field definitions of the ROS 2 types that diarchy speaks, in the words of the .msg files.

From these the strict stand-ins (`diarchy.robots.ros2.strict`) are made. Tests compare them with the
Jazzy and Humble type stores of ``rosbags``; nav2, control and service types are in no such store
and are written down here from their packages (Jazzy). Only fields are listed, no constants.
"""

from __future__ import annotations

DEFINITIONS: dict[str, str] = {
    "builtin_interfaces/msg/Time": "int32 sec; uint32 nanosec",
    "builtin_interfaces/msg/Duration": "int32 sec; uint32 nanosec",
    "rosgraph_msgs/msg/Clock": "builtin_interfaces/Time clock",
    "std_msgs/msg/Header": "builtin_interfaces/Time stamp; string frame_id",
    "std_msgs/msg/String": "string data",
    "std_msgs/msg/Empty": "",
    "std_msgs/msg/ColorRGBA": "float32 r; float32 g; float32 b; float32 a",
    "geometry_msgs/msg/Vector3": "float64 x; float64 y; float64 z",
    "geometry_msgs/msg/Point": "float64 x; float64 y; float64 z",
    "geometry_msgs/msg/Quaternion": "float64 x; float64 y; float64 z; float64 w",
    "geometry_msgs/msg/Pose": "geometry_msgs/Point position; geometry_msgs/Quaternion orientation",
    "geometry_msgs/msg/PoseStamped": "std_msgs/Header header; geometry_msgs/Pose pose",
    "geometry_msgs/msg/PoseWithCovariance": "geometry_msgs/Pose pose; float64[36] covariance",
    "geometry_msgs/msg/Twist": "geometry_msgs/Vector3 linear; geometry_msgs/Vector3 angular",
    "geometry_msgs/msg/TwistStamped": "std_msgs/Header header; geometry_msgs/Twist twist",
    "geometry_msgs/msg/TwistWithCovariance": "geometry_msgs/Twist twist; float64[36] covariance",
    "geometry_msgs/msg/Transform": (
        "geometry_msgs/Vector3 translation; geometry_msgs/Quaternion rotation"
    ),
    "geometry_msgs/msg/TransformStamped": (
        "std_msgs/Header header; string child_frame_id; geometry_msgs/Transform transform"
    ),
    "tf2_msgs/msg/TFMessage": "geometry_msgs/TransformStamped[] transforms",
    "sensor_msgs/msg/Image": (
        "std_msgs/Header header; uint32 height; uint32 width; string encoding; "
        "uint8 is_bigendian; uint32 step; uint8[] data"
    ),
    "sensor_msgs/msg/CompressedImage": "std_msgs/Header header; string format; uint8[] data",
    "sensor_msgs/msg/RegionOfInterest": (
        "uint32 x_offset; uint32 y_offset; uint32 height; uint32 width; bool do_rectify"
    ),
    "sensor_msgs/msg/CameraInfo": (
        "std_msgs/Header header; uint32 height; uint32 width; string distortion_model; float64[] d; "
        "float64[9] k; float64[9] r; float64[12] p; uint32 binning_x; uint32 binning_y; "
        "sensor_msgs/RegionOfInterest roi"
    ),
    "sensor_msgs/msg/PointField": "string name; uint32 offset; uint8 datatype; uint32 count",
    "sensor_msgs/msg/PointCloud2": (
        "std_msgs/Header header; uint32 height; uint32 width; sensor_msgs/PointField[] fields; "
        "bool is_bigendian; uint32 point_step; uint32 row_step; uint8[] data; bool is_dense"
    ),
    "sensor_msgs/msg/LaserScan": (
        "std_msgs/Header header; float32 angle_min; float32 angle_max; float32 angle_increment; "
        "float32 time_increment; float32 scan_time; float32 range_min; float32 range_max; "
        "float32[] ranges; float32[] intensities"
    ),
    "sensor_msgs/msg/JointState": (
        "std_msgs/Header header; string[] name; float64[] position; float64[] velocity; "
        "float64[] effort"
    ),
    "nav_msgs/msg/Odometry": (
        "std_msgs/Header header; string child_frame_id; geometry_msgs/PoseWithCovariance pose; "
        "geometry_msgs/TwistWithCovariance twist"
    ),
    "nav_msgs/msg/MapMetaData": (
        "builtin_interfaces/Time map_load_time; float32 resolution; uint32 width; uint32 height; "
        "geometry_msgs/Pose origin"
    ),
    "nav_msgs/msg/OccupancyGrid": (
        "std_msgs/Header header; nav_msgs/MapMetaData info; int8[] data"
    ),
    "nav_msgs/msg/Path": "std_msgs/Header header; geometry_msgs/PoseStamped[] poses",
    "trajectory_msgs/msg/JointTrajectoryPoint": (
        "float64[] positions; float64[] velocities; float64[] accelerations; float64[] effort; "
        "builtin_interfaces/Duration time_from_start"
    ),
    "trajectory_msgs/msg/JointTrajectory": (
        "std_msgs/Header header; string[] joint_names; trajectory_msgs/JointTrajectoryPoint[] points"
    ),
    "diagnostic_msgs/msg/KeyValue": "string key; string value",
    "diagnostic_msgs/msg/DiagnosticStatus": (
        "byte level; string name; string message; string hardware_id; "
        "diagnostic_msgs/KeyValue[] values"
    ),
    "diagnostic_msgs/msg/DiagnosticArray": (
        "std_msgs/Header header; diagnostic_msgs/DiagnosticStatus[] status"
    ),
    "visualization_msgs/msg/Marker": (
        "std_msgs/Header header; string ns; int32 id; int32 type; int32 action; "
        "geometry_msgs/Pose pose; geometry_msgs/Vector3 scale; std_msgs/ColorRGBA color; "
        "builtin_interfaces/Duration lifetime; bool frame_locked; geometry_msgs/Point[] points; "
        "std_msgs/ColorRGBA[] colors; string text"
    ),
    "visualization_msgs/msg/MarkerArray": "visualization_msgs/Marker[] markers",
    "std_srvs/srv/Trigger_Request": "",
    "std_srvs/srv/Trigger_Response": "bool success; string message",
    "control_msgs/msg/GripperCommand": "float64 position; float64 max_effort",
    "control_msgs/action/GripperCommand_Goal": "control_msgs/GripperCommand command",
    "control_msgs/action/GripperCommand_Result": (
        "float64 position; float64 effort; bool stalled; bool reached_goal"
    ),
    "control_msgs/action/GripperCommand_Feedback": (
        "float64 position; float64 effort; bool stalled; bool reached_goal"
    ),
    "control_msgs/msg/JointTolerance": (
        "string name; float64 position; float64 velocity; float64 acceleration"
    ),
    "control_msgs/action/FollowJointTrajectory_Goal": (
        "trajectory_msgs/JointTrajectory trajectory; control_msgs/JointTolerance[] path_tolerance; "
        "control_msgs/JointTolerance[] goal_tolerance; "
        "builtin_interfaces/Duration goal_time_tolerance"
    ),
    "control_msgs/action/FollowJointTrajectory_Result": "int32 error_code; string error_string",
    "control_msgs/action/FollowJointTrajectory_Feedback": (
        "std_msgs/Header header; string[] joint_names; trajectory_msgs/JointTrajectoryPoint desired; "
        "trajectory_msgs/JointTrajectoryPoint actual; trajectory_msgs/JointTrajectoryPoint error"
    ),
    "nav2_msgs/action/NavigateToPose_Goal": "geometry_msgs/PoseStamped pose; string behavior_tree",
    "nav2_msgs/action/NavigateToPose_Result": "uint16 error_code; string error_msg",
    "nav2_msgs/action/NavigateToPose_Feedback": (
        "geometry_msgs/PoseStamped current_pose; builtin_interfaces/Duration navigation_time; "
        "builtin_interfaces/Duration estimated_time_remaining; int16 number_of_recoveries; "
        "float32 distance_remaining"
    ),
    "nav2_msgs/action/ComputePathToPose_Goal": (
        "geometry_msgs/PoseStamped goal; geometry_msgs/PoseStamped start; string planner_id; "
        "bool use_start"
    ),
    "nav2_msgs/action/ComputePathToPose_Result": (
        "nav_msgs/Path path; builtin_interfaces/Duration planning_time; uint16 error_code; "
        "string error_msg"
    ),
    "nav2_msgs/action/ComputePathToPose_Feedback": "",
    "nav2_msgs/srv/ClearEntireCostmap_Request": "std_msgs/Empty request",
    "nav2_msgs/srv/ClearEntireCostmap_Response": "std_msgs/Empty response",
}
