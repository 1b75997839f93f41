import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from embody import perturb
from embody.analysis import Relation
from embody.analysis.synthetic import crawling_worm
from embody.envs.worm.evaluation_cache import TrialCache
from embody.envs.worm.evaluation_chemotaxis import Chemotaxis, compare
from embody.envs.worm.evaluation_crawling import Crawling
from embody.envs.worm.evaluation_drives import Drives
from embody.envs.worm.evaluation_figures import path_from_start
from embody.envs.worm.evaluation_lesions import Lesions
from embody.envs.worm.evaluation_measures import (
    MOTOR_CLASSES,
    path_each_second,
    speed_each_second,
    window_measures,
)
from embody.envs.worm.evaluation_plan import Plan
from embody.envs.worm.evaluation_report import median, number, ratio, write_report
from embody.envs.worm.evaluation_strategy import STRATEGIES, Strategies, is_used
from embody.envs.worm.evaluation_surroundings import Surroundings
from embody.envs.worm.evaluation_trial import CHEMOTAXIS, CRAWL, Outcome, Trial, Window
from embody.envs.worm.evaluation_wiring import Wiring
from embody.errors import EmbodyError

STUDIES = (Crawling(), Lesions(), Drives(), Wiring(), Surroundings(), Chemotaxis(), Strategies())
FIELD = {"kind": "gaussian", "peak_mm": [0.0, 10.0], "sigma_mm": 4.0, "weight": 1.0}
SHORT = Trial(CRAWL, "open-loop", None, 1.0)


def synthetic(trial, seed):
    """What a worm that crawls straight on leaves of a trial; ASCII seeds tell episodes apart."""
    from embody.analysis import summarise

    recording = crawling_worm(
        trial.seconds,
        speed_mm_s=0.2 + 0.01 * seed,
        fields=[FIELD] if trial.env_id == CHEMOTAXIS else [],
        dish_radius_mm=17.5,
    )
    windows = trial.windows or (Window("whole", 0.0, trial.seconds),)
    return recording, Outcome(
        seed,
        summarise(recording),
        {w.name: window_measures(recording, w.start_s, w.stop_s) for w in windows},
        path_each_second(recording),
        speed_each_second(recording),
        dict.fromkeys(MOTOR_CLASSES, 0.3),
        {"fields": recording.meta["scene"]["fields"], "dish_radius_mm": 17.5},
    )


class Rehearsal(TrialCache):
    """A cache in which every trial ends as a straight crawl."""

    def outcomes(self, trial, seeds):
        return [synthetic(trial, seed)[1] for seed in seeds]

    def postures(self, trial, seeds):
        return [synthetic(trial, seed)[0] for seed in seeds]


@pytest.fixture(scope="module")
def plan():
    small = Plan(seeds=2, lesion_seeds=2, steering_seeds=2, rewired_seeds=2, draws=2)
    return replace(
        small.shortened(0.2), rewirings={0: "rewired-0"}, other_fits={"fit 0": "connectome"}
    )


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_every_study_reports_tables_figures_and_valid_numbers(study, plan, tmp_path):
    for trial, seeds in study.orders(plan):
        assert len(seeds) == 2
        assert trial.seconds <= 60
    chapter = study.report(plan, Rehearsal(tmp_path))
    paths = write_report(tmp_path, "report", [chapter], {})
    text = paths[0].read_text()
    for table in chapter.tables:
        assert all(len(row) == len(table.header) for row in table.rows)
        assert table.title in text
    assert set(json.loads(paths[1].read_text())) == {"provenance", chapter.name}
    assert {path.stem for path in paths[2:]} == set(chapter.figures) != set()


def test_a_straight_crawl_keeps_what_it_was_made_with(plan, tmp_path):
    numbers = Crawling().report(plan, Rehearsal(tmp_path)).numbers
    assert numbers["medians"]["speed_mm_s"] == pytest.approx(0.205, abs=0.003)
    assert numbers["medians"]["frequency_hz"] == pytest.approx(0.5, abs=0.03)
    assert numbers["passes"]["wavelength_body"]
    wiring = Wiring().report(plan, Rehearsal(tmp_path)).numbers
    assert wiring["ratios"]["chemical partners shuffled"]["forward"] == pytest.approx(1.0)
    assert not wiring["chemical_wiring_matters"]


def test_a_trial_is_named_by_what_decides_its_outcome():
    assert replace(SHORT, keeps_posture=True).name == SHORT.name
    others = [
        replace(SHORT, seconds=2.0),
        replace(SHORT, env_options={"medium": "water"}),
        replace(SHORT, controller_options={"frequency_hz": 0.3}),
        replace(SHORT, perturbations=(perturb.silence_muscles("MDL01"),)),
        replace(SHORT, controller="connectome", parameters="connectome"),
        replace(SHORT, controller="connectome", parameters="prior"),
    ]
    assert len({SHORT.name, *(trial.name for trial in others)}) == 1 + len(others)


