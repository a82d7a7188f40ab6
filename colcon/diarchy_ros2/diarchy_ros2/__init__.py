"""The colcon side of diarchy: executables that ``ros2 run`` and ``ros2 launch`` find."""
