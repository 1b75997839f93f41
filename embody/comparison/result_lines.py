"""The file of lines that a comparison leaves, and the tiers that they speak of."""

FILE = "lines.jsonl"
LARGEST_BYTES = 64 * 2**20

TIERS = tuple(f"T{number}" for number in range(9))
"""Tiers that decide about a candidate, in the order in which they are climbed.

Others ("C", "N1") are reported beside them.
"""
