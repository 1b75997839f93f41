"""Fitting of controllers."""
