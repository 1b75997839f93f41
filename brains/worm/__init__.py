"""The nervous system of *C. elegans*."""
