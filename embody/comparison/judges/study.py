"""A study on disk: the page that judges see, and the key that they do not.

``page/index.html`` is all that a judge gets. ``private/key.json`` says which clip is which;
``private/answers.ndjson`` gathers the answers. Nothing in the page tells a real clip from another:
names are keyed fingerprints (HMAC-SHA256), order is that of the names, all clips have one length.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embody.atomic_file import replacing
from embody.errors import EmbodyError

PAGE = Path("page/index.html")
KEY = Path("private/key.json")
ANSWERS = Path("private/answers.ndjson")

_FORMAT = "embody-judge-key"
_VERSION = 1
_LARGEST_KEY_BYTES = 16_000_000


@dataclass(frozen=True)
class Trial:
    """What the key knows of a trial.

    Attributes
    ----------
    clips
        Names of both clips, in the order of their names.
    real
        Name of the one that shows an animal.
    kind
        "model" or "catch".
    """

    clips: tuple[str, str]
    real: str
    kind: str


@dataclass(frozen=True)
class Study:
    """The private half of a study.

    Attributes
    ----------
    identity
        The sha256 of all that the page shows; every answer carries it.
    trials
        The trials that count, by name.
    clips
        Where each clip comes from, by name.
    design
        Seed, numbers of trials, clip length, species and the like.
    """

    identity: str
    trials: Mapping[str, Trial]
    clips: Mapping[str, Mapping[str, Any]]
    design: Mapping[str, Any]


def keyed_name(key: bytes, *parts: str) -> str:
    """Return a name that nobody without the key can link to its parts, 24 hexadecimal digits.

    Examples
    --------
    >>> len(keyed_name(b"secret", "clip", "abc"))
    24
    """
    return hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()[:24]


def write_key(folder: Path, study: Study, hmac_key: bytes) -> Path:
    """Write the key file, readable by its owner alone."""
    path = folder / KEY
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "study": study.identity,
        "hmac_key": hmac_key.hex(),
        "design": study.design,
        "trials": {
            name: {"clips": trial.clips, "real": trial.real, "kind": trial.kind}
            for name, trial in study.trials.items()
        },
        "clips": study.clips,
    }
    with replacing(path) as file:
        file.write(json.dumps(content, indent=1, allow_nan=False).encode())
    path.chmod(0o600)
    return path


def load_study(folder: str | os.PathLike[str]) -> Study:
    """Read the key of a study.

    Raises
    ------
    EmbodyError
        If the folder holds no study, or its key is damaged.
    """
    path = Path(folder) / KEY
    if not path.is_file():
        raise EmbodyError(
            f"{folder} holds no study: {KEY} is missing (embody judge build makes it)"
        )
    if path.stat().st_size > _LARGEST_KEY_BYTES:
        raise EmbodyError(f"{path} is too large for the key of a study")
    try:
        content = json.loads(path.read_bytes())
        if (content["format"], content["version"]) != (_FORMAT, _VERSION):
            raise ValueError("another format")
        trials = {
            str(name): Trial(
                (str(entry["clips"][0]), str(entry["clips"][1])), entry["real"], entry["kind"]
            )
            for name, entry in content["trials"].items()
        }
        if not all(
            trial.real in trial.clips and trial.kind in ("model", "catch")
            for trial in trials.values()
        ):
            raise ValueError("a trial without a real clip")
        return Study(str(content["study"]), trials, dict(content["clips"]), dict(content["design"]))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise EmbodyError(f"{path} is not the whole key of a study: {error}") from None
