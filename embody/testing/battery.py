"""What every battery of a comparison must fulfil."""
# ruff: noqa: D102  (the names of the tests are sentences)

import pickle

from embody.comparison.battery import Battery
from embody.comparison.surrogates import SURROGATES


class BatteryContract:
    """Inherit it in a test class and write `make_battery`."""

    def make_battery(self) -> Battery:
        """Return the battery under test."""
        raise NotImplementedError

    def test_it_is_whole(self) -> None:
        battery = self.make_battery()
        assert battery.name and battery.species and battery.arrays and battery.description
        assert 0.0 < battery.least_seconds <= battery.clip_seconds
        assert battery.clips_each >= 1

    def test_measures_have_names_of_their_own_and_climb(self) -> None:
        measures = self.make_battery().measures()
        names = [measure.identifier for measure in measures]
        tiers = [measure.tier for measure in measures]
        assert names and len(set(names)) == len(names)
        assert tiers == sorted(tiers), f"tiers out of order: {tiers}"

    def test_its_surrogates_exist_and_are_those_of_its_measures(self) -> None:
        battery = self.make_battery()
        assert battery.surrogates, "without controls that must fail, nobody can pass"
        assert set(battery.surrogates) <= set(SURROGATES)
        for measure in battery.measures():
            assert set(measure.must_reject) <= set(battery.surrogates)

    def test_measures_are_made_anew(self) -> None:
        battery = self.make_battery()
        first, second = battery.measures(), battery.measures()
        assert all(one is not other for one, other in zip(first, second, strict=True))

    def test_processes_can_make_its_measures(self) -> None:
        battery = self.make_battery()
        try:
            again = pickle.loads(pickle.dumps(battery))
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise AssertionError(f"measures has to be a function of a module: {error}") from None
        assert [m.identifier for m in again.measures()] == [
            m.identifier for m in battery.measures()
        ]
