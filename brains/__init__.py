"""Nervous systems, and how each is wired to a body."""

if __name__ != "embody.brains":
    raise ImportError("import embody.brains, not brains: the folder is mapped into the package")
