"""The graded network in continuous time: rates of change, resting states, exact solutions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.integrate

from embody.brains.connections import AbstractConnections
from embody.brains.graded import GradedParameters, GradedState, init, sigmoid
from embody.errors import EmbodyError

SETTLED_MV_PER_S = 1e-8
LONGEST_PSEUDO_STEP_S = 1e6
PSEUDO_STEPS = 2000


class Jacobian(NamedTuple):
    """Derivatives of the rates of n neurons; releases act through their own neuron only.

    Attributes
    ----------
    voltage_voltage
        Of voltage rates in voltages, [neuron, source], shape (n, n) [1/s].
    voltage_release
        Of voltage rates in releases, [neuron, source], shape (n, n) [mV/s].
    release_voltage, release_release
        Of each release rate in its own voltage [1/(mV s)] and in itself [1/s], shape (n,).
    """

    voltage_voltage: np.ndarray
    voltage_release: np.ndarray
    release_voltage: np.ndarray
    release_release: np.ndarray

    def at_rate(self, rate: complex) -> tuple[np.ndarray, np.ndarray]:
        """Return `rate` minus the Jacobian with the releases eliminated, and what replaced them.

        Parameters
        ----------
        rate
            Complex growth rate of the perturbation [1/s].

        Returns
        -------
        matrix
            Acts on voltages, shape (n, n) [1/s].
        weight
            1 over `rate` minus `release_release`, shape (n,) [s].
        """
        weight = 1.0 / (rate - self.release_release)
        through = self.voltage_release * (self.release_voltage * weight)
        return rate * np.eye(weight.size) - self.voltage_voltage - through, weight


@dataclass(frozen=True)
class ContinuousNetwork:
    """A graded network of n neurons as the ordinary differential equation that `step` solves.

    Attributes
    ----------
    parameters
        Constants of the neurons.
    excitation, inhibition, gap
        Conductances [post, pre], shape (n, n), in units of the postsynaptic leak.
    """

    parameters: GradedParameters
    excitation: np.ndarray
    inhibition: np.ndarray
    gap: np.ndarray

    @classmethod
    def of(
        cls, parameters: GradedParameters, connections: AbstractConnections
    ) -> "ContinuousNetwork":
        """Return the network of these constants and connections."""
        each = np.eye(np.size(parameters.leak_potential))
        excitation, inhibition, gap = (np.asarray(w, float).T for w in connections(each, each))
        return cls(parameters, excitation, inhibition, gap)

    def rates(
        self, state: GradedState, current: np.ndarray | float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the rates of voltages [mV/s] and releases [1/s], shape (n,) each.

        Parameters
        ----------
        current
            Injected current, shape (n,) [pA].
        """
        p, (voltage, release) = self.parameters, state
        activation = self._activation(voltage)
        plateau = p.plateau_conductance * self._plateau(voltage)
        inward = p.leak_potential - voltage + current / p.leak_conductance
        inward = inward + self.gap @ voltage - self.gap.sum(axis=1) * voltage
        inward += (self.excitation @ release + plateau) * (p.excitatory_potential - voltage)
        inward += (self.inhibition @ release) * (p.inhibitory_potential - voltage)
        rise = p.release_rise * activation * (1.0 - release)
        return inward / p.time_constant, rise - p.release_decay * release

    def jacobian(self, state: GradedState) -> Jacobian:
        """Return the derivatives of the rates at a state."""
        p, (voltage, release) = self.parameters, state
        open_, activation = self._plateau(voltage), self._activation(voltage)
        total = 1.0 + self.gap.sum(axis=1) + (self.excitation + self.inhibition) @ release
        regenerative = p.plateau_slope * (1.0 - open_) * (p.excitatory_potential - voltage) - 1.0
        own = p.plateau_conductance * open_ * regenerative - total
        per_release = (
            self.excitation * (p.excitatory_potential - voltage)[:, None]
            + self.inhibition * (p.inhibitory_potential - voltage)[:, None]
        )
        steepness = p.release_slope * activation * (1.0 - activation)
        return Jacobian(
            (self.gap + np.diag(own)) / p.time_constant[:, None],
            per_release / p.time_constant[:, None],
            p.release_rise * steepness * (1.0 - release),
            -p.release_rise * activation - p.release_decay,
        )

    def settle(
        self,
        voltage: np.ndarray,
        clamped: np.ndarray | None = None,
        current: np.ndarray | float = 0.0,
    ) -> GradedState:
        """Return the state to which the network settles from `voltage`, as time goes to infinity.

        Implicit Euler with steps that grow as it comes to rest, so that of several resting states
        it finds the one that the network would go to.

        Parameters
        ----------
        voltage
            Where it starts, synapses settled, shape (n,) [mV].
        clamped
            Neurons whose voltage is held where it starts, a mask of shape (n,).
        current
            Injected current, shape (n,) [pA].

        Raises
        ------
        EmbodyError
            If the network does not come to rest, or rests where the least disturbance grows.
        """
        free = np.full(voltage.shape, True) if clamped is None else ~clamped
        if not free.any():
            return init(self.parameters, voltage, np)
        state, step = init(self.parameters, voltage, np), 1e-3
        speed, release_speed = self.rates(state, current)
        fastest = np.abs(speed[free]).max()
        for _ in range(PSEUDO_STEPS):
            if fastest < SETTLED_MV_PER_S:
                self._require_stable(state, free)
                return state
            jacobian = self.jacobian(state)
            matrix, weight = jacobian.at_rate(1.0 / step)
            force = speed + jacobian.voltage_release @ (weight * release_speed)
            change = np.zeros_like(voltage)
            change[free] = np.linalg.solve(matrix[np.ix_(free, free)], force[free])
            release = state.release + weight * (release_speed + jacobian.release_voltage * change)
            state = GradedState(state.voltage + change, release)
            before = fastest
            speed, release_speed = self.rates(state, current)
            fastest = max(np.abs(speed[free]).max(), np.abs(release_speed).max())
            growth = np.clip(before / max(fastest, 1e-300), 0.5, 2.0)
            step = min(step * growth, LONGEST_PSEUDO_STEP_S)
        raise EmbodyError("the network does not come to rest; it may oscillate by itself")

    def solve(
        self,
        state: GradedState,
        current: Callable[[float], np.ndarray | float],
        times: np.ndarray,
        tolerance: float = 1e-10,
    ) -> np.ndarray:
        """Return the voltages at `times` by an implicit Runge-Kutta method, shape (T, n) [mV].

        Radau IIA of fifth order with error control: slow, and exact for all that `step` can show.

        Parameters
        ----------
        current
            Injected current as a smooth function of time, shape (n,) [pA].
        times
            When, from that of `state` on, shape (T,) [s].
        tolerance
            Relative tolerance; the absolute one is the same number of mV.
        """
        size = state.voltage.size

        def rates(time: float, y: np.ndarray) -> np.ndarray:
            return np.concatenate(self.rates(GradedState(y[:size], y[size:]), current(time)))

        def jacobian(_: float, y: np.ndarray) -> np.ndarray:
            j = self.jacobian(GradedState(y[:size], y[size:]))
            lower = [np.diag(j.release_voltage), np.diag(j.release_release)]
            return np.block([[j.voltage_voltage, j.voltage_release], lower])

        solution = scipy.integrate.solve_ivp(
            rates,
            (times[0], times[-1]),
            np.concatenate(state),
            method="Radau",
            t_eval=times,
            jac=jacobian,
            rtol=tolerance,
            atol=tolerance,
        )
        if not solution.success:
            raise EmbodyError(f"the reference solution failed: {solution.message}")
        return solution.y[:size].T

    def _require_stable(self, state: GradedState, free: np.ndarray) -> None:
        j = self.jacobian(state)
        among = np.ix_(free, free)
        whole = np.block(
            [
                [j.voltage_voltage[among], j.voltage_release[among]],
                [np.diag(j.release_voltage[free]), np.diag(j.release_release[free])],
            ]
        )
        growth = np.linalg.eigvals(whole)
        worst = growth[growth.real.argmax()]
        if worst.real > 0:
            raise EmbodyError(
                "the network does not come to rest: a disturbance of its resting state grows at "
                f"{worst.real:.3g} /s and swings at {abs(worst.imag) / (2 * np.pi):.3g} Hz"
            )

    def _activation(self, voltage: np.ndarray) -> np.ndarray:
        p = self.parameters
        return sigmoid(p.release_slope * (voltage - p.release_threshold), np)

    def _plateau(self, voltage: np.ndarray) -> np.ndarray:
        p = self.parameters
        return sigmoid(p.plateau_slope * (voltage - p.plateau_threshold), np)
