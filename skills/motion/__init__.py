"""The motion skills: driving, looking, searching, grasping, placing, doors, by classical control."""
