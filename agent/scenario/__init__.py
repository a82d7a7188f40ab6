"""Scripted demonstrations: commands, events of the world and corrections, in a YAML file."""
