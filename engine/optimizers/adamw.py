"""AdamW: Adam beside a decay of the weights that its running means do not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.arrays import RealArray
from engine.objective import Objective
from engine.optimizers.adam import Adam, AdamState
from engine.schedules import Schedule


@dataclass(frozen=True, slots=True)
class AdamW:
    """theta <- (1 - alpha w) theta, then Adam's step.

    After Loshchilov and Hutter 2019, algorithm 2, where the decay has no alpha; it has here, as in most programs. The
    decay w is of the update, not of the cost: unlike an L2 penalty it shrinks all parameters at the same rate,
    biases included, whatever their gradients.
    """

    learning_rate: Schedule
    weight_decay: float = 0.01
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    full_batch: ClassVar[bool] = False

    def init(self, theta: RealArray) -> AdamState:
        """The state to start with at ``theta`` (P,)."""
        return self._adam.init(theta)

    def rate(self, state: AdamState) -> float:
        """The learning rate of the last step."""
        return self.learning_rate(max(state.step - 1, 0))

    def step(self, objective: Objective, theta: RealArray, state: AdamState) -> tuple[RealArray, AdamState]:
        """The next theta (P,) and state."""
        moved, new_state = self._adam.step(objective, theta, state)
        moved -= self.learning_rate(state.step) * self.weight_decay * theta
        return moved, new_state

    @property
    def _adam(self) -> Adam:
        return Adam(self.learning_rate, self.beta1, self.beta2, self.epsilon)
