from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.estimator_checks import parametrize_with_checks

from engine.sklearn import SoftmaxClassifier

ESTIMATORS = [
    SoftmaxClassifier(),
    SoftmaxClassifier(hidden_layers=(8,), tol=1e-2, max_iter=100),
    SoftmaxClassifier(optimizer="momentum", tol=1e-2, max_iter=200),
    SoftmaxClassifier(optimizer="newton_cg", max_iter=200),
]


@pytest.mark.filterwarnings("ignore:After .* iterations the cost:sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_own_checks(estimator: SoftmaxClassifier, check: Any) -> None:
    check(estimator)


def logistic_regression(l2: float, n_rows: int, **settings: Any) -> LogisticRegression:
    return LogisticRegression(C=1 / (l2 * n_rows), tol=1e-12, solver="newton-cholesky", **settings)


@pytest.mark.parametrize("load", [load_iris, load_digits])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_it_finds_what_logistic_regression_finds(load: Any, class_weight: str | None) -> None:
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)[:-20]  # unequal classes
    y = y[:-20]
    ours = SoftmaxClassifier(l2=1e-3, class_weight=class_weight, tol=1e-13).fit(X, y)
    theirs = logistic_regression(1e-3, len(X), class_weight=class_weight).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(ours.coef_ - ours.coef_[0], theirs.coef_ - theirs.coef_[0], atol=1e-5)


def test_two_classes_need_half_the_penalty_of_one_column() -> None:
    """||W||^2 = ||w||^2 / 2 for the two columns -w/2 and w/2, so that l2/2 ||W||^2 = (l2/2) / 2 ||w||^2."""
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    ours = SoftmaxClassifier(l2=2e-3, tol=1e-13).fit(X, y)
    theirs = logistic_regression(1e-3, len(X)).fit(X, y)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-5)


def test_weights_by_class_are_scikit_learns() -> None:
    X, y = load_iris(return_X_y=True)
    X, y = X[:120], y[:120]
    given = dict(enumerate(compute_class_weight("balanced", classes=np.unique(y), y=y)))
    balanced, by_hand = (SoftmaxClassifier(class_weight=weight, tol=1e-13).fit(X, y) for weight in ("balanced", given))
    np.testing.assert_allclose(balanced.predict_proba(X), by_hand.predict_proba(X), atol=1e-8)


def test_it_works_in_a_pipeline_under_a_search() -> None:
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    search = GridSearchCV(
        make_pipeline(StandardScaler(), SoftmaxClassifier()), {"softmaxclassifier__l2": [1e-1, 1e-3]}, cv=3
    ).fit(X, names)
    assert search.best_score_ > 0.95
    assert set(search.predict(X)) <= set(names)


@pytest.mark.filterwarnings("ignore:After .* iterations the cost:sklearn.exceptions.ConvergenceWarning")
def test_the_same_random_state_is_the_same_network() -> None:
    X, y = load_iris(return_X_y=True)

    def theta(seed: int) -> NDArray[Any]:
        return SoftmaxClassifier(hidden_layers=(5,), max_iter=3, random_state=seed).fit(X, y).theta_

    assert np.array_equal(theta(1), theta(1))
    assert not np.array_equal(theta(1), theta(2))


def test_an_end_before_the_cost_has_settled_is_said() -> None:
    X, y = load_iris(return_X_y=True)
    for settings in ({"max_iter": 1}, {"optimizer": "adam", "max_iter": 2}):
        with pytest.warns(ConvergenceWarning, match="has not settled within tol"):
            SoftmaxClassifier(**settings).fit(X, y)


def test_numbers_of_numpy_are_settings_too() -> None:
    X, y = load_iris(return_X_y=True)
    model = SoftmaxClassifier(l2=np.float32(0.5), max_iter=np.int64(100), random_state=0).fit(X, y)
    assert model.cost_ == pytest.approx(SoftmaxClassifier(l2=0.5, max_iter=100).fit(X, y).cost_)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"l2": -1.0}, "L2 penalty must be at least 0"),
        ({"optimizer": "adma"}, "Did you mean adam"),
        ({"class_weight": "blanced"}, "balanced"),
        ({"hidden_layers": (0,)}, "whole number from 1 to 1,024"),
        ({"hidden_layers": 5}, "up to 4 numbers"),
        ({"class_weight": {7: 3.0}}, "names 7, which is no class"),
        ({"threads": -1}, "whole number from 1 to 1,024"),
    ],
)
def test_a_bad_setting_is_a_value_error_with_the_range(settings: dict[str, Any], message: str) -> None:
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=message):
        SoftmaxClassifier(**settings).fit(X, y)
