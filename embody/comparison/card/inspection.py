"""From a controller to what is in it: by its own word, or by that of its animal's package."""

from embody import registry
from embody.comparison.card.nervous_system import NervousSystem
from embody.controller import AbstractController
from embody.errors import EmbodyError
from embody.policy_controller import PolicyController

INSPECTORS = {
    "worm": "embody.envs.worm.nervous_facts:inspect",
    "fly": "embody.envs.fly.nervous_facts:inspect",
    "flying fly": "embody.envs.fly.nervous_facts:inspect",
}
"""What looks into the controllers of an animal, by the "kind" of its envs' `scene()`."""

SPECIES = {"worm": "C. elegans", "fly": "D. melanogaster", "flying fly": "D. melanogaster"}
"""Scientific names of the animals."""


def inspect(controller: AbstractController, animal: str) -> NervousSystem | None:
    """Return what is in a controller; None if nothing knows.

    A controller's own `nervous_system_facts()` comes first.

    Raises
    ------
    EmbodyError
        If that method returns something else than a `NervousSystem`.
    """
    own = getattr(controller, "nervous_system_facts", None)
    if own is not None:
        found = own()
        if not isinstance(found, NervousSystem):
            raise EmbodyError(
                f"nervous_system_facts() of controller {controller.name!r} must return an "
                f"embody.comparison.card.NervousSystem, not {type(found).__name__}"
            )
        return found
    if type(controller) is PolicyController:
        return _of_policy(controller)
    if animal not in INSPECTORS:
        return None
    return registry.load_entry_point(INSPECTORS[animal])(controller)


def _of_policy(controller: PolicyController) -> NervousSystem:
    policy = controller.policy
    layers = [layer.weight.shape for layer in policy.network.actor]
    fit = "no fit on record" if policy.record is None else policy.record.command
    return NervousSystem(
        summary="an artificial network",
        counted=True,
        neurons=sum(units for _, units in layers),
        artificial=True,
        wiring="random",
        wiring_source="artificial network, every unit of a layer onto every unit of the next, "
        f"weights learnt ({fit})",
        edges=sum(inputs * units for inputs, units in layers),
        parameter_sets=1,
        neuron_model="rate",
    )
