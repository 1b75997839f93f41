"""Exit statuses."""

OK = 0
FINDING = 1
"""The command did its work and found something that is not as it should be."""
USER_ERROR = 2
"""What was asked for is wrong; the message says what would be right."""
