from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import entropy

from engine.analysis import prior_cost, prior_entropy, true_minimum, uniform_cost
from engine.errors import SettingError
from engine.examples import Examples
from engine.hyperparameters import TrainingConfig
from engine.network import Network
from engine.objective import SoftmaxObjective


@pytest.mark.parametrize("C", [2, 3, 10, 1000])
def test_uniform_cost_is_what_zero_weights_cost(C: int) -> None:
    objective = SoftmaxObjective(Network(2, C), np.ones((5, 2)), np.arange(5) % C)
    assert uniform_cost(C) == pytest.approx(objective.evaluate(np.zeros(3 * C)).cost, rel=1e-15)
    assert uniform_cost(C) == math.log(C)


def test_prior_entropy_is_that_of_the_class_shares() -> None:
    y = np.array([0] * 7 + [1] * 2 + [2])
    objective = SoftmaxObjective(Network(1, 4), np.zeros((10, 1)), y)
    assert prior_entropy(objective) == pytest.approx(entropy([0.7, 0.2, 0.1]), rel=1e-14)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"label_smoothing": 0.2},
        {"class_weighting": "balanced"},
        {"class_weighting": "given", "class_weights": (1, 5)},
    ],
)
def test_no_input_can_be_used_below_the_prior_entropy(settings: dict[str, object]) -> None:
    """On inputs that say nothing the true minimum is the prior entropy."""
    from engine.problem import objectives

    data = Examples.of(np.zeros((20, 1)), [0] * 15 + [1] * 5)
    config = TrainingConfig(l2=0.0, precision="float64", **settings)  # type: ignore[arg-type]
    *_, found = true_minimum(data, config)
    assert prior_entropy(objectives(data, config)[0]) == pytest.approx(found.cost, rel=1e-10)
    assert prior_cost(data, config) == prior_entropy(objectives(data, config)[0])


def test_weights_that_do_not_fit_have_no_prior_cost() -> None:
    data = Examples.of(np.zeros((4, 1)), [0, 1, 0, 1])
    with pytest.raises(SettingError, match="2 classes"):
        prior_cost(data, TrainingConfig(class_weighting="given", class_weights=(1, 2, 3)))


def test_a_million_rows_of_many_classes_take_no_matrix_of_both() -> None:
    y = np.arange(1_000_000) % 1000
    objective = SoftmaxObjective(Network(1, 1000), np.zeros((len(y), 1), dtype=np.float32), y, label_smoothing=0.1)
    assert prior_entropy(objective) == pytest.approx(math.log(1000), rel=1e-12)
