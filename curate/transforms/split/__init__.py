"""Split: one row into several (layer 3)."""
