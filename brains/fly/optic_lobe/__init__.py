"""The optic lobe: a network of the eye's columns that sees motion."""
