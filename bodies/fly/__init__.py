"""The body of adult *Drosophila melanogaster*."""
