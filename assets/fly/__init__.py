"""Facts about *Drosophila melanogaster*."""
