"""What an experimenter does to an animal: ablation, silencing, stimulation, each over time."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, get_args

from embody.errors import EmbodyError, UnknownNameError

Kind = Literal["ablation", "silencing", "stimulation"]
TargetKind = Literal["neuron", "muscle"]


class NamesNeurons(Protocol):
    """A connectome, as far as a perturbation needs one."""

    def resolve(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the cells that neuron or class names stand for."""
        ...


@dataclass(frozen=True)
class Perturbation:
    """One intervention and when it holds.

    Attributes
    ----------
    kind
        "ablation" cuts all synapses and junctions of cells for good; "silencing" stops them from
        releasing transmitter, their voltage and junctions stay; "stimulation" injects a current.
    targets
        Names of neurons, neuron classes ("AVA" stands for AVAL and AVAR) or muscles.
    target_kind
        "neuron" or "muscle".
    current_pA
        Injected current [pA], of a stimulation only; positive depolarises.
    start_s, stop_s
        When it holds: from `start_s` until just before `stop_s` [s]; `stop_s` may be infinite.
    """

    kind: Kind
    targets: tuple[str, ...]
    target_kind: TargetKind = "neuron"
    current_pA: float = 0.0
    start_s: float = 0.0
    stop_s: float = math.inf

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise UnknownNameError("kind of perturbation", self.kind, get_args(Kind))
        if self.target_kind not in get_args(TargetKind):
            raise UnknownNameError("kind of target", self.target_kind, get_args(TargetKind))
        if not self.targets or not all(isinstance(t, str) and t for t in self.targets):
            raise EmbodyError(f"name at least one {self.target_kind} for the {self.kind}")
        if not 0 <= self.start_s < self.stop_s or math.isinf(self.start_s):
            raise EmbodyError(
                f"the {self.kind} must start at 0 s or later and stop after that, "
                f"not hold from {self.start_s:g} s to {self.stop_s:g} s"
            )
        if self.kind == "stimulation" and not (
            math.isfinite(self.current_pA) and self.current_pA != 0.0
        ):
            raise EmbodyError(f"a stimulation needs a current [pA] other than {self.current_pA:g}")
        if self.target_kind == "muscle" and self.kind != "silencing":
            raise EmbodyError(f"muscles can be silenced; {self.kind} is for neurons")

    def active(self, time_s: float) -> bool:
        """Whether it holds at this time [s]."""
        return self.start_s <= time_s < self.stop_s

    def resolve(self, connectome: NamesNeurons) -> "Perturbation":
        """Return the same perturbation with class names expanded into cells.

        Raises
        ------
        UnknownNameError
            If the connectome has no neuron or class of that name.
        """
        if self.target_kind == "muscle":
            return self
        return replace(self, targets=tuple(connectome.resolve(self.targets)))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types; an infinite `stop_s` is None."""
        return {
            "kind": self.kind,
            "targets": list(self.targets),
            "target_kind": self.target_kind,
            "current_pA": self.current_pA,
            "start_s": self.start_s,
            "stop_s": None if math.isinf(self.stop_s) else self.stop_s,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Perturbation":
        """Return the perturbation that `to_dict` described."""
        stop = content["stop_s"]
        return cls(
            **{
                **content,
                "targets": tuple(content["targets"]),
                "stop_s": math.inf if stop is None else stop,
            }
        )

    def __str__(self) -> str:
        what = f"{self.kind} of {', '.join(self.targets)}"
        if self.kind == "stimulation":
            what += f" with {self.current_pA:g} pA"
        if self.start_s == 0.0 and math.isinf(self.stop_s):
            return what
        until = "" if math.isinf(self.stop_s) else f" to {self.stop_s:g} s"
        return f"{what} from {self.start_s:g} s{until}"


_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_TEXT = re.compile(
    rf"(?P<targets>[^:@]+)(?::(?P<current>{_NUMBER})\s*pA)?"
    rf"(?:@(?P<start>{_NUMBER})-(?P<stop>{_NUMBER})?)?"
)


def parse(kind: Kind, text: str, target_kind: TargetKind = "neuron") -> Perturbation:
    """Read a perturbation as written on the command line.

    Parameters
    ----------
    kind
        What is done to the targets.
    text
        Targets separated by commas; `:10pA` for the current of a stimulation; `@5-10` for the
        time [s] it holds, `@5-` for ever after.
    target_kind
        "neuron" or "muscle".

    Raises
    ------
    EmbodyError
        If the text does not follow that form.

    Examples
    --------
    >>> print(parse("stimulation", "AVA:10pA@5-10"))
    stimulation of AVA with 10 pA from 5 s to 10 s
    """
    match = _TEXT.fullmatch(text.strip())
    forms = {"ablation": "AVAL,AVAR", "silencing": "AVA@5-10", "stimulation": "AVA:10pA@5-10"}
    if match is None:
        raise EmbodyError(f"{text!r} is not a {kind}; write it like {forms[kind]}")
    current, start, stop = match["current"], match["start"], match["stop"]
    if (current is not None) != (kind == "stimulation"):
        raise EmbodyError(f"{text!r} is not a {kind}; write it like {forms[kind]}")
    if kind == "ablation" and start is not None:
        raise EmbodyError(f"{text!r}: an ablation is for good; silence the cells for a while")
    return Perturbation(
        kind,
        tuple(target.strip() for target in match["targets"].split(",")),
        target_kind,
        current_pA=float(current or 0.0),
        start_s=float(start or 0.0),
        stop_s=float(stop) if stop is not None else math.inf,
    )
