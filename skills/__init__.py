"""System 1: the skill library, classical motion, learned policies, the executor."""
