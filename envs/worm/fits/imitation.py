"""Fits to recorded postures: a policy or a connectome tracks them, or a connectome goes on."""

from embody.comparison.held_out import SPLIT
from embody.envs.worm.fits.imitation_data import RATE_HZ, clips_in, load_clips, synthetic_clips
from embody.envs.worm.wired import REWIRING
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import AbstractMethod, Option, Way
from embody.fitting.imitation import split_by_individual

CONTROLLERS = ("policy", "connectome")
TRACKING_ENV, PREDICTION_ENV = "Worm-Track-v0", "Worm-Crawl-v0"
WINDOW_S = {"policy": 1.3, "connectome": 2.3}
PREDICTED_S = 3.0
LEARNING_RATE = {"policy": 1e-3, "tracking": 1e-2, "prediction": 5e-3}


def make(
    env_id: str,
    seed: int,
    workers: int | str | None,
    controller: str | None,
    data: str | None,
    basis: str | None,
    free: str,
    prior: str | None,
    rewiring: int | None,
    learning_rate: float | None,
    batch: int,
    part: str | None = None,
) -> AbstractMethod:
    """Return the fit; animals that are held out are never seen by it.

    Raises
    ------
    UnknownNameError
        If there is nothing to imitate in that env.
    EmbodyError
        If the controller cannot be fitted there, or there are no data.
    """
    from embody.envs.worm.fits.imitation_connectome import (
        CLAMPED_S,
        ConnectomePrediction,
        ConnectomeTracking,
        prior_of,
    )
    from embody.envs.worm.fits.imitation_policy import PolicyTracking
    from embody.fitting.tracking_descent import ReferenceWindows, TrackingDescent

    if env_id not in (TRACKING_ENV, PREDICTION_ENV):
        raise UnknownNameError("env to imitate in", env_id, (TRACKING_ENV, PREDICTION_ENV))
    if controller is None:
        controller = "policy" if env_id == TRACKING_ENV else "connectome"
    task, seconds = "tracking", WINDOW_S[controller]
    if controller == "policy":
        if env_id != TRACKING_ENV or rewiring is not None:
            raise EmbodyError(
                f"a policy has no wiring and nothing to go on from: it tracks, in {TRACKING_ENV}"
            )
        task, imitation = "policy", PolicyTracking()
    elif env_id == TRACKING_ENV:
        imitation = ConnectomeTracking(prior_of(prior, rewiring), free, rewiring)
    else:
        task = "prediction"
        imitation = ConnectomePrediction(prior_of(prior, rewiring), free, rewiring)
        seconds = CLAMPED_S + PREDICTED_S
    clips = synthetic_clips() if data is None else load_clips(data, basis)
    training = split_by_individual(clips).training if part is None else clips_in(clips, part)
    windows = ReferenceWindows.of(training, RATE_HZ, seconds)
    rate = LEARNING_RATE[task] if learning_rate is None else learning_rate
    return TrackingDescent(imitation, windows, seed, rate, batch)


WAY = Way(
    make,
    (
        Option(
            "controller",
            None,
            f"what is fitted; a policy in {TRACKING_ENV}, the connectome in {PREDICTION_ENV}",
            choices=CONTROLLERS,
        ),
        Option("data", None, "folder with recorded postures; waves that are made up without it"),
        Option("basis", None, "table of the eigenworms; that of the folder without it"),
        Option("free", "*", "parameters of the connectome that may move: patterns with commas"),
        Option("prior", None, "parameter set to start from; the shipped one of the wiring"),
        REWIRING,
        Option(
            "learning_rate", None, "step of Adam; by default 0.001 to 0.01, as the task asks", float
        ),
        Option("batch", 16, "windows per update"),
        Option(
            "part",
            None,
            "fit to the animals of that part of the split by their hash (embody compare --split "
            "test asks about the others); without it half of each file's animals are held out",
            choices=tuple(SPLIT),
        ),
    ),
    budget=500,
    description="Fit to recorded postures of worms by descent through the reduced body. In "
    "Worm-Track-v0 a policy, or a connectome that feels the reference as currents, bends as the "
    "recorded worm does. In Worm-Crawl-v0 a connectome whose body was held along a clip for 2 s "
    "goes on by itself. Half of the animals are held out.",
    examples="  embody fit Worm-Track-v0 --method imitation --data DIR --out runs/track\n"
    "  embody fit Worm-Track-v0 --method imitation --data DIR --controller connectome\n"
    "  embody fit Worm-Crawl-v0 --method imitation --data DIR\n"
    "  embody fit Worm-Crawl-v0 --method imitation --data DIR --rewiring 0   the null\n",
)
