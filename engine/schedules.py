"""How the learning rate changes from step to step.

A schedule is a function of the number of steps made so far; one epoch is ``steps_per_epoch`` of them, so that the same
settings mean the same for any batch size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol


class Schedule(Protocol):
    """The learning rate of every step."""

    def __call__(self, step: int) -> float:
        """The rate of the step that follows ``step`` others."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """The same rate for ever."""

    rate: float

    def __call__(self, step: int) -> float:
        """Return the rate."""
        return self.rate


@dataclass(frozen=True, slots=True)
class StepDecay:
    """rate times ``factor`` after every ``period`` steps."""

    rate: float
    factor: float
    period: float

    def __call__(self, step: int) -> float:
        """Return rate factor^floor(step / period)."""
        return self.rate * self.factor ** math.floor(step / self.period)


@dataclass(frozen=True, slots=True)
class ExponentialDecay:
    """The smooth form of ``StepDecay``: after ``period`` steps ``factor`` is left."""

    rate: float
    factor: float
    period: float

    def __call__(self, step: int) -> float:
        """Return rate factor^(step / period)."""
        return float(self.rate * self.factor ** (step / self.period))


@dataclass(frozen=True, slots=True)
class CosineDecay:
    """Half a wave of a cosine from the rate down to 0 over ``total`` steps (Loshchilov and Hutter 2017, eq. 5)."""

    rate: float
    total: float

    def __call__(self, step: int) -> float:
        """Return rate (1 + cos(pi step / total)) / 2, and 0 beyond ``total``."""
        return self.rate * 0.5 * (1.0 + math.cos(math.pi * min(step / self.total, 1.0)))


@dataclass(frozen=True, slots=True)
class InverseTimeDecay:
    """The 1/t schedule of stochastic approximation (Robbins and Monro 1951); half the rate after ``period`` steps."""

    rate: float
    period: float

    def __call__(self, step: int) -> float:
        """Return rate / (1 + step / period)."""
        return self.rate / (1.0 + step / self.period)


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Rises in equal parts to the start of ``schedule`` over ``steps`` steps, and goes on with it from there."""

    schedule: Schedule
    steps: int

    def __call__(self, step: int) -> float:
        """Return (step + 1) / (steps + 1) of the first rate while warming up."""
        if step < self.steps:
            return self.schedule(0) * (step + 1) / (self.steps + 1)
        return self.schedule(step - self.steps)


SCHEDULES = {
    "constant": "Constant",
    "step": "Step",
    "exponential": "Exponential",
    "cosine": "Cosine",
    "inverse_time": "1/t",
}


def make_schedule(
    kind: str, *, rate: float, factor: float, period: float, total: float, warm_up_steps: int
) -> Schedule:
    """The schedule of that key in ``SCHEDULES``; ``period`` and ``total`` in steps."""
    schedule: Schedule
    match kind:
        case "constant":
            schedule = Constant(rate)
        case "step":
            schedule = StepDecay(rate, factor, period)
        case "exponential":
            schedule = ExponentialDecay(rate, factor, period)
        case "cosine":
            schedule = CosineDecay(rate, max(total - warm_up_steps, 1.0))
        case "inverse_time":
            schedule = InverseTimeDecay(rate, period)
        case _:
            raise KeyError(kind)
    return WarmUp(schedule, warm_up_steps) if warm_up_steps else schedule
