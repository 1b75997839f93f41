"""Whether the worm crawls as worms do: gait on agar against bands from the literature."""

from typing import NamedTuple

import numpy as np

from embody.envs.worm.evaluation_cache import Order, TrialCache
from embody.envs.worm.evaluation_figures import draw_gait
from embody.envs.worm.evaluation_plan import Plan
from embody.envs.worm.evaluation_report import Chapter, Table, median, number, verdict
from embody.envs.worm.evaluation_trial import Outcome, Trial, Window

OTHER_FIT_EPISODES = 5


class Band(NamedTuple):
    """A measure of the gait, the name it has in tables, and the values wanted."""

    label: str
    key: str
    low: float
    high: float


BANDS = (
    Band("frequency [Hz]", "frequency_hz", 0.2, 0.6),
    Band("wavelength [body lengths]", "wavelength_body", 0.5, 0.8),
    Band("speed [mm/s]", "speed_mm_s", 0.12, 0.30),
    Band("curvature amplitude [1/mm]", "curvature_amplitude_per_mm", 4.0, 9.0),
    Band("curvature amplitude, front [1/mm]", "curvature_amplitude_front_per_mm", 4.0, 9.0),
    Band("curvature amplitude, middle [1/mm]", "curvature_amplitude_middle_per_mm", 4.0, 9.0),
    Band("curvature amplitude, rear [1/mm]", "curvature_amplitude_rear_per_mm", 4.0, 9.0),
    Band("posture variance [4 eigenworms]", "eigenworm_variance_4", 0.85, 1.0),
)


class Crawling:
    """Forward crawling of the connectome, and of the other fits if there are any."""

    name = "crawling"

    def orders(self, plan: Plan) -> list[Order]:
        """Return what has to be run."""
        seeds = range(plan.seeds)
        others = [(_trial(plan, path), _other_seeds(plan)) for path in plan.other_fits.values()]
        return [(_trial(plan, plan.parameters), seeds), *others]

    def report(self, plan: Plan, cache: TrialCache) -> Chapter:
        """Return tables, figure and numbers."""
        outcomes = cache.outcomes(_trial(plan, plan.parameters), range(plan.seeds))
        values = _values(outcomes)
        tables = [_against_bands(values), _per_seed(outcomes, values)]
        fits = {
            label: _values(cache.outcomes(_trial(plan, path), _other_seeds(plan)))
            for label, path in plan.other_fits.items()
        }
        if fits:
            tables.append(_fits_table(fits))
        numbers = {
            "seconds": plan.crawl_seconds,
            "medians": {band.key: median(values[band.key]) for band in BANDS},
            "passes": {band.key: _holds(band, values) for band in BANDS},
            "episodes": {key: list(found) for key, found in values.items()},
            "other_fits": {
                label: {band.key: median(found[band.key]) for band in BANDS}
                for label, found in fits.items()
            },
            "other_fits_that_pass": sum(_all_hold(found) for found in fits.values()),
        }
        title = f"Crawling: {plan.seeds} episodes of {plan.crawl_seconds:g} s on agar"
        figure = draw_gait([(b.label, values[b.key], b.low, b.high) for b in BANDS])
        return Chapter(self.name, title, tuple(tables), numbers, {"crawling": figure})


def _trial(plan: Plan, parameters: str) -> Trial:
    window = Window("whole", 0.0, plan.crawl_seconds)
    return plan.crawl(seconds=plan.crawl_seconds, parameters=parameters, windows=(window,))


def _other_seeds(plan: Plan) -> range:
    return range(min(plan.seeds, OTHER_FIT_EPISODES))


def _values(outcomes: list[Outcome]) -> dict[str, list[float]]:
    merged = [{**outcome.metrics, **outcome.windows["whole"]} for outcome in outcomes]
    return {band.key: [found[band.key] for found in merged] for band in BANDS}


def _holds(band: Band, values: dict[str, list[float]]) -> bool:
    return band.low <= median(values[band.key]) <= band.high


def _all_hold(values: dict[str, list[float]]) -> bool:
    return all(_holds(band, values) for band in BANDS)


def _against_bands(values: dict[str, list[float]]) -> Table:
    rows = []
    for band in BANDS:
        low, high = np.nanmin(values[band.key]), np.nanmax(values[band.key])
        rows.append(
            (
                band.label,
                number(median(values[band.key]), 3),
                f"{number(low, 3)} to {number(high, 3)}",
                f"{band.low:g} to {band.high:g}",
                verdict(_holds(band, values)),
            )
        )
    header = ("measure", "median", "all episodes", "wanted", "median in the band?")
    note = (
        "Curvature amplitude is the root mean square about the mean times sqrt 2; front, middle "
        "and rear are thirds of the body. Eigenworms are those of real worms."
    )
    return Table("Gait of the connectome", header, tuple(rows), note)


def _per_seed(outcomes: list[Outcome], values: dict[str, list[float]]) -> Table:
    rows = [
        (str(outcome.seed), *(number(values[band.key][index], 3) for band in BANDS))
        for index, outcome in enumerate(outcomes)
    ]
    header = ("seed", *(band.label for band in BANDS))
    return Table("Each episode", header, tuple(rows))


def _fits_table(fits: dict[str, dict[str, list[float]]]) -> Table:
    rows = [
        (
            label,
            *(number(median(values[band.key]), 3) for band in BANDS),
            verdict(_all_hold(values)),
        )
        for label, values in fits.items()
    ]
    passed = sum(_all_hold(values) for values in fits.values())
    return Table(
        "Other fits of the same connectome, medians",
        ("fit", *(band.label for band in BANDS), "all in the bands?"),
        tuple(rows),
        f"{passed} of {len(fits)} fits crawl within all bands.",
    )
