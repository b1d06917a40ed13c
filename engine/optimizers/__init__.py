"""The optimizers, one update rule a file, and the registry that names them.

A new optimizer is a file beside these and a line in ``REGISTRY``; forms, command line and records follow from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.optimizers.adam import Adam
from engine.optimizers.base import Optimizer, OptimizerState
from engine.optimizers.gradient_descent import GradientDescent
from engine.optimizers.momentum import Momentum

if TYPE_CHECKING:
    from engine.hyperparameters import TrainingConfig


@dataclass(frozen=True, slots=True)
class OptimizerEntry:
    """An optimizer's name for the user, and how to make it from the settings of a training."""

    label: str
    make: Callable[[TrainingConfig], Optimizer[Any]]


REGISTRY: dict[str, OptimizerEntry] = {
    "gradient_descent": OptimizerEntry("Gradient descent", lambda c: GradientDescent(c.learning_rate)),
    "momentum": OptimizerEntry("Momentum", lambda c: Momentum(c.learning_rate, c.momentum)),
    "adam": OptimizerEntry("Adam", lambda c: Adam(c.learning_rate)),
}

__all__ = ["REGISTRY", "Adam", "GradientDescent", "Momentum", "Optimizer", "OptimizerEntry", "OptimizerState"]
