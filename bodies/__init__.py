"""MuJoCo bodies and media."""

if __name__ != "embody.bodies":
    raise ImportError("import embody.bodies, not bodies: the folder is mapped into the package")
