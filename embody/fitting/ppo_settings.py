"""Settings of PPO, checked."""

from dataclasses import dataclass

from embody.errors import EmbodyError


@dataclass(frozen=True)
class PpoSettings:
    """Settings of PPO.

    Attributes
    ----------
    animals
        Animals in the batch.
    decisions
        Decisions of each animal in one step of the fit.
    epochs, minibatches
        How often a step goes through its decisions, and in how many parts.
    learning_rate
        Of Adam.
    discount, smoothing
        See `generalised_advantages`.
    clip
        Largest change of the probability of an action that is still rewarded.
    value_weight, entropy_weight
        Of the error of the critic and of the entropy of the actions in the loss.
    largest_gradient
        Norm to which gradients are clipped.
    hidden
        Size of each hidden layer.
    deviation
        First standard deviation of every action before it is squashed.
    """

    animals: int = 128
    decisions: int = 64
    epochs: int = 4
    minibatches: int = 8
    learning_rate: float = 5e-4
    discount: float = 0.99
    smoothing: float = 0.95
    clip: float = 0.2
    value_weight: float = 0.5
    entropy_weight: float = 0.0
    largest_gradient: float = 0.5
    hidden: tuple[int, ...] = (64, 64)
    deviation: float = 0.5

    def __post_init__(self) -> None:
        for name in ("animals", "decisions", "epochs", "minibatches"):
            if getattr(self, name) < 1:
                raise EmbodyError(f"{name} is {getattr(self, name)}, it has to be at least 1")
        if self.animals * self.decisions % self.minibatches:
            raise EmbodyError(
                f"{self.animals} animals times {self.decisions} decisions do not divide into "
                f"{self.minibatches} minibatches"
            )
        for name in ("learning_rate", "clip", "largest_gradient", "deviation"):
            if not getattr(self, name) > 0.0:
                raise EmbodyError(f"{name} is {getattr(self, name):g}, it has to be above 0")
        for name in ("discount", "smoothing"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise EmbodyError(f"{name} is {getattr(self, name):g}, it has to lie in 0..1")


def hidden_layers(text: str) -> tuple[int, ...]:
    """Return the sizes of hidden layers from words such as "64,64".

    Raises
    ------
    EmbodyError
        If one is no number from 1 on.
    """
    words = text.split(",")
    if not all(word.strip().isdigit() and int(word) > 0 for word in words):
        raise EmbodyError(f'hidden is {text!r}, it has to be sizes with commas between: "64,64"')
    return tuple(map(int, words))
