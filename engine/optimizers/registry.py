"""Every optimizer's name for the user, the settings it listens to, and how to make it from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.optimizers.adam import Adam
from engine.optimizers.adamw import AdamW
from engine.optimizers.base import Optimizer
from engine.optimizers.gradient_descent import GradientDescent
from engine.optimizers.lbfgs import Lbfgs
from engine.optimizers.momentum import Momentum
from engine.optimizers.nesterov import Nesterov
from engine.optimizers.newton_cg import NewtonCg
from engine.optimizers.rmsprop import RmsProp
from engine.schedules import Schedule

if TYPE_CHECKING:
    from engine.hyperparameters import TrainingConfig

LEARNING_RATE_SETTINGS = frozenset({"learning_rate", "schedule"})


@dataclass(frozen=True, slots=True)
class OptimizerEntry:
    """``make`` takes the settings of a training and the schedule that they describe.

    ``settings`` are the keys of those that the optimizer listens to, beside the ones that concern every training.
    """

    label: str
    optimizer: type[Optimizer[Any]]
    settings: frozenset[str]
    make: Callable[[TrainingConfig, Schedule], Optimizer[Any]]

    @property
    def full_batch(self) -> bool:
        """Whether every step needs all training rows."""
        return self.optimizer.full_batch


REGISTRY: dict[str, OptimizerEntry] = {
    "gradient_descent": OptimizerEntry(
        "Gradient descent", GradientDescent, LEARNING_RATE_SETTINGS, lambda _, rate: GradientDescent(rate)
    ),
    "momentum": OptimizerEntry(
        "Momentum", Momentum, LEARNING_RATE_SETTINGS | {"momentum"}, lambda c, rate: Momentum(rate, c.momentum)
    ),
    "nesterov": OptimizerEntry(
        "Nesterov momentum", Nesterov, LEARNING_RATE_SETTINGS | {"momentum"}, lambda c, rate: Nesterov(rate, c.momentum)
    ),
    "rmsprop": OptimizerEntry(
        "RMSProp", RmsProp, LEARNING_RATE_SETTINGS | {"rmsprop_decay"}, lambda c, rate: RmsProp(rate, c.rmsprop_decay)
    ),
    "adam": OptimizerEntry(
        "Adam", Adam, LEARNING_RATE_SETTINGS | {"beta1", "beta2"}, lambda c, rate: Adam(rate, c.beta1, c.beta2)
    ),
    "adamw": OptimizerEntry(
        "AdamW",
        AdamW,
        LEARNING_RATE_SETTINGS | {"beta1", "beta2", "weight_decay"},
        lambda c, rate: AdamW(rate, c.weight_decay, c.beta1, c.beta2),
    ),
    "lbfgs": OptimizerEntry("L-BFGS", Lbfgs, frozenset({"lbfgs_memory"}), lambda c, _: Lbfgs(c.lbfgs_memory)),
    "newton_cg": OptimizerEntry("Newton-CG", NewtonCg, frozenset(), lambda *_: NewtonCg()),
}
