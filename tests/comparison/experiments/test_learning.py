"""Made-up animals that habituate, or do not, or wane without being tapped."""

import numpy as np
import pytest
from made_up_animals import ENV, SPEED_MM_S, MadeUpSubject

from embody.comparison.experiments import Experiments, Habituation, Touch, ask
from embody.errors import EmbodyError

TAPS = Habituation(
    "tapped", ENV, (Touch(0.15, 100, 0.0, 0.5),), 10.0, 10.0, 30, 600.0, "backward speed",
    (0.5, 2.5), 0.02, 0.25, "in words", "Nobody (1990), J. Nothing 1:1",
)  # fmt: skip


def tapped(strength_of, spread=0.02):
    """Ask an animal that backs up after each tap, by a rule of the taps before and of time."""

    def speed(protocol, time_s):
        now = np.full(len(time_s), SPEED_MM_S)
        times = [touch.start_s for touch in protocol.touches]
        for number, tap_s in enumerate(times):
            since = tap_s - times[number - 1] if number else np.inf
            backing = (time_s > tap_s) & (time_s <= tap_s + 4.0)
            now[backing] = -SPEED_MM_S * strength_of(number, since, tap_s)
        return now

    subject = MadeUpSubject(speed, spread=spread)
    (found,) = ask(subject, Experiments((), (TAPS,)))
    return found, subject


def habituating(number, since, tap_s):
    return 1.0 if since > 300 else max(0.2, 0.9**number)


def test_one_that_habituates_and_recovers_passes():
    found, _ = tapped(habituating)
    assert (found.verdict, found.tier, found.horizon_s) == ("PASS", "T7", 290.0)
    assert found.value == pytest.approx(0.8, abs=0.05)
    assert found.controls["tapped only once, as late"][1] is True


def test_weights_that_stay_as_they_are_fail():
    found, _ = tapped(lambda number, since, tap_s: 1.0)
    assert found.verdict == "FAIL"
    assert "does not wane" in found.reason


def test_one_that_does_not_respond_fails_without_being_tapped_for_long():
    found, subject = tapped(lambda number, since, tap_s: -1.0)
    assert found.verdict == "FAIL"
    assert "does not respond" in found.reason
    assert [len(protocol.touches) for protocol in subject.asked] == [1, 0]


def test_one_that_backs_up_tapped_or_not_does_not_respond():
    subject = MadeUpSubject(lambda protocol, time_s: np.full(len(time_s), -0.1), spread=0.01)
    (found,) = ask(subject, Experiments((), (TAPS,)))
    assert found.verdict == "FAIL"
    assert "does not respond" in found.reason


def test_one_that_does_not_recover_fails():
    found, _ = tapped(lambda number, since, tap_s: max(0.2, 0.9**number))
    assert found.verdict == "FAIL"
    assert [part.agrees for part in found.parts] == [True, False]


def test_a_response_that_wanes_with_time_alone_is_no_learning():
    found, _ = tapped(lambda number, since, tap_s: 1.0 if not 200 < tap_s < 500 else 0.2)
    assert found.verdict == "INCONCLUSIVE"
    assert found.controls["tapped only once, as late"][1] is False


def test_responses_that_vary_too_much_leave_it_open():
    found, _ = tapped(habituating, spread=1.0)
    assert found.verdict == "INCONCLUSIVE"


def test_a_series_makes_sense_or_is_refused():
    with pytest.raises(EmbodyError, match="two taps"):
        Habituation(**{**vars(TAPS), "times": 1})
    with pytest.raises(EmbodyError, match="two taps"):
        Habituation(**{**vars(TAPS), "window_s": (0.5, 12.0)})
