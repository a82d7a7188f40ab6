"""What lets a run go on after its process was killed: receipts, the belief on disk, locks, taking up again."""
