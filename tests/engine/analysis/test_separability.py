from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from engine.analysis import Separability, separability
from engine.network import Network
from engine.objective import SoftmaxObjective


def found(X: NDArray[np.float64], y: NDArray[np.int64]) -> Separability:
    objective = SoftmaxObjective(Network(X.shape[1], int(y.max()) + 1), np.ascontiguousarray(X), y)
    *busy, finding = separability(objective)
    assert not any(busy)
    assert finding is not None
    return finding


def by_linear_programming(X: NDArray[np.float64], y: NDArray[np.int64]) -> Separability:
    """Borders within the unit box that leave no example on the wrong side, with the largest sum of margins."""
    N, C = len(y), int(y.max()) + 1
    augmented = np.column_stack([(X - X.mean(0)) / np.where(X.std(0) > 0, X.std(0), 1), np.ones(N)])
    rows = []
    for x, true in zip(augmented, y, strict=True):
        for other in range(C):
            if other != true:
                row = np.zeros((C, len(x)))
                row[true], row[other] = x, -x
                rows.append(row.ravel())
    A = np.array(rows)
    with_least = np.column_stack([-A, np.ones(len(A))])  # margins of at least t, the last unknown
    least = linprog(np.append(np.zeros(A.shape[1]), -1), A_ub=with_least, b_ub=np.zeros(len(A)), bounds=(-1, 1)).x[-1]
    if least > 1e-7:
        return Separability.SEPARABLE
    borders = linprog(-A.sum(axis=0), A_ub=-A, b_ub=np.zeros(len(A)), bounds=(-1, 1)).x
    return Separability.QUASI_SEPARABLE if (A @ borders).max() > 1e-7 else Separability.OVERLAPPING


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
def test_real_data(load: Any) -> None:
    X, y = load(return_X_y=True)
    rows = slice(None, None, 8) if load is load_digits else slice(None)
    has_minimum = by_linear_programming(X[rows], y[rows]).has_minimum
    assert found(X[rows], y[rows]).has_minimum == has_minimum


LINE = np.array([[0.0], [1.0], [2.0], [3.0]])


@pytest.mark.parametrize(
    ("X", "y", "expected"),
    [
        (LINE, [0, 0, 1, 1], Separability.SEPARABLE),
        (LINE, [0, 1, 0, 1], Separability.OVERLAPPING),
        (LINE, [1, 0, 0, 1], Separability.OVERLAPPING),
        (np.array([[0.0], [1.0], [1.0], [2.0]]), [0, 0, 1, 1], Separability.QUASI_SEPARABLE),
        (np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1.0, 0.0]]), [0, 0, 1, 1], Separability.QUASI_SEPARABLE),
        (np.zeros((4, 1)), [0, 0, 1, 1], Separability.OVERLAPPING),
        (np.array([[-1.0], [0.0], [1.0]]), [0, 1, 2], Separability.SEPARABLE),
    ],
)
def test_small_cases(X: NDArray[np.float64], y: list[int], expected: Separability) -> None:
    labels = np.array(y)
    assert by_linear_programming(X, labels) is expected
    assert found(X, labels) is expected


@pytest.mark.parametrize("seed", range(12))
def test_random_data_agree_with_linear_programming(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(30, 3)).round(1)
    noise = 0.0 if seed % 2 else 0.5
    y = (X @ rng.normal(size=(3, 3)) + noise * rng.gumbel(size=(30, 3))).argmax(axis=1)
    y = np.unique(y, return_inverse=True)[1]
    assert found(X, y).has_minimum == by_linear_programming(X, y).has_minimum


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units_do_not_matter(scale: float) -> None:
    assert found(LINE * scale, np.array([0, 0, 1, 1])) is Separability.SEPARABLE
    assert found(LINE * scale, np.array([0, 1, 0, 1])) is Separability.OVERLAPPING


def test_every_finding_says_its_sentence() -> None:
    assert len({finding.sentence for finding in Separability}) == len(Separability)
