"""What a fit of the worm costs: evaluations of the calibration's cost, and candidates in dishes."""

from collections.abc import Callable, Iterator

from embody import registry
from embody.benchmark import Remark, Row, timed
from embody.brains.worm.parameters import load_parameters
from embody.command_line.bench_devices import jax_devices
from embody.command_line.bench_loop import one_loop
from embody.connectome import load_connectome
from embody.loop import open_env
from embody.sampling import control_period_s

ENV = "Worm-Chemotaxis-v0"
CANDIDATES, STARTS = 64, 16
SIMULATED_S = 5.0
ONE_BY_ONE = "the same candidates one after another in gymnasium.make, MuJoCo, one core"


def measure(seconds: float) -> Iterator[Row | Remark]:
    """Yield evaluations and candidates per second.

    Parameters
    ----------
    seconds
        Wall time to spend, compilation aside [s].
    """
    try:
        devices = jax_devices()
    except ModuleNotFoundError:
        yield Remark("worm-fit needs JAX: pip install embody-sim[fit]")
        return
    import jax

    share = seconds / (1 + 3 * len(devices))
    alone = _one_by_one(share)
    for device in devices:
        with jax.default_device(device.jax_device):
            cost = timed(_cost(), share)
            dishes = timed(_candidates(), share)
            tried_often = timed(_candidates_at_all_starts(), share)
        name, unit = f"worm-fit{device.tag}", "evaluations per second"
        yield cost.rate(f"{name}-calibration-cost", 1, unit, device=device.name)
        unit = f"candidates of {SIMULATED_S:g} s per second"
        row = dishes.rate(f"{name}-candidates", CANDIDATES, unit, device=device.name)
        yield row.beside(ONE_BY_ONE, alone)
        unit = f"candidates of {STARTS} times {SIMULATED_S:g} s per second"
        row = tried_often.rate(
            f"{name}-candidates-at-{STARTS}-starts", CANDIDATES // STARTS, unit, device=device.name
        )
        yield row.beside(ONE_BY_ONE, alone / STARTS)


def _cost() -> Callable[[], object]:
    from embody.envs.worm.calibration_cost import CalibrationCost
    from embody.envs.worm.controllers import worm_wiring
    from embody.envs.worm.trials import Trials
    from embody.fitting.free import FreeParameters

    fitted = load_parameters("connectome")
    free = FreeParameters.choose(fitted)
    cost = CalibrationCost(Trials(worm_wiring(load_connectome("worm"))), free)
    position = free.position(fitted.values())
    return lambda: cost.terms(position)


def _candidates() -> Callable[[], object]:
    from embody.envs.worm.compiled_dish import CompiledDish, draw_starts

    dish = CompiledDish(load_connectome("worm"))
    values = load_parameters("connectome").values()
    candidates, starts = [values] * CANDIDATES, draw_starts(range(CANDIDATES))
    return lambda: dish.run(candidates, starts, SIMULATED_S)


def _candidates_at_all_starts() -> Callable[[], object]:
    from embody.envs.worm.compiled_dish import CompiledDish, draw_starts

    dish = CompiledDish(load_connectome("worm"))
    values = load_parameters("connectome").values()
    candidates, starts = [values] * (CANDIDATES // STARTS), draw_starts(range(STARTS))
    return lambda: dish.run_all(candidates, starts, SIMULATED_S)


def _one_by_one(seconds: float) -> float:
    """Return candidates per second of a loop over single envs, without their assembly."""
    env = open_env(ENV, seconds=1.0)
    advance, _ = one_loop(env, registry.make_controller("connectome", env))
    loop_s = timed(advance, seconds).median_s
    env.close()
    return control_period_s(env) / (loop_s * SIMULATED_S)
