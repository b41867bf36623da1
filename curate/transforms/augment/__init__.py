"""Augmenters: transforms that add rows made from other rows, or set their text, and keep the label, spans and kin."""
