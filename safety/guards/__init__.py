"""One guard a file. Each is an `ActionGuard` of its own and knows nothing of the others."""
