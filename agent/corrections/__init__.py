"""What a person says while the robot works, and what it makes of the running plan."""
