"""Behaviour records written in the formats of the field."""
