from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from trainings import FULL_BATCH, IN_BATCHES, cost_of, epochs_of, run, scikit_learns

from engine.data.encoding import encode
from engine.data.gallery import load_entry
from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.errors import SettingError
from engine.hyperparameters import TrainingConfig
from engine.optimizers import REGISTRY
from engine.problem import check_fit, network_for
from engine.stopping import StopReason
from engine.training import train

PreparedFrom: TypeAlias = Callable[..., PreparedData]


class TestMinimum:
    @pytest.mark.parametrize("l2", [0.001, 0.01, 1.0])
    def test_full_batch_reaches_scikit_learns_minimum(self, iris: PreparedData, l2: float) -> None:
        """To 1e-8 nats in J."""
        config = TrainingConfig(
            optimizer="momentum", batch_size=0, learning_rate=0.5, l2=l2, epochs=4000, precision="float64"
        )
        last = run(iris, config, slice_seconds=1.0)[-1]
        oracle = scikit_learns(iris, l2)
        assert last.epochs[-1].train_cost == pytest.approx(cost_of(oracle, iris, config), abs=1e-8)
        assert last.epochs[-1].train_accuracy == oracle.score(iris.X_train, iris.y_train)
        assert last.epochs[-1].validation_accuracy == oracle.score(iris.X_validation, iris.y_validation)

    @pytest.mark.parametrize("optimizer", FULL_BATCH)
    @pytest.mark.parametrize("l2", [0.001, 0.01, 1.0])
    @pytest.mark.parametrize(("precision", "error"), [("float64", 1e-10), ("float32", 2e-6)])
    def test_what_searches_its_steps_ends_by_itself_at_scikit_learns_minimum(
        self, iris: PreparedData, optimizer: str, l2: float, precision: str, error: float
    ) -> None:
        config = TrainingConfig(optimizer=optimizer, l2=l2, epochs=10_000, precision=precision)
        last = run(iris, config, slice_seconds=1.0)[-1]
        assert last.stop_reason is StopReason.NO_LOWER_COST
        assert last.epoch == last.step < 200
        oracle = scikit_learns(iris, l2)
        assert last.epochs[-1].train_cost == pytest.approx(cost_of(oracle, iris, config), abs=error)
        assert last.epochs[-1].validation_accuracy == oracle.score(iris.X_validation, iris.y_validation)

    @pytest.mark.parametrize("weighting", [("balanced", ()), ("given", (1.0, 5.0, 0.5))], ids=["balanced", "given"])
    def test_class_weights_have_scikit_learns_minimum(
        self, prepared_from: PreparedFrom, weighting: tuple[str, tuple[float, ...]]
    ) -> None:
        X = np.random.default_rng(0).normal(size=(90, 2))
        y = np.repeat([0, 1, 2], [60, 20, 10])
        X[y == 1] += 1.0
        X[y == 2] -= 1.0
        data = prepared_from(X, y)
        kind, weights = weighting
        config = TrainingConfig(
            optimizer="newton_cg", l2=0.01, epochs=1000, precision="float64", class_weighting=kind,
            class_weights=weights,
        )  # fmt: skip
        last = run(data, config)[-1]
        scale = len(y) / np.array(weights)[y].sum() if weights else 1.0
        class_weight = dict(enumerate(scale * np.array(weights))) if weights else "balanced"
        oracle = LogisticRegression(C=1 / (0.01 * len(y)), tol=1e-10, max_iter=10_000, class_weight=class_weight)
        expected = oracle.fit(X, y).predict_log_proba(X)
        Z = network_for(data, config).logits(last.theta, X)
        np.testing.assert_allclose(Z - np.log(np.exp(Z).sum(axis=1, keepdims=True)), expected, atol=1e-5)
        assert np.abs(expected - scikit_learns(data, 0.01).predict_log_proba(X)).max() > 0.1

    @pytest.mark.parametrize("weights", [(), (1.0, 2.0), (1.0, 2.0, 3.0, 4.0)])
    def test_another_number_of_class_weights_is_refused(self, iris: PreparedData, weights: tuple[float, ...]) -> None:
        config = TrainingConfig(class_weighting="given", class_weights=weights)
        for refuse in (lambda: check_fit(iris, config), lambda: next(train(iris, config))):
            with pytest.raises(SettingError, match="3 classes") as caught:
                refuse()
            assert caught.value.key == "class_weights"

    @pytest.mark.parametrize(
        ("optimizer", "rate"),
        [
            ("gradient_descent", 0.2),
            ("momentum", 0.02),
            ("nesterov", 0.02),
            ("rmsprop", 0.005),
            ("adam", 0.02),
            ("adamw", 0.02),
        ],
    )
    def test_small_batches_come_within_5_percent_of_it(self, iris: PreparedData, optimizer: str, rate: float) -> None:
        config = TrainingConfig(optimizer=optimizer, batch_size=32, learning_rate=rate, l2=0.01, epochs=400)
        minimum = cost_of(scikit_learns(iris, 0.01), iris, config)
        last = run(iris, config, slice_seconds=1.0)[-1]
        assert minimum < last.epochs[-1].train_cost < 1.05 * minimum

    def test_every_optimizer_was_there(self) -> None:
        assert set(IN_BATCHES) == {"gradient_descent", "momentum", "nesterov", "rmsprop", "adam", "adamw"}
        assert set(FULL_BATCH) == {"lbfgs", "newton_cg"}

    @pytest.mark.parametrize("optimizer", REGISTRY)
    @pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
    @pytest.mark.parametrize("hidden_layers", [(), (8,), (8, 6)])
    def test_every_optimizer_learns_with_any_layers(
        self, iris: PreparedData, optimizer: str, activation: str, hidden_layers: tuple[int, ...]
    ) -> None:
        config = TrainingConfig(
            optimizer=optimizer, learning_rate=0.02, epochs=60, hidden_layers=hidden_layers, activation=activation
        )
        start, *_, end = epochs_of(run(iris, config))
        assert end.train_cost < 0.95 * start.train_cost
        assert end.epoch <= 60


