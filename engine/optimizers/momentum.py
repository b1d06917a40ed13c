"""Momentum: the steps gather speed along directions on which successive gradients agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from engine.arrays import RealArray
from engine.objective import Objective
from engine.schedules import Schedule


class MomentumState(NamedTuple):
    """``velocity`` (P,): the decayed sum of all gradients so far."""

    cost: float
    step: int
    velocity: RealArray


@dataclass(frozen=True, slots=True)
class Momentum:
    """v <- beta v + dJ/dtheta; theta <- theta - alpha v (Polyak 1964).

    The effective learning rate along a steady gradient is alpha / (1 - beta).
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
        return theta - alpha * velocity, MomentumState(cost, state.step + 1, velocity)
