"""Fields, tasks and their registration."""

if __name__ != "embody.envs":
    raise ImportError("import embody.envs, not envs: the folder is mapped into the package")
