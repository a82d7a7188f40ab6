"""The executive: sessions, the control loop, the behaviour tree, deliberation, traces, evaluation."""
