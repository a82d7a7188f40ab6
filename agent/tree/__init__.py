"""A plan as a behaviour tree that is patched while it runs."""
