"""Rows with identities: roles, batches, corpora, edits and their lineage, and the store that keeps them (layer 1)."""
