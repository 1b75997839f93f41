"""The fits that show whether the worm's wiring matters."""

import pytest

from embody.envs.worm.wiring_controls import budget, measured_fits, rewirings
from embody.errors import EmbodyError


def test_every_fit_had_the_same_budget():
    assert budget() == "1008 evaluations, from one prior"


def test_there_are_as_many_as_were_fitted():
    assert len(measured_fits()) == 5
    assert [options["rewiring"] for _, options in rewirings(10).values()] == list(range(10))
    for wrong in (0, 11):
        with pytest.raises(EmbodyError, match="10 of the worm's connectome were fitted"):
            rewirings(wrong)
