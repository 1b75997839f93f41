"""Whole animals in silico: measured connectomes drive MuJoCo bodies behind Gymnasium."""

import importlib as _importlib
from pathlib import Path as _Path
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

_here = _Path(__file__).resolve().parent
if (
    not (_here / "envs" / "__init__.py").exists()
    and (_here.parent / "envs" / "__init__.py").exists()
):
    __path__.append(str(_here.parent))  # a checkout without symbolic links

from embody import registry as _registry  # noqa: E402

if _TYPE_CHECKING:
    from embody import perturb, testing
    from embody.black_box import replay
    from embody.comparison.compare import compare
    from embody.connectome import load_connectome
    from embody.controller import AbstractController
    from embody.divergence import DivergenceError
    from embody.episodes import rollouts
    from embody.errors import EmbodyError, UnknownNameError
    from embody.fitting import fit
    from embody.loop import rollout
    from embody.parameters import ParameterSet
    from embody.perturbation import Perturbation
    from embody.recording import Recording
    from embody.registry import make_controller

__version__ = "0.1.0"

__all__ = [
    "AbstractController",
    "DivergenceError",
    "EmbodyError",
    "ParameterSet",
    "Perturbation",
    "Recording",
    "UnknownNameError",
    "compare",
    "fit",
    "load_connectome",
    "make_controller",
    "perturb",
    "replay",
    "rollout",
    "rollouts",
    "testing",
]

_MODULE_OF = {
    "AbstractController": "embody.controller",
    "DivergenceError": "embody.divergence",
    "EmbodyError": "embody.errors",
    "ParameterSet": "embody.parameters",
    "Perturbation": "embody.perturbation",
    "Recording": "embody.recording",
    "UnknownNameError": "embody.errors",
    "compare": "embody.comparison.compare",
    "fit": "embody.fitting",
    "load_connectome": "embody.connectome",
    "make_controller": "embody.registry",
    "replay": "embody.black_box",
    "rollout": "embody.loop",
    "rollouts": "embody.episodes",
}
_MODULES = ("analysis", "connectome", "fitting", "perturb", "testing", "video")

_registry.register_envs()


def __getattr__(name: str) -> _Any:
    if name in _MODULE_OF:
        value = getattr(_importlib.import_module(_MODULE_OF[name]), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return _importlib.import_module(f"embody.{name}")
    raise AttributeError(f"module 'embody' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
