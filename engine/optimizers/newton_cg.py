"""Newton's method, its linear equations solved by conjugate gradients with Hessian-vector products."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, NamedTuple

import numpy as np

from engine.arrays import RealArray
from engine.objective import CurvedObjective, Objective
from engine.optimizers.line_search import LineSearch
from engine.optimizers.standstill import Standstill


class NewtonCgState(NamedTuple):
    """``here`` and ``gradient`` are J and its gradient at the present theta, None before the first step.

    ``products`` counts Hessian-vector products, each about as dear as a gradient.
    """

    cost: float
    step: int
    here: float
    gradient: RealArray | None
    evaluations: int
    products: int
    standstill: Standstill


@dataclass(frozen=True, slots=True)
class NewtonCg:
    """Solve (H + delta I) d = -g roughly, then search along d (Nocedal and Wright 2006, algorithm 7.1).

    The Hessian of a softmax cost is singular: adding a constant to all logits changes nothing. The damping delta, the
    smaller of ``damping`` and ``damping`` ||g||, keeps the equations solvable and fades fast enough for the convergence
    to stay quadratic (Li, Fukushima, Qi and Yamashita 2004).
    """

    damping: float = 1e-3
    most_products: int = 250
    full_batch: ClassVar[bool] = True

    def init(self, theta: RealArray) -> NewtonCgState:
        """The state to start with at ``theta`` (P,)."""
        return NewtonCgState(float("nan"), 0, float("nan"), None, 0, 0, Standstill())

    def rate(self, state: NewtonCgState) -> float:
        """NaN: the step length is searched for."""
        return float("nan")

    def step(self, objective: Objective, theta: RealArray, state: NewtonCgState) -> tuple[RealArray, NewtonCgState]:
        """The next theta (P,) and state."""
        state = _set_out(objective, theta, state)
        gradient = state.gradient
        if gradient is None or not np.isfinite(state.cost) or state.standstill.final:
            return theta, state
        if not np.isfinite(gradient).all():
            return theta, state._replace(cost=float("nan"))
        direction, products = self._direction(objective, theta, gradient)
        state = state._replace(products=state.products + products)
        for attempt in (direction, -gradient):
            search = LineSearch(objective, theta, attempt, state.cost, gradient)
            found = search.run(1.0) if search.start.slope < 0 else None
            state = state._replace(evaluations=state.evaluations + search.evaluations)
            if found is not None:
                standstill = state.standstill.after(search.start, found, search.rounding)
                return found.theta, state._replace(
                    step=state.step + 1, here=found.cost, gradient=found.gradient, standstill=standstill
                )
        return theta, state._replace(step=state.step + 1)

    def _direction(self, objective: Objective, theta: RealArray, gradient: RealArray) -> tuple[RealArray, int]:
        norm = float(np.linalg.norm(gradient))
        delta = self.damping * min(1.0, norm)
        tolerance = min(0.5, sqrt(norm)) * norm

        def curvature(vector: RealArray) -> RealArray:
            return _hessian_vector_product(objective, theta, vector) + delta * vector

        return conjugate_gradients(curvature, -gradient, tolerance, self.most_products)


def conjugate_gradients(
    product: Callable[[RealArray], RealArray], right_side: RealArray, tolerance: float, most_products: int
) -> tuple[RealArray, int]:
    """Solve A x = b from x = 0 until ||A x - b|| <= ``tolerance`` (Hestenes and Stiefel 1952); x and products made.

    Where A curves downwards along the way, what was found before is returned, and b itself at the very start.
    """
    x, residual = np.zeros_like(right_side), right_side.copy()
    direction, square = residual.copy(), float(residual.dot(residual))
    for n_products in range(1, most_products + 1):
        image = product(direction)
        curvature = float(direction.dot(image))
        if curvature <= 0 or not np.isfinite(curvature):
            return (x if n_products > 1 else right_side), n_products
        length = square / curvature
        x += length * direction
        residual -= length * image
        new_square = float(residual.dot(residual))
        if sqrt(new_square) <= tolerance:
            return x, n_products
        direction = residual + (new_square / square) * direction
        square = new_square
    return x, most_products


def _set_out(objective: Objective, theta: RealArray, state: NewtonCgState) -> NewtonCgState:
    if state.gradient is not None:
        return state._replace(cost=state.here)
    cost, gradient = objective.cost_and_gradient(theta)
    return state._replace(cost=cost, here=cost, gradient=gradient, evaluations=state.evaluations + 1)


def _hessian_vector_product(objective: Objective, theta: RealArray, vector: RealArray) -> RealArray:
    """From the objective itself, or from the central difference of its gradients where it does not offer any."""
    if isinstance(objective, CurvedObjective):
        return objective.hessian_vector_product(theta, vector)
    length = np.cbrt(np.finfo(theta.dtype).eps) * (1.0 + float(np.linalg.norm(theta)))
    h = length / max(float(np.linalg.norm(vector)), np.finfo(theta.dtype).tiny)
    _, ahead = objective.cost_and_gradient(theta + h * vector)
    _, behind = objective.cost_and_gradient(theta - h * vector)
    difference: RealArray = (ahead - behind) / (2.0 * h)
    return difference
