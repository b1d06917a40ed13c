"""L-BFGS: Newton's method with a Hessian guessed from the last few steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from engine.arrays import RealArray
from engine.objective import Objective, Preconditioner, preconditioner_of
from engine.optimizers.line_search import LineSearch, Trial
from engine.optimizers.standstill import Standstill


class Pair(NamedTuple):
    """One step s (P,), the change y (P,) of the gradient over it, and 1 / s^T y."""

    s: RealArray
    y: RealArray
    rho: float


class LbfgsState(NamedTuple):
    """``here`` and ``gradient`` are J and its gradient at the present theta, None before the first step.

    ``expected_decrease`` is half the slope along the direction of the last step, what a Newton step would have gained;
    NaN where nothing was known of the curvature.
    """

    cost: float
    step: int
    here: float
    gradient: RealArray | None
    pairs: tuple[Pair, ...]
    precondition: Preconditioner | None
    evaluations: int
    expected_decrease: float
    standstill: Standstill


@dataclass(frozen=True, slots=True)
class Lbfgs:
    """d = -H dJ/dtheta with H from the last ``memory`` steps (Liu and Nocedal 1989), and a strong Wolfe line search.

    H starts from the objective's own preconditioner where it has one, scaled by s^T y / y^T P y (Shanno and Phua 1978).
    Where a search finds nothing, the memory is given up, then the preconditioner; where straight downhill nothing is
    found either, theta is as low as its precision allows.
    """

    memory: int = 10
    full_batch: ClassVar[bool] = True

    def init(self, theta: RealArray) -> LbfgsState:
        """The state to start with at ``theta`` (P,)."""
        return LbfgsState(float("nan"), 0, float("nan"), None, (), None, 0, float("nan"), Standstill())

    def rate(self, state: LbfgsState) -> float:
        """NaN: the step length is searched for."""
        return float("nan")

    def step(self, objective: Objective, theta: RealArray, state: LbfgsState) -> tuple[RealArray, LbfgsState]:
        """The next theta (P,) and state."""
        state = self._set_out(objective, theta, state)
        gradient = state.gradient
        if gradient is None or not np.isfinite(state.cost) or state.standstill.final:
            return theta, state
        if not np.isfinite(gradient).all():
            return theta, state._replace(cost=float("nan"))
        state = state._replace(expected_decrease=float("nan"))
        for pairs, precondition in _attempts(state):
            search = LineSearch(objective, theta, _direction(gradient, pairs, precondition), state.cost, gradient)
            guessed = pairs or precondition is not None
            found = search.run(1.0 if guessed else _cautious(gradient)) if search.start.slope < 0 else None
            state = state._replace(evaluations=state.evaluations + search.evaluations)
            if guessed and np.isnan(state.expected_decrease):
                state = state._replace(expected_decrease=-0.5 * search.start.slope)
            if found is not None:
                standstill = state.standstill.after(search.start, found, search.rounding)
                state = state._replace(precondition=precondition, standstill=standstill)
                return found.theta, self._advanced(state, pairs, search.start, found)
        return theta, state._replace(step=state.step + 1, pairs=())

    def _set_out(self, objective: Objective, theta: RealArray, state: LbfgsState) -> LbfgsState:
        if state.gradient is not None:
            return state._replace(cost=state.here)
        cost, gradient = objective.cost_and_gradient(theta)
        return state._replace(
            cost=cost,
            here=cost,
            gradient=gradient,
            precondition=preconditioner_of(objective, theta),
            evaluations=state.evaluations + 1,
        )

    def _advanced(self, state: LbfgsState, pairs: tuple[Pair, ...], start: Trial, found: Trial) -> LbfgsState:
        s, y = found.theta - start.theta, found.gradient - start.gradient
        product, limits = float(s.dot(y)), np.finfo(s.dtype)
        curved = product > limits.eps * float(np.linalg.norm(s)) * float(np.linalg.norm(y))
        if curved and float(y.dot(y)) > limits.tiny / limits.eps:
            pairs = (*pairs, Pair(s, y, 1.0 / product))[-self.memory :]
        return state._replace(step=state.step + 1, here=found.cost, gradient=found.gradient, pairs=pairs)


def _direction(gradient: RealArray, pairs: tuple[Pair, ...], precondition: Preconditioner | None) -> RealArray:
    """-H g by the two loops of Nocedal and Wright 2006, algorithm 7.4."""
    q = gradient.copy()
    alphas = []
    for pair in reversed(pairs):
        alphas.append(pair.rho * float(pair.s.dot(q)))
        q -= alphas[-1] * pair.y
    q = precondition(q) if precondition is not None else q
    if pairs:
        last = pairs[-1]
        curved = precondition(last.y) if precondition is not None else last.y
        q *= 1.0 / (last.rho * float(last.y.dot(curved)))
    for pair, alpha in zip(pairs, reversed(alphas), strict=True):
        q += (alpha - pair.rho * float(pair.y.dot(q))) * pair.s
    return -q


def _attempts(state: LbfgsState) -> list[tuple[tuple[Pair, ...], Preconditioner | None]]:
    """What to rest the direction on: all that is known of the curvature, then less."""
    attempts: list[tuple[tuple[Pair, ...], Preconditioner | None]] = [(state.pairs, state.precondition)]
    if state.pairs:
        attempts.append(((), state.precondition))
    if state.precondition is not None:
        attempts.append(((), None))
    return attempts


def _cautious(gradient: RealArray) -> float:
    """A first length where nothing is known of the curvature: that of a step of length 1 at most."""
    return 1.0 / max(1.0, float(np.linalg.norm(gradient)))
