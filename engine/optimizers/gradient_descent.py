"""Gradient descent: theta <- theta - alpha dJ/dtheta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from engine.arrays import RealArray
from engine.objective import Objective
from engine.schedules import Schedule


class GradientDescentState(NamedTuple):
    """Gradient descent remembers nothing but the cost it saw and how often it stepped."""

    cost: float
    step: int


@dataclass(frozen=True, slots=True)
class GradientDescent:
    """theta <- theta - alpha dJ/dtheta, on the batch it is given (Cauchy 1847; Robbins and Monro 1951)."""

    learning_rate: Schedule
    full_batch: ClassVar[bool] = False

    def init(self, theta: RealArray) -> GradientDescentState:
        """The state to start with at ``theta`` (P,)."""
        return GradientDescentState(float("nan"), 0)

    def rate(self, state: GradientDescentState) -> float:
        """The learning rate of the last step."""
        return self.learning_rate(max(state.step - 1, 0))

    def step(
        self, objective: Objective, theta: RealArray, state: GradientDescentState
    ) -> tuple[RealArray, GradientDescentState]:
        """The next theta (P,) and state."""
        cost, gradient = objective.cost_and_gradient(theta)
        gradient *= -self.learning_rate(state.step)  # the gradient is ours, and becomes the next theta
        gradient += theta
        return gradient, GradientDescentState(cost, state.step + 1)
