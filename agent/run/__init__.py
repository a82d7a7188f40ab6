"""One run on disk: its choices, its trace, its result, its replay."""
