from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from objectives import Case, descend
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression

from engine.fused import FusedObjective, ThreadTeam
from engine.network import Network
from engine.objective import SoftmaxObjective
from engine.optimizers import Lbfgs, NewtonCg, Optimizer
from engine.softmax import softmax

Array = NDArray[np.float64]

DATA = {"iris": load_iris, "wine": load_wine, "breast cancer": load_breast_cancer, "digits": load_digits}


class Problem(NamedTuple):
    objective: SoftmaxObjective
    cost: float
    probabilities: Array


@cache
def solved(name: str, l2: float, standardised: bool) -> Problem:
    """The cost of scikit-learn's minimum, and the probabilities there.

    scikit-learn's C divides the penalty by C N: C = 1 / (l2 N) makes the two costs one up to the factor C N. For two
    classes it fits a single column w. The softmax's two columns are -w/2 and w/2 at its minimum, their penalty is
    l2/2 (|w/2|^2 + |w/2|^2) = (l2/2)/2 |w|^2: the single column meets half the penalty.
    """
    X, y = DATA[name](return_X_y=True)
    if standardised:
        spread = X.std(axis=0)
        X = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    (N, D), n_classes = X.shape, int(y.max()) + 1
    penalty = l2 if n_classes > 2 else l2 / 2
    model = LogisticRegression(C=1.0 / (penalty * N), solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(X, y)
    objective = SoftmaxObjective(Network(D, n_classes), np.ascontiguousarray(X), y, l2)
    W, b = model.coef_, model.intercept_
    if n_classes == 2:
        W, b = np.concatenate([-W / 2, W / 2]), np.concatenate([-b / 2, b / 2])
    cost = objective.evaluate(np.concatenate([W.ravel(), b])).cost
    return Problem(objective, cost, model.predict_proba(X))


def assert_same_optimum(optimizer: Optimizer[Any], problem: Problem, steps: int) -> None:
    objective = problem.objective
    start = np.zeros(objective.network.n_parameters)
    theta, _ = descend(optimizer, FusedObjective(objective).whole(), start, steps)
    assert objective.evaluate(theta).cost == pytest.approx(problem.cost, rel=1e-10)
    probabilities = softmax(objective.network.logits(theta, objective.X))
    np.testing.assert_allclose(probabilities, problem.probabilities, rtol=0, atol=1e-6)


@pytest.mark.parametrize("l2", [1e-3, 0.1])
@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("optimizer", [Lbfgs(), NewtonCg()], ids=["L-BFGS", "Newton-CG"])
def test_reaches_scikit_learns_optimum(optimizer: Optimizer[Any], name: str, l2: float) -> None:
    assert_same_optimum(optimizer, solved(name, l2, standardised=True), 150)


@pytest.mark.parametrize("name", DATA)
def test_lbfgs_reaches_it_from_raw_columns_too(name: str) -> None:
    """Those of breast cancer differ in scale by 10,000 and more."""
    assert_same_optimum(Lbfgs(), solved(name, 1e-3, standardised=False), 1000)


def test_newton_reaches_it_from_raw_columns_too() -> None:
    assert_same_optimum(NewtonCg(), solved("breast cancer", 1e-3, standardised=False), 300)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("optimizer", [Lbfgs(), NewtonCg()], ids=["L-BFGS", "Newton-CG"])
def test_float32_comes_as_close_as_its_digits_allow(optimizer: Optimizer[Any], name: str) -> None:
    problem = solved(name, 1e-3, standardised=True)
    X = problem.objective.X.astype(np.float32)
    objective = SoftmaxObjective(problem.objective.network, X, problem.objective.y, 1e-3)
    start = np.zeros(objective.network.n_parameters, np.float32)
    theta, _ = descend(optimizer, FusedObjective(objective).whole(), start, 300)
    assert theta.dtype == np.float32
    # Logits of about 10 are rounded by 1e-6 each.
    assert problem.objective.evaluate(theta.astype(np.float64)).cost == pytest.approx(problem.cost, abs=3e-6)


@pytest.mark.parametrize("optimizer", [Lbfgs(), NewtonCg()], ids=["L-BFGS", "Newton-CG"])
def test_two_threads_reach_it_as_well(optimizer: Optimizer[Any]) -> None:
    objective, start = Case(N=5000, D=6, l2=0.01).make()
    with ThreadTeam(2) as team:
        theta, _ = descend(optimizer, FusedObjective(objective, team).whole(), start * 0, 300)
    _, gradient = objective.cost_and_gradient(theta)
    assert np.abs(gradient).max() < 1e-8


class TestDegenerate:
    """What any optimum has: no slope. With a penalty it exists whatever the data are."""

    @staticmethod
    def problems() -> dict[str, SoftmaxObjective]:
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(60, 4)), rng.integers(0, 3, size=60)
        y[:3] = 0, 1, 2

        def objective(X: Array, y: NDArray[np.int64], C: int = 3) -> SoftmaxObjective:
            return SoftmaxObjective(Network(X.shape[1], C), np.ascontiguousarray(X), y, l2=0.01, label_smoothing=0.1)

        return {
            "one sample": objective(X[:1], y[:1]),
            "one feature": objective(X[:, :1], y),
            "one class of three": objective(X, np.zeros(60, np.int64)),
            "a thousand classes": objective(X, np.arange(60) * 16, C=1000),
            "duplicated rows": objective(np.repeat(X, 5, axis=0), np.repeat(y, 5)),
            "one row in all classes": objective(np.repeat(X[:1], 60, axis=0), y),
            "constant columns": objective(np.column_stack([X, np.full((60, 2), 3.0), np.zeros(60)]), y),
            "duplicated columns": objective(np.column_stack([X, X]), y),
            "more columns than rows": objective(rng.normal(size=(10, 50)), y[:10]),
            "columns of all scales": objective(X * [1e-6, 1e-3, 1e3, 1e6], y),
        }

    @pytest.mark.parametrize("optimizer", [Lbfgs(), NewtonCg()], ids=["L-BFGS", "Newton-CG"])
    @pytest.mark.parametrize("name", problems())
    def test_the_gradient_vanishes(self, name: str, optimizer: Optimizer[Any]) -> None:
        objective = self.problems()[name]
        start = np.zeros(objective.network.n_parameters)
        steps = 100 if isinstance(optimizer, Lbfgs) else 15
        theta, _ = descend(optimizer, FusedObjective(objective).whole(), start, steps)
        first, last = (objective.cost_and_gradient(at)[1] for at in (start, theta))
        assert np.abs(last).max() <= 1e-6 * np.abs(first).max()
        assert objective.evaluate(theta).cost <= objective.evaluate(start).cost
