"""What `embody compare` does to candidates: published experiments, on those that can act."""

import argparse
from typing import TYPE_CHECKING

from embody import registry
from embody.command_line import compare_records
from embody.command_line.compare_records import Simulated, acts
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from embody.comparison.finding import Finding


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what experiments need."""
    parser.add_argument(
        "--no-experiments", action="store_true",
        help="leave out what is done to controllers (T5, T7; embody list experiments)",
    )  # fmt: skip


def findings(
    arguments: argparse.Namespace, simulated: Simulated, progress: bool
) -> dict[str, tuple["Finding", ...]]:
    """Return what came of the experiments of the battery, by candidate.

    Records, replay and surrogates are not asked: nothing can be done to them any more. Nor is a
    controller that cannot act where the experiments are made.
    """
    from embody.comparison import experiments

    if arguments.no_experiments or arguments.battery not in experiments.TABLES:
        return {}
    seeds = range(simulated.seed, simulated.seed + simulated.individuals)
    asked: dict[str, experiments.Asked] = {}
    for text in arguments.candidates:
        name, content = compare_records.split_name(text)
        if acts(content) and _can_act(content, arguments.battery, simulated):
            asked[name] = experiments.Asked(content, seeds, simulated.controller_options)
    return experiments.run_many(
        asked, arguments.battery, workers=simulated.workers, progress=progress
    )


def _can_act(controller: str, battery: str, simulated: Simulated) -> bool:
    from embody.comparison.experiments import load_experiments

    for env in load_experiments(battery).envs:
        one = registry.make_env(env)
        try:
            registry.make_controller(controller, one, **simulated.controller_options)
        except EmbodyError:
            return False
        finally:
            one.close()
    return True
