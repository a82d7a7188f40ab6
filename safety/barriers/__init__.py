"""Barriers against collision: what is near, whether the way to rest is free, and the least change that keeps it so."""
