"""Behaviour records written in the formats of the field."""

from embody.comparison.writers.nwb import write_nwb
from embody.comparison.writers.wcon import write_wcon

__all__ = ["write_nwb", "write_wcon"]
