"""Fits of the worm: what is free, to what, and how."""
