"""Streaming video of a recording."""
