"""Judged episodes: tasks, suites, statistics."""
