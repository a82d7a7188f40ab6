"""Embodiments, one folder each."""
