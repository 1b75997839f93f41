"""Tasks of *C. elegans*."""
