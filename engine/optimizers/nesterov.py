"""Nesterov's accelerated gradient: momentum that looks ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import RealArray
from engine.objective import Objective
from engine.optimizers.momentum import MomentumState
from engine.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Nesterov:
    """v <- beta v + dJ/dtheta; theta <- theta - alpha (dJ/dtheta + beta v) (Nesterov 1983).

    theta is the point looked ahead to, so that the gradient is taken where the step is (Sutskever and others 2013,
    section 2, after a change of variables).
    """

    learning_rate: Schedule
    momentum: float = 0.9
    full_batch: ClassVar[bool] = False

    def init(self, theta: RealArray) -> MomentumState:
        """The state to start with at ``theta`` (P,): at rest."""
        return MomentumState(float("nan"), 0, np.zeros_like(theta))

    def rate(self, state: MomentumState) -> float:
        """The learning rate of the last step."""
        return self.learning_rate(max(state.step - 1, 0))

    def step(self, objective: Objective, theta: RealArray, state: MomentumState) -> tuple[RealArray, MomentumState]:
        """The next theta (P,) and state."""
        cost, gradient = objective.cost_and_gradient(theta)
        velocity = self.momentum * state.velocity + gradient
        alpha = self.learning_rate(state.step)
        return theta - alpha * (gradient + self.momentum * velocity), MomentumState(cost, state.step + 1, velocity)
