"""Whether the worm finds the odour, and better than animals that should not."""

from typing import Any

import numpy as np

from embody.envs.worm.evaluation_cache import Order, TrialCache
from embody.envs.worm.evaluation_figures import draw_indices, draw_paths
from embody.envs.worm.evaluation_plan import Plan
from embody.envs.worm.evaluation_report import Chapter, Table, median, number, verdict
from embody.envs.worm.evaluation_trial import Outcome, Trial

CONNECTOME = "connectome"
WANTED_INDEX = 0.6
WANTED_P = 0.01
MUST_BEAT = ("no-sense", "random")
OTHER_FIELDS = ("linear", "two-peak")
REACHED = "reached the peak (1 mm)"


class Chemotaxis:
    """The Gaussian field for every controller, other fields for the connectome."""

    name = "chemotaxis"

    def orders(self, plan: Plan) -> list[Order]:
        """Return what has to be run."""
        return [
            (trial, seeds_of(plan, label))
            for label, trial in {**animals(plan), **fields(plan)}.items()
        ]

    def report(self, plan: Plan, cache: TrialCache) -> Chapter:
        """Return tables, figures and numbers."""
        found = {k: cache.outcomes(t, seeds_of(plan, k)) for k, t in animals(plan).items()}
        elsewhere = {k: cache.outcomes(t, seeds_of(plan, k)) for k, t in fields(plan).items()}
        index = {k: _indices(outcomes) for k, outcomes in found.items()}
        tests = {
            k: compare(index[CONNECTOME], others) for k, others in index.items() if k != CONNECTOME
        }
        rewired = {k: values for k, values in index.items() if k.startswith("rewired")}
        numbers: dict[str, Any] = {
            "seconds": plan.chemotaxis_seconds,
            "wanted": _wanted(index, tests),
            "controllers": {k: _statistics(outcomes) for k, outcomes in found.items()},
            "fields": {k: _statistics(outcomes) for k, outcomes in elsewhere.items()},
            "tests_against_connectome": tests,
        }
        tables = [_table(found, tests), _verdicts(numbers["wanted"], tests, rewired, index)]
        tables.append(_fields_table({CONNECTOME + ", gaussian": found[CONNECTOME], **elsewhere}))
        if rewired:
            numbers["rewired_summary"] = _against_rewired(rewired, index[CONNECTOME])
        title = (
            f"Chemotaxis: {plan.seeds} episodes of {plan.chemotaxis_seconds:g} s, peak 10 mm away"
        )
        figures = {
            "chemotaxis": draw_indices(index, WANTED_INDEX),
            "chemotaxis-paths": draw_paths({**found, **elsewhere}),
        }
        return Chapter(self.name, title, tuple(tables), numbers, figures)


def animals(plan: Plan) -> dict[str, Trial]:
    """Return the trial of every controller in the Gaussian field, by its name in tables."""
    return {
        CONNECTOME: plan.chemotaxis(keeps_posture=True),
        "no-sense": plan.chemotaxis(controller="no-sense", keeps_posture=True),
        "random": plan.chemotaxis(controller="random", parameters=None),
        "open-loop": plan.chemotaxis(controller="open-loop", parameters=None),
        **{
            f"rewired {k}": plan.chemotaxis(
                controller="rewired",
                parameters=path,
                controller_options={"rewiring": k},
            )
            for k, path in plan.rewirings.items()
        },
        **{label: plan.chemotaxis(parameters=path) for label, path in plan.other_fits.items()},
    }


def fields(plan: Plan) -> dict[str, Trial]:
    """Return the trials of the connectome in other fields."""
    return {
        f"{CONNECTOME}, {field}": plan.chemotaxis(env_options={"field": field})
        for field in OTHER_FIELDS
    }


def seeds_of(plan: Plan, label: str) -> range:
    """Return the seeds a controller is run with."""
    many = label.startswith((CONNECTOME, *MUST_BEAT, "open-loop"))
    return range(plan.seeds if many else min(plan.rewired_seeds, plan.seeds))


