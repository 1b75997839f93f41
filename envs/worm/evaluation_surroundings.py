"""What was never asked of the calibration: other media, and touch."""

import numpy as np

from embody.envs.worm.evaluation_cache import Order, TrialCache
from embody.envs.worm.evaluation_figures import draw_media, draw_touch
from embody.envs.worm.evaluation_plan import Plan
from embody.envs.worm.evaluation_report import Chapter, Table, median, number
from embody.envs.worm.evaluation_trial import Outcome, Touch, Trial

MEDIA = (1.0, 0.75, 0.5, 0.25, 0.0)
"""From agar to water."""

FRONT, REAR = 0.15, 0.8
TOUCHES: dict[str, tuple[tuple[float, float, float], ...]] = {
    "none": (),
    "front, 20 uN for 0.25 s": ((FRONT, 20.0, 0.25),),
    "front, 100 uN for 1 s": ((FRONT, 100.0, 1.0),),
    "rear, 20 uN for 0.25 s": ((REAR, 20.0, 0.25),),
    "rear, 100 uN for 1 s": ((REAR, 100.0, 1.0),),
}
"""Place (0 head to 1 tail), force [uN] and duration [s]."""

WATCHED_S = 4
REVERSAL_MM_S = -0.03
KEYS = ("frequency_hz", "wavelength_body", "speed_mm_s", "curvature_amplitude_per_mm")


class Surroundings:
    """Gait from agar to water, and responses to gentle touch."""

    name = "surroundings"

    def orders(self, plan: Plan) -> list[Order]:
        """Return what has to be run."""
        seeds = range(plan.lesion_seeds)
        trials = [_in_medium(plan, scale) for scale in MEDIA]
        trials += [_touched(plan, touches) for touches in TOUCHES.values()]
        return [(trial, seeds) for trial in trials]

    def report(self, plan: Plan, cache: TrialCache) -> Chapter:
        """Return tables, figures and numbers."""
        seeds = range(plan.lesion_seeds)
        gaits = {scale: _gait(cache.outcomes(_in_medium(plan, scale), seeds)) for scale in MEDIA}
        touched = {
            label: cache.outcomes(_touched(plan, touches), seeds)
            for label, touches in TOUCHES.items()
        }
        responses = {label: _response(plan, found) for label, found in touched.items()}
        numbers = {
            "media": {f"{scale:g}": gait for scale, gait in gaits.items()},
            "touch": responses,
        }
        title = f"Unasked outcomes: media and touch, {plan.lesion_seeds} episodes each"
        figures = {
            "media": draw_media(gaits),
            "touch": draw_touch(
                {
                    label: np.array([o.speed_mm_s for o in found])
                    for label, found in touched.items()
                },
                _touch_time(plan),
            ),
        }
        return Chapter(
            self.name, title, (_media_table(gaits), _touch_table(responses)), numbers, figures
        )


def _in_medium(plan: Plan, scale: float) -> Trial:
    return plan.crawl(env_options={} if scale == 1.0 else {"medium": scale})


def _touched(plan: Plan, touches: tuple[tuple[float, float, float], ...]) -> Trial:
    at = _touch_time(plan)
    return plan.crawl(touches=tuple(Touch(at, *touch) for touch in touches))


def _touch_time(plan: Plan) -> float:
    return float(int(plan.lesion_seconds / 2))


def _gait(outcomes: list[Outcome]) -> dict[str, float]:
    return {key: median([o.windows["settled"][key] for o in outcomes]) for key in KEYS}


def _response(plan: Plan, outcomes: list[Outcome]) -> dict[str, float]:
    at = int(_touch_time(plan))
    before = [o.speed_mm_s[max(0, at - WATCHED_S) : at].mean() for o in outcomes]
    after = [o.speed_mm_s[at : at + WATCHED_S] for o in outcomes]
    return {
        "speed_before_mm_s": median(before),
        "speed_after_mm_s": median([found.mean() for found in after]),
        "slowest_second_mm_s": median([found.min() for found in after]),
        "fastest_second_mm_s": median([found.max() for found in after]),
        "share_that_reverses": float(np.mean([found.min() < REVERSAL_MM_S for found in after])),
    }


def _media_table(gaits: dict[float, dict[str, float]]) -> Table:
    names = {1.0: "1 (agar)", 0.0: "0 (water)"}
    rows = tuple(
        (names.get(scale, f"{scale:g}"), *(number(gait[key], 3) for key in KEYS))
        for scale, gait in gaits.items()
    )
    header = (
        "medium",
        "frequency [Hz]",
        "wavelength [body]",
        "speed [mm/s]",
        "curvature amplitude [1/mm]",
    )
    note = (
        "Calibrated on agar alone. Real worms go from about 0.4 Hz and 0.65 body lengths on agar "
        "to 1.7 Hz and 1.5 body lengths in water (Fang-Yen et al. 2010, PNAS 107:20323)."
    )
    return Table("From agar to water, same nervous system", header, rows, note)


def _touch_table(responses: dict[str, dict[str, float]]) -> Table:
    rows = []
    for label, found in responses.items():
        share = found["share_that_reverses"]
        cells = [number(value, 3) for key, value in found.items() if key != "share_that_reverses"]
        rows.append((label, *cells, f"{100 * share:.0f} %"))
    header = (
        "touch",
        f"speed in the {WATCHED_S} s before [mm/s]",
        f"in the {WATCHED_S} s after [mm/s]",
        "slowest second after",
        "fastest second after",
        "reverses",
    )
    note = (
        f"At {FRONT:g} and {REAR:g} of the body. Real worms reverse from a touch in front and "
        "speed up from one behind (Chalfie et al. 1985, J. Neurosci. 5:956)."
    )
    return Table("Gentle touch", header, tuple(rows), note)
