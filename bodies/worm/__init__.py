"""The body of *C. elegans*."""
