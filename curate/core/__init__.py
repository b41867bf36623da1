"""The contracts of curate: transforms, checks, recipes, signals, randomness and identity (layer 2)."""
