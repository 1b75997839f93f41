"""Who connects to whom."""
