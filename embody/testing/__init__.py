"""Contract tests that third-party brains, bodies and environments inherit."""
