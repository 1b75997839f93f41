"""Which software made a file."""

import importlib.metadata
import platform

PACKAGES = ("embody-sim", "gymnasium", "mujoco", "numpy", "scipy")


def versions(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Return the version of Python and of each installed package by name."""
    found = {"python": platform.python_version()}
    for package in packages:
        version = installed_version(package)
        if version is not None:
            found[package] = version
    return found


def installed_version(package: str) -> str | None:
    """Return the version of a distribution; None if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
