"""Relay gain against algebra, against simulation and against published numbers."""

import numpy as np
import pytest
from small_networks import gap_pair, parameters, random_weights

from embody.brains import graded
from embody.brains.connections import SparseConnections
from embody.brains.relay_gain import relay_gain
from embody.brains.worm.kunert import kunert_network
from embody.connectome import load_connectome
from embody.errors import EmbodyError

SIZE = 12
CONSTANTS = parameters(SIZE, release_slope=0.1)
CONNECTIONS = SparseConnections(*random_weights(SIZE, seed=5))
REST = np.full(SIZE, -35.0)


def test_a_gap_junction_divides_voltage():
    constants = parameters(2, release_rise=1e-12)
    gain = relay_gain(constants, gap_pair(4.0), np.full(2, -35.0), 0, [0, 1], frequency_hz=2.0)
    np.testing.assert_allclose(gain.displacement_mV, [10.0, 8.0])
    omega = 4 * np.pi
    np.testing.assert_allclose(gain.response_mV, [10.0, 40.0 / (5.0 + 0.1j * omega)])


def test_a_synapse_drives_towards_its_potential():
    excitation = np.array([[0.0, 0.0], [3.0, 0.0]])
    zero = np.zeros((2, 2))
    constants = parameters(2)
    connections = SparseConnections(excitation, zero, zero)
    gain = relay_gain(constants, connections, np.full(2, -35.0), 0, 1, 5.0)
    open_at_rest, open_displaced = (
        3.0 * graded.resting_release(constants, np.full(2, voltage), np)[0]
        for voltage in (-35.0, -30.0)
    )
    expected = -35.0 / (1.0 + open_displaced) + 35.0 / (1.0 + open_at_rest)
    assert gain.displacement_mV[0] == pytest.approx(expected, rel=1e-9)


def test_a_small_displacement_agrees_with_the_response_at_low_frequency():
    gain = relay_gain(CONSTANTS, CONNECTIONS, REST, 0, range(SIZE), 1e-4, frequency_hz=1e-9)
    np.testing.assert_allclose(gain.response_mV.real, gain.displacement_mV, rtol=1e-3, atol=1e-9)
    np.testing.assert_allclose(gain.response_mV.imag, 0.0, atol=1e-9)


def test_the_response_is_that_of_a_simulated_swing():
    frequency, dt, amplitude = 0.5, 5e-4, 0.01
    targets = np.arange(1, SIZE)
    expected = relay_gain(CONSTANTS, CONNECTIONS, REST, 0, targets, amplitude, frequency)
    state = graded.init(CONSTANTS, REST, np)
    for _ in range(4000):
        state = graded.step(CONSTANTS, CONNECTIONS, state, 0.0, 0.005, np)
    rest, steps = state.voltage[0], round(1 / frequency / dt)
    held = CONSTANTS._replace(time_constant=np.where(np.arange(SIZE) == 0, 1e9, 0.1))
    times = dt * np.arange(1, 3 * steps + 1)
    visited = []
    for time in times:
        state.voltage[0] = rest + amplitude * np.sin(2 * np.pi * frequency * (time - 0.5 * dt))
        state = graded.step(held, CONNECTIONS, state, 0.0, dt, np)
        visited.append(state.voltage[targets])
    last = np.array(visited[-steps:])
    basis = np.exp(-2j * np.pi * frequency * times[-steps:])
    found = 2j * (basis @ last) / steps
    scale = np.abs(expected.response_mV).max()
    np.testing.assert_allclose(found, expected.response_mV, atol=0.01 * scale)


def test_neurons_that_do_not_exist_are_refused():
    with pytest.raises(EmbodyError, match="indices 0 to 11"):
        relay_gain(CONSTANTS, CONNECTIONS, REST, 0, [12])


def test_published_constants_relay_forward_drive_but_not_touch():
    """Cook's sheet and these constants: AVD +1.13, AVA +0.19, DB3 +7.8, VB5 +9.3 mV.

    So reported for the same network, without saying how exactly the source was displaced. Holding
    ALM and AVM is within 6 % of all four.
    """
    sheet = load_connectome("worm", patch=False)
    network = kunert_network(sheet)

    def moved(source, target, displacement):
        gain = relay_gain(*network, sheet.index(source), sheet.index(target), displacement)
        return gain.displacement_mV

    touched = moved(["ALML", "ALMR", "AVM"], ["AVDL", "AVAL"], 10.0)
    driven = moved(["AVBL", "AVBR"], ["DB3", "VB5"], 12.5)
    np.testing.assert_allclose([*touched, *driven], [1.13, 0.19, 7.8, 9.3], rtol=0.06)


def test_the_published_network_rests_where_release_is_half_maximal():
    parameters, connections, rest = kunert_network(load_connectome("worm"))
    state = graded.init(parameters, rest, np)
    following = graded.step(parameters, connections, state, 0.0, 0.005, np)
    np.testing.assert_allclose(following.voltage, rest, atol=1e-9)
    np.testing.assert_allclose(state.release, 0.5 / 5.5)
