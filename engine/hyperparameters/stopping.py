"""The settings that end a training; the epochs stand with the batch size, whose unit they are."""

from __future__ import annotations

from engine.specs import IntegerSpec, RealSpec, Spec

EPOCHS = IntegerSpec(
    key="epochs",
    label="Epochs",
    help="Passes over all training rows before the training ends. It can be raised while training.",
    default=2000,
    low=1,
    high=1_000_000,
    scale="log",
    live=True,
)
CHECK_EVERY = IntegerSpec(
    key="check_every",
    label="Check every",
    help="Epochs from one check to the next. A check works out cost and accuracy on all training and validation rows, "
    "which takes about half as long as an epoch of training.",
    default=1,
    low=1,
    high=100_000,
    scale="log",
    unit="epochs",
    live=True,
)
PATIENCE = IntegerSpec(
    key="patience",
    label="Patience",
    help="Early stopping: the training ends after so many checks without a lower validation cost, and then the weights "
    "of the lowest one are restored.",
    default=0,
    low=0,
    high=100_000,
    zero_label="off",
    unit="checks",
    live=True,
)
COST_TOLERANCE = RealSpec(
    key="cost_tolerance",
    label="Cost tolerance",
    help="The training ends where the training cost changes by less than this share of itself from one check to the "
    "next. 0 switches it off.",
    default=0.0,
    low=0.0,
    high=1.0,
    scale="log",
    live=True,
)
GRADIENT_TOLERANCE = RealSpec(
    key="gradient_tolerance",
    label="Gradient tolerance",
    help="The training ends where the length of the gradient over all training rows, ‖∂J/∂θ‖, is below this at a "
    "check. 0 switches it off.",
    default=0.0,
    low=0.0,
    high=1e6,
    scale="log",
    live=True,
)
TIME_LIMIT = IntegerSpec(
    key="time_limit",
    label="Time limit",
    help="The training ends after so many seconds of computing.",
    default=0,
    low=0,
    high=10_000_000,
    zero_label="none",
    unit="seconds",
    live=True,
)

STOPPING_SPECS: tuple[Spec, ...] = (PATIENCE, COST_TOLERANCE, GRADIENT_TOLERANCE, TIME_LIMIT, CHECK_EVERY)
