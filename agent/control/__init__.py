"""The control loop and what the behaviour tree sees of the body."""
