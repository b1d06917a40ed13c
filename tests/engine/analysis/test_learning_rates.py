from dataclasses import replace

import numpy as np
import pytest

from engine.analysis import learning_rates, safe_learning_rate
from engine.analysis.learning_rates import Assurance, assurance, curvature, sharpness
from engine.data.preparation import PreparedData
from engine.examples import Examples
from engine.hyperparameters import TrainingConfig
from engine.problem import initial_theta, objectives

FLOAT64 = TrainingConfig(precision="float64", batch_size=0, l2=0.01)


@pytest.mark.parametrize(
    ("settings", "worth"),
    [
        ({"batch_size": 0}, Assurance.SAFE),
        ({"batch_size": 120}, Assurance.SAFE),
        ({"batch_size": 32}, Assurance.MINI_BATCH),
        ({"batch_size": 0, "optimizer": "momentum"}, Assurance.MOMENTUM),
        ({"batch_size": 0, "optimizer": "nesterov", "momentum": 0.0}, Assurance.SAFE),
        ({"optimizer": "adam"}, Assurance.OWN_STEPS),
        ({"optimizer": "lbfgs"}, Assurance.OWN_STEPS),
        ({"hidden_layers": (3,)}, Assurance.HIDDEN_LAYERS),
        ({"l1": 0.1}, Assurance.L1_PENALTY),
    ],
)
def test_what_the_bound_is_worth(settings: dict, worth: Assurance) -> None:
    assert assurance(TrainingConfig(**settings), 120) is worth
    assert worth.sentence.endswith(".")
    assert worth.bounds is ("no safe range" not in worth.sentence)


def test_the_bound_is_that_of_the_smoothness(iris: PreparedData) -> None:
    found = curvature(iris, FLOAT64)
    assert found.safe_rate(0.01) == pytest.approx(safe_learning_rate(objectives(iris, FLOAT64)[0]), rel=1e-9)
    assert not found.estimate
    assert curvature(iris, replace(FLOAT64, hidden_layers=(5,), l1=0.1)) == found


def test_batches_lie_between_one_row_and_all(iris: PreparedData) -> None:
    found = curvature(iris, FLOAT64)
    of_batches = [found.batch_smoothness(0.0, size, 120) for size in (1, 2, 8, 60, 119, 120, 0)]
    squares = (iris.X_train**2).sum(axis=1) + 1.0
    assert of_batches[0] == pytest.approx(squares.max() / 2)
    assert of_batches[-1] == of_batches[-2] == found.largest
    assert (np.diff(of_batches[:-1]) < 0).all()


def test_many_rows_are_sampled_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.random.default_rng(0).normal(size=(5000, 3)) + 2.0
    data = Examples.of(X, np.arange(5000) % 2)
    exact = curvature(data, FLOAT64)
    monkeypatch.setattr(learning_rates, "MOST_NUMBERS", 4000)
    found = curvature(data, FLOAT64)
    assert found.estimate
    assert found.n_rows <= 1000
    assert found.largest == pytest.approx(exact.largest, rel=0.05)


def test_sharpness_is_the_largest_eigenvalue_of_the_hessian(iris: PreparedData) -> None:
    config = replace(FLOAT64, hidden_layers=(3,))
    objective, _ = objectives(iris, config)
    theta = initial_theta(iris, config)
    hessian = np.array([objective.hessian_vector_product(theta, unit) for unit in np.eye(len(theta))])
    assert sharpness(objective, theta) == pytest.approx(np.abs(np.linalg.eigvalsh(hessian)).max(), rel=0.02)
