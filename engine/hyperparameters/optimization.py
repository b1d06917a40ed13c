"""The settings of the descent: optimizer, learning rate and its schedule, batches."""

from __future__ import annotations

from engine.optimizers.registry import REGISTRY
from engine.schedules import SCHEDULES
from engine.specs import Applies, ChoiceSpec, IntegerSpec, RealSpec, Spec, SwitchSpec


def _listened_to(key: str) -> Applies:
    return lambda settings: key in settings.optimizer_entry.settings


def _scheduled(*schedules: str) -> Applies:
    return lambda settings: "schedule" in settings.optimizer_entry.settings and settings.schedule in schedules


OPTIMIZER = ChoiceSpec(
    key="optimizer",
    label="Optimizer",
    help="How a step is made from the gradient. Gradient descent walks straight downhill; momentum gathers speed "
    "where successive gradients agree; RMSProp and Adam give each weight a step size of its own. L-BFGS and Newton-CG "
    "choose their steps themselves from all rows at once, and need few of them.",
    default="gradient_descent",
    choices=tuple((key, entry.label) for key, entry in REGISTRY.items()),
)
LEARNING_RATE = RealSpec(
    key="learning_rate",
    label="Learning rate",
    help="The length of a step, α in θ ← θ − α ∂J/∂θ. Too small: slow. Too large: the cost jumps about or grows. "
    "It can be changed while training.",
    default=0.1,
    low=0.0,
    high=1e6,
    low_open=True,
    scale="log",
    live=True,
    applies=_listened_to("learning_rate"),
)
SCHEDULE = ChoiceSpec(
    key="schedule",
    label="Schedule",
    help="How the learning rate falls. Step: at once, every so many epochs; exponential: the same smoothly; cosine: to "
    "0 at the last epoch along half a cosine; 1/t: to a half, a third, a quarter after equal numbers of epochs.",
    default="constant",
    choices=tuple(SCHEDULES.items()),
    live=True,
    applies=_listened_to("schedule"),
)
DECAY_FACTOR = RealSpec(
    key="decay_factor",
    label="Decay factor",
    help="What is left of the learning rate after each decay period.",
    default=0.5,
    low=0.0,
    high=1.0,
    low_open=True,
    live=True,
    applies=_scheduled("step", "exponential"),
)
DECAY_EPOCHS = IntegerSpec(
    key="decay_epochs",
    label="Decay period",
    help="Epochs after which the decay factor has taken effect once; with 1/t, epochs until half the rate is left.",
    default=100,
    low=1,
    high=1_000_000,
    scale="log",
    unit="epochs",
    live=True,
    applies=_scheduled("step", "exponential", "inverse_time"),
)
WARM_UP_EPOCHS = IntegerSpec(
    key="warm_up_epochs",
    label="Warm-up",
    help="Epochs over which the learning rate rises evenly to its first value, before the schedule begins.",
    default=0,
    low=0,
    high=1_000_000,
    zero_label="none",
    unit="epochs",
    live=True,
    applies=_listened_to("schedule"),
)
MOMENTUM = RealSpec(
    key="momentum",
    label="Momentum",
    help="How much of the last step's velocity is kept, β in v ← βv + ∂J/∂θ. 0 is plain gradient descent; "
    "0.9 averages over about ten steps.",
    default=0.9,
    low=0.0,
    high=0.9999,
    live=True,
    applies=_listened_to("momentum"),
)
RMSPROP_DECAY = RealSpec(
    key="rmsprop_decay",
    label="Decay of squares",
    help="How much of the running mean of squared gradients is kept, ρ in s ← ρs + (1 − ρ)g².",
    default=0.9,
    low=0.0,
    high=0.9999,
    live=True,
    applies=_listened_to("rmsprop_decay"),
)
BETA1 = RealSpec(
    key="beta1",
    label="β₁",
    help="How much of the running mean of gradients is kept, β₁ in m ← β₁m + (1 − β₁)g.",
    default=0.9,
    low=0.0,
    high=0.9999,
    live=True,
    applies=_listened_to("beta1"),
)
BETA2 = RealSpec(
    key="beta2",
    label="β₂",
    help="How much of the running mean of squared gradients is kept, β₂ in v ← β₂v + (1 − β₂)g².",
    default=0.999,
    low=0.0,
    high=0.99999,
    live=True,
    applies=_listened_to("beta2"),
)
WEIGHT_DECAY = RealSpec(
    key="weight_decay",
    label="Weight decay",
    help="Share of every parameter that a step takes away beside the gradient's part, times the learning rate.",
    default=0.01,
    low=0.0,
    high=10.0,
    live=True,
    applies=_listened_to("weight_decay"),
)
LBFGS_MEMORY = IntegerSpec(
    key="lbfgs_memory",
    label="Memory",
    help="Of how many last steps the curvature is guessed.",
    default=10,
    low=1,
    high=100,
    unit="steps",
    applies=_listened_to("lbfgs_memory"),
)
BATCH_SIZE = IntegerSpec(
    key="batch_size",
    label="Batch size",
    help="Examples per step. A small batch makes many quick, noisy steps an epoch; the full batch one exact step. "
    "Type 0 or “full” for the full batch.",
    default=32,
    low=0,
    high=10_000_000,
    scale="log",
    zero_label="full batch",
    unit="rows",
    applies=lambda settings: not settings.optimizer_entry.full_batch,
)
SHUFFLE = SwitchSpec(
    key="shuffle",
    label="Shuffle each epoch",
    help="Deal the rows out to the batches in a new random order each epoch. Otherwise they come as in the data.",
    default=True,
    applies=lambda settings: not settings.optimizer_entry.full_batch and settings.batch_size != 0,
)

OPTIMIZATION_SPECS: tuple[Spec, ...] = (
    OPTIMIZER,
    LEARNING_RATE,
    SCHEDULE,
    DECAY_FACTOR,
    DECAY_EPOCHS,
    WARM_UP_EPOCHS,
    MOMENTUM,
    RMSPROP_DECAY,
    BETA1,
    BETA2,
    WEIGHT_DECAY,
    LBFGS_MEMORY,
    BATCH_SIZE,
    SHUFFLE,
)
