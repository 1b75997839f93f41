"""Facts about *C. elegans*."""
