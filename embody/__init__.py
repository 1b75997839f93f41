"""Whole animals in silico: measured connectomes drive MuJoCo bodies behind Gymnasium."""

from pathlib import Path as _Path

_here = _Path(__file__).resolve().parent
if not (_here / "envs" / "__init__.py").exists() and (
    _here.parent / "envs" / "__init__.py"
).exists():
    __path__.append(str(_here.parent))  # a checkout without symbolic links

__version__ = "0.1.0"
