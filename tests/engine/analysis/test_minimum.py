from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from engine.analysis import find_minimum, true_minimum
from engine.errors import SettingError
from engine.examples import Examples
from engine.fused import FusedObjective
from engine.hyperparameters import TrainingConfig
from engine.network import Network
from engine.objective import SoftmaxObjective
from engine.softmax import softmax

L2 = 1e-3


def data_set(load: Any, scaled: bool) -> Examples:
    X, y = load(return_X_y=True)
    return Examples.of(StandardScaler().fit_transform(X) if scaled else X, y)


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
def test_it_is_scikit_learns_optimum(load: Any, scaled: bool) -> None:
    data = data_set(load, scaled)
    *_, found = true_minimum(data, TrainingConfig(l2=L2), 1e-14)
    network = Network(data.X_train.shape[1], data.n_classes)
    # Two classes: scikit-learn's single column is the difference of ours, see tests/engine/test_sklearn.py.
    strength = L2 / 2 if data.n_classes == 2 else L2
    theirs = LogisticRegression(C=1 / (strength * len(data.y_train)), tol=1e-12, solver="newton-cholesky", max_iter=999)
    theirs.fit(data.X_train, data.y_train)
    W, b = (theirs.coef_, theirs.intercept_) if data.n_classes > 2 else _both_columns(theirs)
    objective = SoftmaxObjective(network, data.X_train, data.y_train, L2)
    assert found.ended
    assert found.cost == pytest.approx(objective.evaluate(np.concatenate([W.ravel(), b])).cost, rel=1e-10)
    probabilities = softmax(network.logits(found.theta, data.X_train))
    np.testing.assert_allclose(probabilities, theirs.predict_proba(data.X_train), atol=1e-6)


def _both_columns(model: LogisticRegression) -> tuple[Any, Any]:
    return np.vstack([-model.coef_, model.coef_]) / 2, np.array([-1, 1]) * model.intercept_ / 2


def many_rows(n_rows: int = 80_000) -> SoftmaxObjective:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(n_rows, 6)).astype(np.float32)
    y = (X @ rng.normal(size=(6, 4)) + rng.gumbel(size=(n_rows, 4))).argmax(axis=1)
    order = np.argsort(y)  # rows that come class by class must not mislead the first parts
    return SoftmaxObjective(Network(6, 4), X[order], y[order], 1e-4)


def test_many_rows_are_begun_with_a_part_and_ended_with_all() -> None:
    reference = many_rows()
    descents = list(find_minimum(FusedObjective(reference), np.zeros(28, np.float32), 1e-4))
    *_, exact = find_minimum(
        FusedObjective(SoftmaxObjective(reference.network, reference.X.astype(float), reference.y, 1e-4)),
        np.zeros(28),
        1e-12,
    )
    assert [descent.ended for descent in descents] == [False] * (len(descents) - 1) + [True]
    assert descents[-1].converged
    assert reference.evaluate(descents[-1].theta).cost <= exact.cost * (1 + 1e-3)
    evaluations = [descent.evaluations for descent in descents]
    assert evaluations == sorted(evaluations)
    assert evaluations[0] < 0.5
    assert evaluations[-1] < 12


def test_the_expected_decrease_is_about_what_is_left() -> None:
    reference = many_rows(5000)
    descents = list(find_minimum(FusedObjective(reference), np.zeros(28, np.float32), 1e-6))
    left = [descent.cost - descents[-1].cost for descent in descents[2:-2]]
    for descent, rest in zip(descents[2:-2], left, strict=True):
        assert descent.expected > 0.1 * rest


def test_whoever_has_had_enough_stops_iterating() -> None:
    before = threading.active_count()
    descents = true_minimum(data_set(load_digits, True), TrainingConfig(), threads=2)
    first = next(descents)
    assert not first.ended
    descents.close()
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("settings", "key", "message"),
    [({"hidden_layers": (3,)}, "hidden_layers", "many minima"), ({"l1": 0.1}, "l1", "without L1 penalty")],
)
def test_what_has_no_single_minimum_is_refused(settings: dict[str, Any], key: str, message: str) -> None:
    with pytest.raises(SettingError, match=message) as error:
        next(true_minimum(data_set(load_iris, True), TrainingConfig(**settings)))
    assert error.value.key == key


def test_separable_data_without_penalty_end_near_cost_0() -> None:
    data = Examples.of([[-1.0], [1.0]], [0, 1])
    *_, found = true_minimum(data, TrainingConfig(l2=0.0, batch_size=0))
    assert found.ended
    assert found.cost < 1e-6


def test_with_very_many_features_a_small_gradient_is_no_minimum() -> None:
    """More features than are worth inverting; the same problem in other units has the same minimum."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2100)), rng.integers(0, 3, 60)
    *_, usual = true_minimum(Examples.of(X, y), TrainingConfig(l2=1e-3), 1e-9)
    *_, tiny = true_minimum(Examples.of(X * 1e-3, y), TrainingConfig(l2=1e-9), 1e-9)
    assert usual.converged
    assert tiny.converged
    assert tiny.cost == pytest.approx(usual.cost, rel=1e-6)
