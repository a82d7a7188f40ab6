"""Embodiments: one folder each, all behind the `Robot` Protocol."""
