"""Cards of every controller that comes with the package, each where it is at home."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from embody import registry
from embody.comparison.card.battery_results import BatteryResults
from embody.comparison.card.emulation_card import EmulationCard, make_card
from embody.errors import EmbodyError
from embody.loop import rollout

REPLAYED = ("Fly-Walk-v0", "cpg", 0.05)
"""Whose recording the card of "replay" plays: env, controller, seconds."""


ResultsOf = Mapping[tuple[str, str], BatteryResults]
"""What batteries found, by controller and env."""

IN_EVERY_ENV = ("optic-lobe",)
"""What reads its brain differently from task to task, and so has a card for each."""

HOMES = {"no-sense (worm)": "Worm-Chemotaxis-v0"}
"""Where a controller is at home that acts unnamed nowhere, if that is not the first env."""


class LeftOut(NamedTuple):
    """A controller of which no card could be made here, and why."""

    controller: str
    why: str


def homes(controller: registry.Entry) -> list[str]:
    """Return the envs of the controller's animal: where it acts unnamed first, then as listed."""
    envs = [env for env in registry.ENVS if env.animal == controller.animal]
    home = HOMES.get(controller.key)

    def strangeness(env: registry.EnvEntry) -> tuple[bool, bool]:
        return env.name != home, env.controller != controller.name

    return [env.name for env in sorted(envs, key=strangeness)]


def all_cards(
    cost_seconds: float | None = None,
    on_card: Callable[[str], None] | None = None,
    results: ResultsOf | None = None,
) -> Iterator[EmulationCard | LeftOut]:
    """Yield the card of every controller of an animal, in the first env that it is made for.

    The optic lobes have two: they turn with the world, and they follow.

    Parameters
    ----------
    cost_seconds
        As for `make_card`.
    on_card
        Called with the name of every controller before its turn.
    results
        What batteries found. A controller with results has its card in the env that they are of.
    """
    for entry in registry.entries("controller"):
        if entry.animal:
            if on_card is not None:
                on_card(entry.key)
            yield from _cards(entry, cost_seconds, results or {})


def _cards(
    entry: registry.Entry, cost_seconds: float | None, results: ResultsOf
) -> list[EmulationCard | LeftOut]:
    missing = registry.required_options(entry.load())
    if missing:
        return [LeftOut(entry.key, f"it needs --controller-option {missing[0]}=...")]
    made: list[EmulationCard | LeftOut] = []
    reasons: list[str] = []
    for env in sorted(homes(entry), key=lambda env: (entry.name, env) not in results):
        try:
            made.append(_card(entry, env, cost_seconds, results.get((entry.name, env))))
        except EmbodyError as error:
            reasons.append(str(error))
        if made and entry.name not in IN_EVERY_ENV:
            break
    return made or [LeftOut(entry.key, reasons[0] if reasons else "its animal has no env")]


def _card(
    entry: registry.Entry, env: str, cost_seconds: float | None, results: BatteryResults | None
) -> EmulationCard:
    if entry.name != "replay":
        return make_card(env, entry.name, results, cost_seconds=cost_seconds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "walk.npz"
        rollout(REPLAYED[0], REPLAYED[1], REPLAYED[2], path=path)
        return make_card(
            env,
            entry.name,
            results,
            controller_options={"recording": str(path)},
            cost_seconds=cost_seconds,
        )
