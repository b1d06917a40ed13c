"""Gradient descent: theta <- theta - alpha dJ/dtheta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.arrays import FloatArray
from engine.objective import Objective


class GradientDescentState(NamedTuple):
    """Gradient descent remembers nothing but the cost it saw."""

    cost: float


@dataclass(frozen=True, slots=True)
class GradientDescent:
    """theta <- theta - alpha dJ/dtheta, on the batch it is given (Cauchy 1847; Robbins and Monro 1951)."""

    learning_rate: float

    def init(self, theta: FloatArray) -> GradientDescentState:
        """The state to start with at ``theta`` (P,)."""
        return GradientDescentState(float("nan"))

    def step(
        self, objective: Objective, theta: FloatArray, state: GradientDescentState
    ) -> tuple[FloatArray, GradientDescentState]:
        """The next theta (P,) and state."""
        cost, gradient = objective.cost_and_gradient(theta)
        return theta - self.learning_rate * gradient, GradientDescentState(cost)