def accuracy(entry: str, **settings: Any) -> float:
    """Training accuracy on a data set of the gallery after a training that ends by itself, or after 400 epochs."""
    data = prepare(encode(load_entry(entry), "class"), PreparationConfig())
    config = TrainingConfig(**{"epochs": 400, "l2": 1e-5} | settings)
    return epochs_of(run(data, config, slice_seconds=1.0))[-1].train_accuracy


class TestHiddenLayers:
    @pytest.mark.parametrize("optimizer", [*FULL_BATCH, "gradient_descent", "adam"])
    def test_xor_and_spirals_are_beyond_straight_borders(self, optimizer: str) -> None:
        assert accuracy("xor", optimizer=optimizer) < 0.75
        assert accuracy("spirals", optimizer=optimizer) < 0.8

    @pytest.mark.parametrize(
        "settings",
        [
            {"optimizer": "lbfgs"},
            {"optimizer": "newton_cg"},
            {"optimizer": "adam", "learning_rate": 0.02},
            {"optimizer": "gradient_descent", "learning_rate": 0.5},
            {"optimizer": "adam", "learning_rate": 0.02, "activation": "relu"},
            {"optimizer": "adam", "learning_rate": 0.05, "activation": "sigmoid"},
        ],
        ids=str,
    )
    def test_one_hidden_layer_solves_xor(self, settings: dict[str, Any]) -> None:
        assert accuracy("xor", hidden_layers=(8,), **settings) >= 0.97

    @pytest.mark.parametrize("activation", ["tanh", "relu"])
    @pytest.mark.parametrize(
        "settings",
        [{"optimizer": "lbfgs"}, {"optimizer": "newton_cg"}, {"optimizer": "adam", "learning_rate": 0.02}],
        ids=str,
    )
    def test_two_hidden_layers_solve_the_spirals(self, activation: str, settings: dict[str, Any]) -> None:
        assert accuracy("spirals", hidden_layers=(16, 16), activation=activation, **settings) >= 0.97
