"""Translators: texts from one language to another, behind one protocol; with them texts go there and back."""
