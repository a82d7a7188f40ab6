"""Demonstrations, training and selection of System 1 policies in the simulated home."""
