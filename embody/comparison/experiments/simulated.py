"""Controllers in their envs as subjects: all individuals and protocols in batches."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np

from embody import registry
from embody.comparison.experiments.experiment import Protocol, Touch
from embody.comparison.experiments.quantities import Trace
from embody.comparison.experiments.subject import AbstractSubject, OnDone, Orders, Traces
from embody.controller import AbstractController
from embody.errors import UnknownNameError
from embody.population import population

AT_A_TIME = 72
SAMPLE_S = 0.1
STRONGEST_UN = 1000.0
"""Where a sense of touch ends [uN], as in the env."""


class SimulatedSubject(AbstractSubject):
    """A controller; an individual is a seed.

    Parameters
    ----------
    env
        Id of an env that it acts in, to see what it is.
    controller
        Its name.
    seeds
        One for each individual.
    options
        Options of the controller.
    threads
        Threads of the bodies; 0 takes all the cores.

    Raises
    ------
    EmbodyError
        If there is no such env or controller, or an option is wrong.
    """

    def __init__(
        self,
        env: str,
        controller: str,
        seeds: Sequence[int],
        options: Mapping[str, Any] | None = None,
        threads: int = 0,
    ) -> None:
        self._name = controller
        self._options = dict(options or {})
        self._seeds = list(seeds)
        self._threads = threads
        self._made: dict[tuple[Any, ...], AbstractController] = {}
        self.individuals = len(self._seeds)
        made = self._controller(Protocol(env))
        neurons = getattr(made, "neurons", ()) if hasattr(made, "with_perturbations") else ()
        self._connectome: Any = getattr(made, "connectome", None)
        kinds = [""] * len(neurons) if self._connectome is None else self._connectome.categories
        self.categories = dict(zip(neurons, kinds, strict=True))

    def resolve(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the neurons that names stand for; see `AbstractSubject.resolve`."""
        if self._connectome is not None:
            return tuple(self._connectome.resolve(names))
        for name in names:
            if name not in self.categories:
                raise UnknownNameError("neuron", name, self.categories)
        return tuple(names)

    def run(self, orders: Orders, on_done: OnDone) -> Traces:
        """Treat all individuals by each protocol; see `AbstractSubject.run`."""
        many = max(1, AT_A_TIME // self.individuals)

        def kind(protocol: Protocol) -> tuple[Any, ...]:
            return protocol.env, repr(protocol.env_options), orders[protocol]

        traces: Traces = {}
        for (_, _, seconds), alike in itertools.groupby(sorted(orders, key=kind), key=kind):
            protocols = list(alike)
            for first in range(0, len(protocols), many):
                batch = protocols[first : first + many]
                found = self._batch(batch, seconds, on_done)
                for k, protocol in enumerate(batch):
                    own = slice(k * self.individuals, (k + 1) * self.individuals)
                    traces[protocol] = tuple(found[own])
        return traces

    def _batch(self, protocols: Sequence[Protocol], seconds: float, on_done: OnDone) -> list[Trace]:
        """Return what each individual did, protocol by protocol."""
        first = protocols[0]
        options: dict[str, Any] = dict(first.env_options)
        each = [self._perturbed(protocol) for protocol in protocols for _ in self._seeds]
        touches = [protocol.touches for protocol in protocols for _ in self._seeds]
        together, period_s = population(each), each[0].period_s
        steps, stride = round(seconds / period_s), max(1, round(SAMPLE_S / period_s))
        seeds = self._seeds * len(protocols)
        envs: Any = gymnasium.make_vec(
            first.env,
            num_envs=len(each),
            max_episode_steps=steps + 1,
            threads=self._threads,
            **options,
        )
        kept: list[np.ndarray] = []
        told: list[Mapping[str, np.ndarray]] = []
        try:
            felt = envs.observation_layout.slice("touch")
            seen, info = envs.reset(seed=seeds)
            state = together.init_many(seeds)
            for step in range(steps + 1):
                if step % stride == 0:
                    kept.append(envs.snapshot()["centreline"].astype(np.float32))
                    told.append(_numbers(info, len(each)))
                    on_done(len(each) * SAMPLE_S)
                if step == steps:
                    break
                _touch(seen[:, felt], touches, step, period_s)
                state, action = together.step(state, seen)
                seen, _, _, _, info = envs.step(action)
        finally:
            envs.close()
        time_s = np.arange(len(kept)) * stride * period_s
        names = [name for name in told[-1] if all(name in moment for moment in told)]
        signals = {name: np.stack([moment[name] for moment in told]) for name in names}
        nodes = np.stack(kept).astype(np.float64)
        return [
            Trace(time_s, nodes[:, k], {name: values[:, k] for name, values in signals.items()})
            for k in range(len(each))
        ]

    def _perturbed(self, protocol: Protocol) -> AbstractController:
        made: Any = self._controller(protocol)
        return made.with_perturbations(protocol.perturbations) if protocol.perturbations else made

    def _controller(self, protocol: Protocol) -> AbstractController:
        key = protocol.env, protocol.env_options
        if key not in self._made:
            options: dict[str, Any] = dict(protocol.env_options)
            one = registry.make_env(protocol.env, **options)
            try:
                self._made[key] = registry.make_controller(self._name, one, **self._options)
            finally:
                one.close()
        return self._made[key]


def _touch(
    felt: np.ndarray, touches: Sequence[tuple[Touch, ...]], step: int, period_s: float
) -> None:
    """Add what each individual feels at this step, in place, shape (individuals, places) [uN]."""
    places = felt.shape[1]
    for k, own in enumerate(touches):
        for touch in own:
            begin = round(touch.start_s / period_s)
            if begin <= step < begin + max(1, round(touch.seconds / period_s)):
                place = min(int(touch.position * places), places - 1)
                felt[k, place] = min(felt[k, place] + touch.force_uN, STRONGEST_UN)


def _numbers(info: Mapping[str, Any], animals: int) -> dict[str, np.ndarray]:
    return {
        name: np.array(values, float)
        for name, values in info.items()
        if not name.startswith("_") and np.shape(values) == (animals,)
    }
