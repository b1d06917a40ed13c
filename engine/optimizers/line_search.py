"""A step length that satisfies the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and 3.6).

With phi(a) = J(theta + a d), a step is accepted where it decreases the cost enough, phi(a) <= phi(0) + c1 a phi'(0),
and the slope has flattened enough, |phi'(a)| <= c2 |phi'(0)|. The second one makes s^T y > 0, which L-BFGS rests on.
Close to the minimum, where costs differ by rounding alone, the slopes decide instead (Hager and Zhang 2005, eq. 4.1).
"""

from __future__ import annotations

from math import isfinite, isnan, sqrt
from typing import NamedTuple

import numpy as np

from engine.arrays import RealArray
from engine.objective import Objective

SUFFICIENT_DECREASE = 1e-4
CURVATURE = 0.9
MOST_EVALUATIONS = 40
LARGEST_GROWTH = 4.0


class Trial(NamedTuple):
    """phi at one step length: cost, slope along the direction, gradient (P,) and theta (P,) there."""

    length: float
    cost: float
    slope: float
    gradient: RealArray
    theta: RealArray


class LineSearch:
    """The search from ``theta`` along ``direction``; ``cost`` and ``gradient`` are those of ``theta``."""

    def __init__(
        self, objective: Objective, theta: RealArray, direction: RealArray, cost: float, gradient: RealArray
    ) -> None:
        self._objective = objective
        self._direction = direction
        self.start = Trial(0.0, cost, float(gradient.dot(direction)), gradient, theta)
        self.rounding = 4.0 * float(np.finfo(theta.dtype).eps) * abs(cost)
        self.evaluations = 0

    def run(self, length: float) -> Trial | None:
        """The accepted step, first trying ``length``; None where no length decreases the cost in this precision."""
        before, trial = self.start, self._try(length)
        while self.evaluations < MOST_EVALUATIONS:
            if not self._decreases_enough(trial) or (before.length > 0 and trial.cost > before.cost + self.rounding):
                return self._zoom(before, trial)
            if self._is_flat(trial):
                return trial
            if trial.slope >= 0:
                return self._zoom(trial, before)
            before, trial = trial, self._try(_longer(trial.length, _minimum_of_cubic(before, trial)))
        return self._if_lower(before)

    def _zoom(self, low: Trial, high: Trial) -> Trial | None:
        """Narrow the interval whose end ``low`` is the best step so far, and which holds an acceptable one."""
        while self.evaluations < MOST_EVALUATIONS:
            width = abs(high.length - low.length)
            if width <= 1e-12 * max(low.length, high.length):
                break
            trial = self._try(_inside(_minimum_of_cubic(low, high), low.length, high.length))
            if not self._decreases_enough(trial) or trial.cost > low.cost + self.rounding:
                high = trial
                continue
            if self._is_flat(trial):
                return trial
            if trial.slope * (high.length - low.length) >= 0:
                high = low
            low = trial
        return self._if_lower(low)

    def _try(self, length: float) -> Trial:
        self.evaluations += 1
        theta = self.start.theta + length * self._direction
        cost, gradient = self._objective.cost_and_gradient(theta)
        return Trial(length, cost, float(gradient.dot(self._direction)), gradient, theta)

    def _decreases_enough(self, trial: Trial) -> bool:
        if trial.cost <= self.start.cost + SUFFICIENT_DECREASE * trial.length * self.start.slope:
            return True
        as_low = trial.cost <= self.start.cost + self.rounding  # as the line above, False for NaN
        return as_low and trial.slope <= (2.0 * SUFFICIENT_DECREASE - 1.0) * self.start.slope

    def _is_flat(self, trial: Trial) -> bool:
        return abs(trial.slope) <= CURVATURE * abs(self.start.slope)

    def _if_lower(self, trial: Trial) -> Trial | None:
        return trial if trial.cost < self.start.cost else None


def _minimum_of_cubic(a: Trial, b: Trial) -> float:
    """Where the cubic through both costs and slopes is least (Nocedal and Wright 2006, eq. 3.59); NaN where nowhere."""
    if a.length == b.length or not all(map(isfinite, (a.cost, a.slope, b.cost, b.slope))):
        return float("nan")
    d1 = a.slope + b.slope - 3.0 * (a.cost - b.cost) / (a.length - b.length)
    square = d1 * d1 - a.slope * b.slope
    if square < 0:
        return float("nan")
    d2 = sqrt(square) if b.length > a.length else -sqrt(square)
    denominator = b.slope - a.slope + 2.0 * d2
    if denominator == 0:
        return float("nan")
    return b.length - (b.length - a.length) * (b.slope + d2 - d1) / denominator


def _longer(length: float, guess: float) -> float:
    """``guess``, but neither much nor too little more than ``length``; without a guess, as much as can be."""
    longest = LARGEST_GROWTH * length
    return longest if isnan(guess) else min(max(1.5 * length, guess), longest)


def _inside(length: float, end: float, other: float) -> float:
    """``length`` where it lies well between the ends, else the middle: every trial then narrows the interval."""
    low, high = min(end, other), max(end, other)
    margin = 0.1 * (high - low)
    return length if low + margin <= length <= high - margin else 0.5 * (low + high)