def test_only_missing_episodes_are_run(tmp_path, monkeypatch):
    cache = TrialCache(tmp_path)
    cache.fill([(SHORT, range(2))], progress=False)
    first = cache.outcomes(SHORT, range(2))
    run = []
    monkeypatch.setattr(TrialCache, "run", lambda self, trial, seed: run.append(seed))
    cache.fill([(SHORT, range(3)), (SHORT, range(2))], progress=False)
    assert run == [2]
    cache.fill([(replace(SHORT, keeps_posture=True), [0])], progress=False)
    assert run == [2, 0]
    assert [outcome.seed for outcome in first] == [0, 1]


def test_posture_is_kept_where_it_is_asked_for(tmp_path):
    trial = replace(SHORT, keeps_posture=True)
    cache = TrialCache(tmp_path)
    cache.fill([(trial, [3])], progress=False)
    (recording,) = cache.postures(trial, [3])
    assert recording["centreline"].shape == (21, 26, 2)
    assert "muscle_activation" not in recording


def test_damaged_outcome_says_what_to_do(tmp_path):
    cache = TrialCache(tmp_path)
    path = cache.path(SHORT, 0)
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with pytest.raises(EmbodyError, match="delete it and run again"):
        cache.outcomes(SHORT, [0])
    with pytest.raises(EmbodyError, match="workers"):
        cache.fill([], workers=0)


def test_outcome_survives_json_with_nan():
    outcome = synthetic(SHORT, 0)[1]
    assert np.isnan(outcome.metrics["frequency_hz"])
    again = Outcome.from_dict(json.loads(json.dumps(outcome.to_dict(), allow_nan=False)))
    assert again.metrics.keys() == outcome.metrics.keys()
    np.testing.assert_equal(again.metrics, outcome.metrics)
    np.testing.assert_allclose(again.path_mm, outcome.path_mm, atol=1e-4)


def test_connectome_trial_measures_its_motor_neurons():
    outcome, _ = Trial(CRAWL, "connectome", "connectome", 1.0).run(0)
    assert set(outcome.release_swing) == set(MOTOR_CLASSES)
    assert all(0 <= swing <= 1 for swing in outcome.release_swing.values())


def test_tests_are_one_sided():
    low, high = np.arange(10) / 10, 2 + np.arange(10) / 9
    assert max(compare(high, low).values()) < 0.01
    assert min(compare(low, high).values()) > 0.99
    assert np.isnan(compare(low, low)["wilcoxon"])


@pytest.mark.parametrize(
    ("ours", "null", "used"),
    [((1, 3), (-1, 0.5), True), ((1, 3), (-1, 2), False), ((-1, 3), (-1, -0.5), False)],
)
def test_strategy_needs_an_interval_clear_of_zero_and_of_the_null(ours, null, used):
    def relation(interval):
        empty = np.empty(0)
        return Relation(empty, empty, empty, empty, float(np.mean(interval)), interval, 20)

    for strategy in STRATEGIES:
        signed = [tuple(sorted(strategy.sign * end for end in ends)) for ends in (ours, null)]
        found, blind = ({strategy.label: relation(interval)} for interval in signed)
        assert is_used(strategy, found, blind) == used


def test_paths_are_turned_towards_the_peak():
    trial = Trial(CHEMOTAXIS, "open-loop", None, 20.0)
    path = path_from_start(synthetic(trial, 0)[1])
    np.testing.assert_allclose(path[0], 0, atol=1e-12)
    assert path[-1, 1] == pytest.approx(-4.0, abs=0.1)  # the peak is to the left of where it went
    assert path[-1, 0] == pytest.approx(0.0, abs=0.1)


def test_numbers_in_tables():
    assert [number(x) for x in (1.234, -0.001, float("nan"))] == ["1.23", "0.00", "-"]
    assert median([1.0, float("nan"), 3.0]) == 2.0
    assert np.isnan(ratio(1.0, 0.0))


def test_plan_refuses_nothing_to_run():
    with pytest.raises(EmbodyError, match="seeds"):
        Plan(seeds=0)
    with pytest.raises(EmbodyError, match="share"):
        Plan().shortened(0.0)


def test_command_says_what_is_wrong(repository, tmp_path):
    tool = repository / "tools" / "evaluate_worm.py"
    command = [sys.executable, str(tool), "crawling", "--fits", str(tmp_path), "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "connectome-seed-" in done.stderr
    assert not (tmp_path / "out").exists()
