"""Files of other laboratories and tools, read as behaviour records."""
