"""Encoders: texts to vectors, behind one protocol; one file for each, imported when it is named."""
