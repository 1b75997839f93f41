"""Names of what there is, and where it lives: nothing is imported until it is asked for."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gymnasium

from embody.errors import EmbodyError, UnknownNameError

if TYPE_CHECKING:
    from embody.controller import AbstractController


@dataclass(frozen=True)
class Entry:
    """Something that has a name.

    Attributes
    ----------
    name
        What a user calls it.
    entry_point
        Where it lives: "package.module:attribute".
    description
        One line for `embody list`.
    animal
        The animal it is for, by the "kind" of its env's `scene()`; empty if for any.
    """

    name: str
    entry_point: str
    description: str
    animal: str = ""

    @property
    def key(self) -> str:
        """The name, with the animal it is for: two animals may use one name."""
        return f"{self.name} ({self.animal})" if self.animal else self.name

    def load(self) -> Any:
        """Import the module and return the attribute."""
        return load_entry_point(self.entry_point)


@dataclass(frozen=True)
class EnvEntry(Entry):
    """An env.

    Attributes
    ----------
    episode_steps
        Length of an episode in control steps.
    controller
        Who acts when nobody is named.
    vector_entry_point
        Where its batch lives, which `gymnasium.make_vec` makes; empty if it has none of its own.
    """

    episode_steps: int = 0
    controller: str = ""
    vector_entry_point: str = ""


ENVS = (
    EnvEntry(
        "Worm-Crawl-v0",
        "embody.envs.worm.crawl:WormCrawl",
        "C. elegans crawls on an open plane: the reward is the way it makes forward",
        "worm",
        12_000,
        "connectome",
        "embody.envs.worm.vector_tasks:WormCrawlVector",
    ),
    EnvEntry(
        "Worm-Chemotaxis-v0",
        "embody.envs.worm.chemotaxis:WormChemotaxis",
        "C. elegans finds the peak of an odour on a dish",
        "worm",
        60_000,
        "connectome",
        "embody.envs.worm.vector_tasks:WormChemotaxisVector",
    ),
    EnvEntry(
        "Worm-Track-v0",
        "embody.envs.worm.tracking:WormTrack",
        "C. elegans has to bend as a recorded worm did: the reward is how well its posture fits",
        "worm",
        4_000,
        "connectome",
    ),
    EnvEntry(
        "Fly-Walk-v0",
        "embody.envs.fly.walk:FlyWalk",
        "Drosophila walks on an open plane: the reward is the way it makes forward",
        "fly",
        5_000,
        "cpg",
    ),
    EnvEntry(
        "Fly-Terrain-v0",
        "embody.envs.fly.terrain:FlyTerrain",
        "Drosophila crosses gaps, blocks or hills: the reward is the way along the course",
        "fly",
        2_500,
        "cpg",
    ),
    EnvEntry(
        "Fly-OdorTaxis-v0",
        "embody.envs.fly.odour_taxis:FlyOdorTaxis",
        "Drosophila finds vinegar in still air and keeps away from geosmin",
        "fly",
        5_000,
        "odour-taxis",
    ),
    EnvEntry(
        "Fly-Plume-v0",
        "embody.envs.fly.plume_task:FlyPlume",
        "Drosophila finds the source of an intermittent odour plume in wind",
        "fly",
        15_000,
        "plume",
    ),
    EnvEntry(
        "Fly-Optomotor-v0",
        "embody.envs.fly.optomotor:FlyOptomotor",
        "Drosophila on a ball turns with a grating that turns around it",
        "fly",
        2_500,
        "optomotor",
    ),
    EnvEntry(
        "Fly-Looming-v0",
        "embody.envs.fly.looming:FlyLooming",
        "Drosophila runs from a dark ball that comes straight at it",
        "fly",
        2_500,
        "escape",
    ),
    EnvEntry(
        "Fly-Follow-v0",
        "embody.envs.fly.follow:FlyFollow",
        "Drosophila keeps close to another fly that walks along a winding path",
        "fly",
        5_000,
        "follow",
    ),
    EnvEntry(
        "Fly-Homing-v0",
        "embody.envs.fly.homing:FlyHoming",
        "Drosophila is led away and finds home by the sense of its own steps and turns",
        "fly",
        4_000,
        "path-integration",
    ),
    EnvEntry(
        "Fly-Feeding-v0",
        "embody.envs.fly.feeding:FlyFeeding",
        "Drosophila finds drops of sugar by taste, puts its proboscis out and drinks",
        "fly",
        10_000,
        "feeding",
    ),
    EnvEntry(
        "Fly-Flight-v0",
        "embody.envs.fly.flight:FlyFlight",
        "Drosophila stays in the air and flies as high and as fast as wanted (extra dm)",
        "flying fly",
        2_000,
        "flight",
    ),
)
"""Our envs; a control step lasts 5 ms for the worm, 2 ms for the fly, 1 ms for one that
flies."""

MAX_EPISODE_STEPS = {entry.name: entry.episode_steps for entry in ENVS}
"""Length of an episode in control steps."""

_ENTRIES: dict[str, dict[str, Entry]] = {
    "controller": {
        entry.key: entry
        for entry in (
            Entry(
                "policy",
                "embody.policy_controller:make_policy",
                "a network that a fit wrote: weights=policy.npz",
            ),
            Entry(
                "connectome",
                "embody.envs.worm.controllers:make_connectome",
                "the measured connectome, class-level gains calibrated",
                "worm",
            ),
            Entry(
                "rewired",
                "embody.envs.worm.controllers:make_rewired",
                "null: the same neurons and degrees, partners exchanged at random",
                "worm",
            ),
            Entry(
                "tracking-connectome",
                "embody.envs.worm.fits.imitation_controller:make_tracking",
                "a fitted connectome that bends as a reference does (Worm-Track-v0)",
                "worm",
            ),
            Entry(
                "no-sense",
                "embody.envs.worm.controllers:make_no_sense",
                "control: the same worm, its chemosensory input silenced",
                "worm",
            ),
            Entry(
                "stimulated",
                "embody.envs.worm.fits.stimulated:make_stimulated",
                "the connectome, its nose silenced, steered by a policy's currents: weights=FILE",
                "worm",
            ),
            Entry(
                "open-loop",
                "embody.envs.worm.baselines:make_open_loop",
                "baseline: a prescribed travelling wave, blind to all that happens",
                "worm",
            ),
            Entry(
                "random",
                "embody.envs.worm.baselines:make_random",
                "floor: random muscle activations",
                "worm",
            ),
            Entry(
                "cpg",
                "embody.envs.fly.baselines:make_cpg",
                "baseline: coupled oscillators step at a constant descending drive, with reflexes",
                "fly",
            ),
            Entry(
                "rule-based",
                "embody.envs.fly.rule_based:make_rule_based",
                "baseline: every leg steps by itself, neighbours keep each other from lifting",
                "fly",
            ),
            Entry(
                "replay",
                "embody.envs.fly.replay:make_replay",
                "baseline: the joint targets of a recording, played back",
                "fly",
            ),
            Entry(
                "path-integration",
                "embody.envs.fly.path_integration:make_path_integration",
                "rule: adds up steps and turns, and walks back along the sum (Fly-Homing-v0)",
                "fly",
            ),
            Entry(
                "open-loop",
                "embody.envs.fly.baselines:make_open_loop",
                "baseline: the same oscillators, blind to all that happens",
                "fly",
            ),
            Entry(
                "random",
                "embody.envs.fly.baselines:make_random",
                "floor: random joint targets and adhesion",
                "fly",
            ),
            Entry(
                "odour-taxis",
                "embody.envs.fly.task_controllers:make_odour_taxis",
                "by hand: compares left and right, turns to what attracts, stops at food",
                "fly",
            ),
            Entry(
                "plume",
                "embody.envs.fly.task_controllers:make_plume",
                "by hand: surges upwind when odour comes, casts when it goes",
                "fly",
            ),
            Entry(
                "feeding",
                "embody.envs.fly.feeding_walker:make_feeding",
                "by hand: stops where a foot tastes sugar, drinks, searches close by",
                "fly",
            ),
            Entry(
                "grooming",
                "embody.envs.fly.grooming:make_grooming",
                "baseline: stands on four legs and cleans its head with the other two",
                "fly",
            ),
            Entry(
                "optomotor",
                "embody.envs.fly.task_controllers:make_optomotor",
                "by hand: turns with the motion that an array of correlators sees",
                "fly",
            ),
            Entry(
                "escape",
                "embody.envs.fly.task_controllers:make_escape",
                "by hand: stands until something dark has grown large, then runs",
                "fly",
            ),
            Entry(
                "follow",
                "embody.envs.fly.task_controllers:make_follow",
                "by hand: turns to what is dark near the horizon, and walks up to it",
                "fly",
            ),
            Entry(
                "optic-lobe",
                "embody.envs.fly.optic_lobe_steering:make_optic_lobe",
                "two connectome-wired optic lobes steer: Fly-Optomotor-v0, Fly-Follow-v0",
                "fly",
            ),
            Entry(
                "no-sense",
                "embody.envs.fly.task_controllers:make_no_sense",
                "control: the hand-written controller of the task, its sense silenced",
                "fly",
            ),
            Entry(
                "flight",
                "embody.envs.fly.flight_controllers:make_flight",
                "by hand: halteres keep it upright, it leans to where it wants to go",
                "flying fly",
            ),
            Entry(
                "no-sense",
                "embody.envs.fly.flight_controllers:make_no_sense",
                "control: the same fly, its halteres silenced",
                "flying fly",
            ),
            Entry(
                "open-loop",
                "embody.envs.fly.flight_controllers:make_open_loop",
                "baseline: the wing beat of hovering, blind to all that happens",
                "flying fly",
            ),
            Entry(
                "random",
                "embody.envs.fly.flight_controllers:make_random",
                "floor: random strokes",
                "flying fly",
            ),
        )
    },
    "brain": {
        "worm": Entry(
            "worm",
            "embody.brains.worm.assembly:assemble",
            "C. elegans: 302 graded neurons, chemical synapses and gap junctions",
        ),
        "optic-lobe": Entry(
            "optic-lobe",
            "embody.brains.fly.optic_lobe.network:OpticLobe",
            "Drosophila: the optic lobe of one eye, 65 cell types, 45,669 graded neurons",
        ),
    },
    "body": {
        "worm (worm)": Entry(
            "worm",
            "embody.bodies.worm.mujoco_body:WormBody",
            "C. elegans in MuJoCo: 25 rods, 95 muscles, anisotropic drag",
            "worm",
        ),
        "fly (fly)": Entry(
            "fly",
            "embody.bodies.fly.fly_body:FlyBody",
            "Drosophila in MuJoCo: legs, head, adhesive feet; the detailed one is body='flybody'",
            "fly",
        ),
    },
    "connectome": {
        "worm": Entry(
            "worm",
            "embody.connectome:load_connectome",
            "C. elegans hermaphrodite, 302 neurons, 95 muscles (Cook et al. 2019)",
        ),
    },
    "fit": {
        "cloning": Entry(
            "cloning",
            "embody.fitting.cloning:WAY",
            "behaviour cloning: a policy network learns from a Minari dataset, any env",
        ),
        "imitation (worm)": Entry(
            "imitation",
            "embody.envs.worm.fits.imitation:WAY",
            "descent to recorded postures: a policy or the connectome tracks them or goes on",
            "worm",
        ),
        "evolution (worm)": Entry(
            "evolution",
            "embody.envs.worm.fits.evolution:WAY",
            "class-level parameters of the worm, by all it has to do, by crawling alone, by return",
            "worm",
        ),
        "evolution": Entry(
            "evolution",
            "embody.fitting.evolution_way:WAY",
            "a policy, or any controller with parameters, by the return of whole episodes",
        ),
        "reinforcement (worm)": Entry(
            "reinforcement",
            "embody.envs.worm.fits.reinforcement:MUSCLES",
            "PPO: a policy network commands the muscles and climbs an odour",
            "worm",
        ),
        "reinforcement-gains (worm)": Entry(
            "reinforcement-gains",
            "embody.envs.worm.fits.reinforcement:GAINS",
            "PPO: class-level gains of the connectome, by how well it climbs an odour",
            "worm",
        ),
        "reinforcement-stimulation (worm)": Entry(
            "reinforcement-stimulation",
            "embody.envs.worm.fits.reinforcement:STIMULATION",
            "PPO: a policy steers the connectome by currents into a few neurons",
            "worm",
        ),
        "reinforcement": Entry(
            "reinforcement",
            "embody.envs.sb3_fit:WAY",
            "PPO of Stable-Baselines3: a policy network, by the reward of any env (extra rl)",
        ),
        "gradient (worm)": Entry(
            "gradient",
            "embody.envs.worm.fits.gradient:WAY",
            "Adam through the whole reduced loop: to crawl, to a target gait, to neural traces",
            "worm",
        ),
        "data-constrained (worm)": Entry(
            "data-constrained",
            "embody.envs.worm.fits.data_constrained:WAY",
            "gains and biases of a known wiring from partial recordings: an ensemble, its spread",
            "worm",
        ),
        "knockout (worm)": Entry(
            "knockout",
            "embody.envs.worm.fits.knockout:WAY",
            "class-level parameters from several genotypes at once, silenced cells zeroed",
            "worm",
        ),
    },
    "benchmark": {
        name: Entry(name, f"embody.command_line.{where}:measure", description)
        for name, where, description in (
            (
                "worm-single",
                "bench_worm",
                "one worm on the MuJoCo body, whole loop and parts",
            ),
            (
                "worm-mujoco",
                "bench_worm_mujoco",
                "16 to 4096 worms with their connectomes on MuJoCo's threads, whole loop",
            ),
            (
                "worm-jax",
                "bench_worm_jax",
                "16 to 4096 worms, on a GPU up to its memory, in one compiled loop",
            ),
            (
                "worm-env",
                "bench_worm_env",
                "worm envs without controllers, by backend, beside gymnasium's own batches",
            ),
            (
                "worm-brain",
                "bench_brain",
                "the worm's 302 neurons, 1 to 1024 animals, beside NumPy, SciPy and PyTorch",
            ),
            (
                "worm-body",
                "bench_body",
                "the worm's body on MuJoCo and without inertia, beside dm_control's bodies",
            ),
            (
                "worm-fit",
                "bench_fit",
                "evaluations of the calibration's cost, and candidates in dishes",
            ),
            (
                "worm-memory",
                "bench_memory",
                "memory per worm, by backend, beside gymnasium's own batch",
            ),
            (
                "worm-compiled-parts",
                "bench_compiled_parts",
                "where the time of the compiled loop goes",
            ),
            (
                "network-size",
                "bench_neurons",
                "graded networks of 302 to 30,000 neurons, beside NumPy and PyTorch",
            ),
            (
                "fly-mujoco",
                "bench_fly",
                "one walking fly on the MuJoCo body, whole loop and parts",
            ),
        )
    },
}
"""Entries of each kind by key; `register` adds to them."""

KINDS = ("env", *_ENTRIES)


def register(kind: str, name: str, entry_point: str, description: str, animal: str = "") -> None:
    """Give a name to something third-party, e.g. a controller of your own.

    Parameters
    ----------
    kind
        "controller", "brain", "body", "connectome", "fit" or "benchmark".
    name
        What users call it.
    entry_point
        Where it lives, "package.module:attribute"; imported when first asked for. A controller's
        attribute is called as `attribute(env, **options)`.
    description
        One line for `embody list`.
    animal
        The animal it is for, by the "kind" of its env's `scene()`; empty if for any.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    EmbodyError
        If the name is taken, or the entry point has another form.
    """
    if kind == "env":
        raise EmbodyError("environments are registered with gymnasium.register")
    entry = Entry(name, entry_point, description, animal)
    named = _entries(kind)
    if entry.key in named:
        raise EmbodyError(f"the {kind} {name!r} exists already")
    if not is_entry_point(entry_point):
        raise EmbodyError(f'{entry_point!r} is not of the form "package.module:attribute"')
    named[entry.key] = entry


def entries(kind: str) -> tuple[Entry, ...]:
    """Return what there is of a kind ("env", "controller", "brain", ...)."""
    return ENVS if kind == "env" else tuple(_entries(kind).values())


def find(kind: str, name: str, animal: str = "") -> Entry:
    """Return the entry of that kind and name, of those for one animal if it is named.

    Raises
    ------
    UnknownNameError
        If there is none; the message lists those there are.
    """
    fitting = [entry for entry in entries(kind) if not animal or entry.animal in ("", animal)]
    for entry in fitting:
        if entry.name == name:
            return entry
    whose = f"{kind} of the {animal}" if animal else kind
    raise UnknownNameError(whose, name, {entry.name for entry in fitting})


def default_controller(env_id: str) -> str:
    """Return the name of the controller that acts in an env when nobody is named.

    Raises
    ------
    EmbodyError
        If the env is not one of ours: its user has to say who acts.
    UnknownNameError
        If there is no such env.
    """
    name = _find_spec(env_id).id
    for entry in ENVS:
        if entry.name == name:
            return entry.controller
    raise EmbodyError(f"{env_id} names no controller of its own: say who acts (--controller)")


def is_entry_point(name: str) -> bool:
    """Whether a name has the form "package.module:attribute"."""
    module, colon, attribute = name.partition(":")
    return (
        bool(colon) and attribute.isidentifier() and all(map(str.isidentifier, module.split(".")))
    )


def load_entry_point(entry_point: str) -> Any:
    """Return the object at "package.module:attribute".

    Raises
    ------
    EmbodyError
        If there is no such module or attribute.
    """
    module_name, _, attribute = entry_point.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise EmbodyError(f"{entry_point!r}: there is no module {error.name!r}") from None
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise EmbodyError(f"{entry_point!r}: {module_name} has no {attribute!r}") from None


def make_controller(name: str, env: gymnasium.Env, **options: Any) -> "AbstractController":
    """Return a controller made for an env.

    Parameters
    ----------
    name
        A registered name (`embody list controllers`), or "package.module:attribute" for one of
        your own, called as `attribute(env, **options)`.
    env
        The env it will act in; its layouts and control period are read.
    **options
        What the controller's factory takes.

    Raises
    ------
    UnknownNameError
        If there is no such controller or no such option; the message lists those there are.

    Examples
    --------
    >>> env = gymnasium.make("Worm-Crawl-v0")  # doctest: +SKIP
    >>> controller = make_controller("open-loop", env, frequency_hz=0.5)  # doctest: +SKIP
    """
    if ":" in name and name not in _entries("controller"):
        factory = load_entry_point(name)
    else:
        factory = find("controller", name, _animal_of(env)).load()
    require_options(factory, options, f"option of controller {name!r}:")
    missing = [option for option in required_options(factory) if option not in options]
    if missing:
        raise EmbodyError(f"controller {name!r} needs its option {' and '.join(missing)}")
    return factory(env, **options)


def make_env(env_id: str, max_episode_steps: int | None = None, **options: Any) -> gymnasium.Env:
    """Return a registered env; as `gymnasium.make`, with messages that list what there is.

    Parameters
    ----------
    env_id
        Id of the env (`embody list envs`), or of any other registered with gymnasium;
        "module:Id-v0" imports the module that registers it.
    max_episode_steps
        Control steps until the episode is truncated; None keeps the env's own limit.
    **options
        What the env's constructor takes.

    Raises
    ------
    UnknownNameError
        If there is no such env or no such option.
    """
    spec = _find_spec(env_id)
    entry_point = spec.entry_point
    if isinstance(entry_point, str):
        entry_point = load_entry_point(entry_point)
    if entry_point is not None:
        require_options(entry_point, options, f"option of {env_id}:")
    return gymnasium.make(
        spec, max_episode_steps=max_episode_steps, disable_env_checker=True, **options
    )


def require_options(factory: Callable[..., Any], options: Mapping[str, Any], kind: str) -> None:
    """Raise `UnknownNameError` for an option that a factory does not take by name.

    A class that hands on what it does not know takes what its base classes take.
    """
    valid = _option_names(factory)
    if valid is None:
        return
    for name in options:
        if name not in valid:
            raise UnknownNameError(kind, name, valid)


def required_options(factory: Callable[..., Any]) -> list[str]:
    """Return the options that a factory cannot do without."""
    return [
        p.name
        for p in inspect.signature(factory).parameters.values()
        if p.default is p.empty
        and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        and p.name != "env"
    ]


def _option_names(factory: Callable[..., Any]) -> list[str] | None:
    """Return the options that a factory takes; None if any."""
    makers: list[Any] = [factory]
    if inspect.isclass(factory):
        makers = [vars(one)["__init__"] for one in factory.__mro__ if "__init__" in vars(one)]
    valid: list[str] = []
    for maker in makers:
        parameters = inspect.signature(maker).parameters.values()
        valid += [
            p.name
            for p in parameters
            if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
            and p.name not in ("env", "self", *valid)
        ]
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            return valid
    return None


def register_envs() -> None:
    """Tell gymnasium about our envs, by entry points that are imported when one is made."""
    for entry in ENVS:
        if entry.name not in gymnasium.registry:
            gymnasium.register(
                entry.name,
                entry.entry_point,
                max_episode_steps=MAX_EPISODE_STEPS[entry.name],
                vector_entry_point=entry.vector_entry_point or None,
            )


def animal_of(env_id: str) -> str:
    """Return the animal of a registered env, by the "kind" of its scene; empty if not ours.

    Raises
    ------
    UnknownNameError
        If there is no such env.
    """
    name = _find_spec(env_id).id
    return next((entry.animal for entry in ENVS if entry.name == name), "")


def _animal_of(env: gymnasium.Env) -> str:
    """Return the kind that an env's scene names, if we have anything for it; else nothing."""
    scene = getattr(env.unwrapped, "scene", None)
    kind = "" if scene is None else scene().get("kind", "")
    return kind if any(entry.animal == kind for entry in ENVS) else ""


def _entries(kind: str) -> dict[str, Entry]:
    try:
        return _ENTRIES[kind]
    except KeyError:
        raise UnknownNameError("kind", kind, KINDS) from None


def _find_spec(env_id: str) -> Any:
    module, colon, name = env_id.rpartition(":")
    try:
        if colon:
            importlib.import_module(module)
        return gymnasium.spec(name)
    except ModuleNotFoundError as error:
        raise EmbodyError(f"{env_id!r}: there is no module {error.name!r}") from None
    except gymnasium.error.Error:
        raise UnknownNameError("env", env_id, [entry.name for entry in ENVS]) from None
