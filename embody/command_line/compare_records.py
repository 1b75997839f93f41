"""What stands behind a name on the command line of `embody compare`: records, or who makes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embody import registry
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from embody.comparison import BehaviourRecord

REPLAY = "replay"
SURROGATE = "surrogate:"
SETTLING_S = 5.0
"""Start of each simulated episode that is left out [s]: the animal starts from rest."""


@dataclass(frozen=True)
class Simulated:
    """How a controller is asked for records.

    Attributes
    ----------
    env
        Id of the env; None where the battery has none of its own.
    individuals
        How many seeds.
    seconds
        Length of each record [s].
    seed
        The first seed.
    workers
        Processes.
    controller_options
        Options of the controllers.
    """

    env: str | None
    individuals: int
    seconds: float
    seed: int
    workers: int
    controller_options: Mapping[str, Any]

    def records(self, controller: str, progress: bool) -> list["BehaviourRecord"]:
        """Return what a controller did, one record for each seed.

        Raises
        ------
        EmbodyError
            If there is no env, or its recordings show no posture.
        """
        from embody import rollouts
        from embody.comparison import BehaviourRecord

        if self.env is None:
            raise EmbodyError(f"controller {controller!r} needs an env to act in: give --env")
        recordings = rollouts(
            self.env,
            controller,
            range(self.seed, self.seed + self.individuals),
            seconds=SETTLING_S + self.seconds,
            controller_options=self.controller_options,
            workers=min(self.workers, self.individuals),
            progress=progress,
        )
        made = []
        for recording in recordings:
            record = BehaviourRecord.from_recording(recording)
            if record.seconds <= SETTLING_S:
                raise EmbodyError(
                    f"an episode of {controller!r} ended after {record.seconds:.3g} s, before the "
                    f"{SETTLING_S:g} s were over that the animal is given to settle"
                )
            made.append(record.clip(SETTLING_S, record.seconds))
        return made


def split_name(text: str) -> tuple[str, str]:
    """Return name and content of a candidate that may be written NAME=FILE.

    Examples
    --------
    >>> split_name("mutants=runs/unc-9"), split_name("runs/unc-9")
    (('mutants', 'runs/unc-9'), ('unc-9', 'runs/unc-9'))
    """
    name, equals, content = text.partition("=")
    if equals and name and content and not Path(text).exists():
        return name, content
    is_file = Path(text).exists() or "/" in text
    return (Path(text).stem or text) if is_file else text, text


def acts(content: str) -> bool:
    """Whether a candidate is a controller, rather than records or what is made of records."""
    return not (content == REPLAY or content.startswith(SURROGATE) or Path(content).exists())


def records_of_path(path: str | Path, options: Mapping[str, Any]) -> list["BehaviourRecord"]:
    """Return the records in a file, or in all files of a folder.

    Raises
    ------
    EmbodyError
        If there is nothing, or something that cannot be read.
    """
    from embody.comparison import read

    path = Path(path)
    if not path.exists():
        raise EmbodyError(f"there is no file or folder {str(path)!r}")
    if not path.is_dir() or (path / "data").is_dir() or (path / "main_data.hdf5").exists():
        return list(read(path, **options))
    files = sorted(f for f in path.iterdir() if f.is_file() and not f.name.startswith("."))
    if not files:
        raise EmbodyError(f"the folder {str(path)!r} is empty")
    return [record for file in files for record in read(file, **options)]


def require_candidate(text: str, env: str | None) -> None:
    """Raise `EmbodyError` if a candidate is neither a file nor anything that has a name."""
    if not acts(text):
        return
    if "/" in text or Path(text).suffix in (".npz", ".csv", ".h5", ".wcon", ".nwb", ".json"):
        raise EmbodyError(f"there is no file or folder {text!r}")
    animal = "" if env is None else registry.animal_of(env)
    try:
        registry.find("controller", text, animal)
    except EmbodyError as error:
        raise EmbodyError(
            f"candidate {text!r} is no file or folder, not {REPLAY!r}, does not begin with "
            f"{SURROGATE!r}, and: {error}"
        ) from None


def replayed(records: Sequence["BehaviourRecord"], progress: bool) -> list["BehaviourRecord"]:
    """Return real posture as the simulated body performs it: the ceiling.

    Raises
    ------
    EmbodyError
        If there is no such body for these animals.
    """
    from tqdm import tqdm

    from embody.envs.worm.replay import replay

    return [replay(r)[0] for r in tqdm(records, "replay", unit=" animals", disable=not progress)]
