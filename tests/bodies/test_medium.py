import numpy as np
import pytest

from embody.bodies.worm.medium import Medium, medium
from embody.errors import EmbodyError, UnknownNameError


def test_the_ends_of_the_scale_are_the_named_media():
    assert medium(0.0) == medium("water") == Medium("water", 3.3, 5.2)
    assert medium(1.0) == medium("agar") == Medium("agar", 3.2e3, 128e3)
    assert medium(medium("agar")) is not None


def test_drag_and_anisotropy_grow_and_the_step_never_shrinks_towards_agar():
    media = [medium(scale) for scale in np.linspace(0, 1, 21)]
    assert np.all(np.diff([m.tangential_drag for m in media]) > 0)
    assert np.all(np.diff([m.normal_drag for m in media]) > 0)
    assert np.all(np.diff([m.normal_drag / m.tangential_drag for m in media]) > 0)
    assert np.all(np.diff([m.longest_step_s for m in media]) > 0)


def test_the_middle_of_the_scale_is_the_geometric_mean():
    assert medium(0.5).tangential_drag == pytest.approx(np.sqrt(3.3 * 3.2e3))


@pytest.mark.parametrize(("name", "step"), [("water", 0.0005), ("agar", 0.005)])
def test_physics_step_of_the_named_media(name, step):
    assert 0.005 / medium(name).physics_steps(0.005) == pytest.approx(step)


def test_unknown_media_are_named():
    with pytest.raises(UnknownNameError, match="agar, water"):
        medium("honey")
    with pytest.raises(EmbodyError, match="between 0"):
        medium(1.5)
    with pytest.raises(EmbodyError, match="positive"):
        Medium("vacuum", 0.0, 1.0)
