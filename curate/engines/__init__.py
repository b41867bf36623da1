"""Engines: where and how the steps of a recipe run. An engine adapts to the transform; a transform never names an
engine (layer 4).
"""
