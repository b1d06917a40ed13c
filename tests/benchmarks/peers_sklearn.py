"""scikit-learn's LogisticRegression(solver="lbfgs"), stopped as early as a target cost allows.

It runs with one BLAS thread: NumPy and SciPy each bring a pool, and on few cores the two slow each other down.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np
import scipy.optimize
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult
from shapes import Data, cost_and_gradient
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import ThreadpoolController

LOWEST_TOLERANCE = 1e-12
ROUNDING = 1e-6  # scikit-learn reckons J in float32


def lbfgs_of(data: Data, l2: float, max_iter: int) -> Callable[[], LogisticRegression]:
    """A function that fits J = mean cross-entropy + l2/2 ||W||^2 from zeros by so many iterations at most."""
    pools = ThreadpoolController()

    def run() -> LogisticRegression:
        with pools.limit(limits=1, user_api="blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = LogisticRegression(C=1 / (l2 * len(data.X)), tol=LOWEST_TOLERANCE, max_iter=max_iter)
            return model.fit(data.X, data.y)

    return run


def iterations_to_target(data: Data, target: float, l2: float, at_most: int = 4_000) -> int:
    """The least max_iter whose fit has J <= target: when a user who knew the target would stop.

    A fit of fewer iterations is the start of the same descent, so one fit, watched from within SciPy's minimiser, tells
    what bisection over many fits would. Raises RuntimeError if the count does not hold for a fit of its own.
    """
    iterations = 0

    def stop_at_target(intermediate_result: OptimizeResult) -> None:
        nonlocal iterations
        iterations += 1
        if intermediate_result.fun <= target:
            raise StopIteration

    minimize = scipy.optimize.minimize

    def watched(*arguments: Any, **options: Any) -> OptimizeResult:
        return minimize(*arguments, **options | {"callback": stop_at_target})

    with mock.patch("scipy.optimize.minimize", watched):
        lbfgs_of(data, l2, at_most)()
    reached, _ = cost_and_gradient(data, theta(lbfgs_of(data, l2, iterations)()), l2)
    if reached > target * (1 + ROUNDING):
        raise RuntimeError(f"{data} is at J = {reached:.6f} after {iterations} iterations, above {target:.6f}")
    return iterations


def theta(model: LogisticRegression) -> NDArray[np.float64]:
    """(W, b), shape (C, D+1)."""
    return np.column_stack([model.coef_, model.intercept_]).astype(np.float64)
