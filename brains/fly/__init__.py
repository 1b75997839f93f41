"""The nervous system of *Drosophila melanogaster*."""
