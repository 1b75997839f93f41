"""Measures: how far two samples of behaviour are apart, each in one respect."""
