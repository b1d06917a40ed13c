"""RMSProp: each parameter's step is divided by the running root mean square of its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from engine.arrays import RealArray
from engine.objective import Objective
from engine.schedules import Schedule


class RmsPropState(NamedTuple):
    """``mean_square`` (P,): the running mean of the squared gradient."""

    cost: float
    step: int
    mean_square: RealArray


@dataclass(frozen=True, slots=True)
class RmsProp:
    """s <- rho s + (1 - rho) g^2; theta <- theta - alpha g / (sqrt(s) + epsilon).

    From lecture 6e of the course by Tieleman and Hinton, 2012.
    """

    learning_rate: Schedule
    decay: float = 0.9
    epsilon: float = 1e-8
    full_batch: ClassVar[bool] = False

    def init(self, theta: RealArray) -> RmsPropState:
        """The state to start with at ``theta`` (P,)."""
        return RmsPropState(float("nan"), 0, np.zeros_like(theta))

    def rate(self, state: RmsPropState) -> float:
        """The learning rate of the last step."""
        return self.learning_rate(max(state.step - 1, 0))

    def step(self, objective: Objective, theta: RealArray, state: RmsPropState) -> tuple[RealArray, RmsPropState]:
        """The next theta (P,) and state."""
        cost, gradient = objective.cost_and_gradient(theta)
        mean_square = self.decay * state.mean_square + (1.0 - self.decay) * gradient * gradient
        step = self.learning_rate(state.step) * gradient / (np.sqrt(mean_square) + self.epsilon)
        return theta - step, RmsPropState(cost, state.step + 1, mean_square)