def compare(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Return the one-sided p-values that ours exceed theirs.

    Parameters
    ----------
    ours, theirs
        Indices, one for each seed; the first ones share their seeds, so places and headings.

    Returns
    -------
    dict
        "mann_whitney" of the two samples; "wilcoxon" of the pairs (signed ranks), NaN where all
        pairs are equal.
    """
    from scipy import stats

    pairs = min(len(ours), len(theirs))
    differences = ours[:pairs] - theirs[:pairs]
    paired: Any = np.nan
    if np.any(differences != 0):
        _, paired = stats.wilcoxon(differences, alternative="greater")
    _, unpaired = stats.mannwhitneyu(ours, theirs, alternative="greater")
    return {"mann_whitney": float(unpaired), "wilcoxon": float(paired)}


def _indices(outcomes: list[Outcome]) -> np.ndarray:
    return np.array([outcome.metrics["chemotaxis_index"] for outcome in outcomes])


def _statistics(outcomes: list[Outcome]) -> dict[str, Any]:
    index = _indices(outcomes)
    reached = [outcome.metrics["time_to_reach_s"] for outcome in outcomes]
    low, high = np.quantile(index, (0.25, 0.75))
    return {
        "episodes": len(index),
        "median": median(index),
        "quartiles": [float(low), float(high)],
        "share_positive": float((index > 0).mean()),
        "share_reached": float(np.isfinite(reached).mean()),
        "median_time_to_reach_s": median(reached),
        "median_speed_mm_s": median([o.metrics["speed_mm_s"] for o in outcomes]),
        "indices": index.tolist(),
    }


def _wanted(index: dict[str, np.ndarray], tests: dict[str, dict[str, float]]) -> dict[str, bool]:
    beaten = {
        f"above {name}, p < {WANTED_P:g} (both tests)": _beats(tests[name]) for name in MUST_BEAT
    }
    return {f"median index >= {WANTED_INDEX:g}": median(index[CONNECTOME]) >= WANTED_INDEX} | beaten


def _beats(test: dict[str, float]) -> bool:
    return all(p < WANTED_P for p in test.values())


def _against_rewired(rewired: dict[str, np.ndarray], ours: np.ndarray) -> dict[str, float]:
    medians = np.array([median(values) for values in rewired.values()])
    at_least = int((medians >= median(ours)).sum())
    return {
        "rewirings": len(medians),
        "median_of_medians": median(medians),
        "best_median": float(medians.max()),
        "rewirings_at_or_above_connectome": at_least,
        "rank_p": (at_least + 1) / (len(medians) + 1),
    }


def _cells(outcomes: list[Outcome]) -> tuple[str, ...]:
    found = _statistics(outcomes)
    low, high = found["quartiles"]
    return (
        str(found["episodes"]),
        number(found["median"]),
        f"{number(low)} to {number(high)}",
        f"{100 * found['share_positive']:.0f} %",
        f"{100 * found['share_reached']:.0f} %",
        number(found["median_speed_mm_s"]),
    )


_COLUMNS = ("episodes", "median index", "quartiles", "index > 0", REACHED, "speed [mm/s]")


def _table(found: dict[str, list[Outcome]], tests: dict[str, dict[str, float]]) -> Table:
    rows = []
    for label, outcomes in found.items():
        test = tests.get(label)
        p = ("", "") if test is None else (_p(test["mann_whitney"]), _p(test["wilcoxon"]))
        rows.append((label, *_cells(outcomes), *p))
    note = (
        "The index is the time average of 1 - d(t)/d(0), d the distance to the peak. p: that the "
        "connectome's index is higher, one-sided; the Wilcoxon test pairs episodes of one seed, "
        "which share the places of worm and peak and the heading."
    )
    header = ("controller", *_COLUMNS, "p (Mann-Whitney)", "p (Wilcoxon)")
    return Table("Gaussian field", header, tuple(rows), note)


def _verdicts(
    wanted: dict[str, bool],
    tests: dict[str, dict[str, float]],
    rewired: dict[str, np.ndarray],
    index: dict[str, np.ndarray],
) -> Table:
    rows = [(what, verdict(holds)) for what, holds in wanted.items()]
    if rewired:
        found = _against_rewired(rewired, index[CONNECTOME])
        rows.append(
            (
                f"rewired: {found['rewirings_at_or_above_connectome']} of {len(rewired)} reach the "
                f"connectome's median (rank p = {_p(found['rank_p'])}); "
                f"best {number(found['best_median'])}",
                "no target",
            )
        )
    else:
        rows.append(("rewired: no parameter sets were found", "not run"))
    fits = [k for k in tests if k.startswith("fit")]
    if fits:
        good = sum(median(index[k]) >= WANTED_INDEX for k in fits)
        rows.append((f"{good} of {len(fits)} other fits reach {WANTED_INDEX:g}", "no target"))
    return Table("What was wanted", ("target", "verdict"), tuple(rows))


def _fields_table(found: dict[str, list[Outcome]]) -> Table:
    rows = tuple((label, *_cells(outcomes)) for label, outcomes in found.items())
    note = "In the linear field the peak is the line where the ramp ends."
    return Table("Other fields", ("field", *_COLUMNS), rows, note)


def _p(value: float) -> str:
    if not np.isfinite(value):
        return "-"
    return f"{value:.1e}" if value < 0.001 else f"{value:.3f}"
