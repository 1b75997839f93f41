"""Units as files write them: "mm", "0.04*s", "in/72", turned into mm, s and rad."""

import math
import re

from embody.errors import EmbodyError

_PREFIXES = {"c": 1e-2, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "n": 1e-9, "k": 1e3}
_LONG_PREFIXES = {"centi": 1e-2, "milli": 1e-3, "micro": 1e-6, "nano": 1e-9, "kilo": 1e3}

_ABBREVIATED = {"s": ("time", 1.0), "sec": ("time", 1.0), "m": ("length", 1e3)}
_WHOLE = {
    "second": ("time", 1.0),
    "metre": ("length", 1e3),
    "meter": ("length", 1e3),
    "min": ("time", 60.0),
    "minute": ("time", 60.0),
    "h": ("time", 3600.0),
    "hr": ("time", 3600.0),
    "hour": ("time", 3600.0),
    "d": ("time", 86400.0),
    "day": ("time", 86400.0),
    "in": ("length", 25.4),
    "inch": ("length", 25.4),
    "inche": ("length", 25.4),  # the plural without its s
    "micron": ("length", 1e-3),
    "rad": ("angle", 1.0),
    "radian": ("angle", 1.0),
    "deg": ("angle", math.pi / 180),
    "degree": ("angle", math.pi / 180),
}
_EXAMPLES = {
    "time": ("s", "ms", "0.04*s"),
    "length": ("mm", "um", "0.005*mm"),
    "angle": ("rad", "deg"),
}


def factor(unit: str, dimension: str) -> float:
    """Return what a number in that unit is multiplied with to be in s, mm or rad.

    Parameters
    ----------
    unit
        As in a WCON file: names and abbreviations with SI prefixes, numbers, `*` and `/`.
    dimension
        "time", "length" or "angle".

    Raises
    ------
    EmbodyError
        If the unit is not known or measures something else.

    Examples
    --------
    >>> factor("0.04*s", "time"), factor("micrometres", "length")
    (0.04, 0.001)
    """
    scale, found = 1.0, []
    for operator, term in re.findall(r"([*/]?)\s*([^*/\s]+)\s*", unit):
        value, measured = _term(term, unit, dimension)
        scale = scale / value if operator == "/" else scale * value
        if measured:
            found.append((operator, measured))
    if [measured for operator, measured in found if operator != "/"] != [dimension] or len(
        found
    ) != 1:
        raise _unknown(unit, dimension)
    if not (math.isfinite(scale) and scale > 0):
        raise _unknown(unit, dimension)
    return scale


def _term(term: str, unit: str, dimension: str) -> tuple[float, str]:
    try:
        return float(term), ""
    except ValueError:
        pass
    for name in (term, term.removesuffix("s")):
        if name in _WHOLE:
            measured, value = _WHOLE[name]
            return value, measured
        for prefix, times in _LONG_PREFIXES.items():
            if name.startswith(prefix) and name.removeprefix(prefix) in (
                "metre",
                "meter",
                "second",
            ):
                measured, value = _WHOLE[name.removeprefix(prefix)]
                return times * value, measured
    if term in _ABBREVIATED:
        measured, value = _ABBREVIATED[term]
        return value, measured
    if term[:1] in _PREFIXES and term[1:] in _ABBREVIATED:
        measured, value = _ABBREVIATED[term[1:]]
        return round(_PREFIXES[term[0]] * value, 12), measured
    raise _unknown(unit, dimension)


def _unknown(unit: str, dimension: str) -> EmbodyError:
    return EmbodyError(
        f"{unit!r} is no unit of {dimension}; right would be e.g. {', '.join(_EXAMPLES[dimension])}"
    )
