from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from patients import course_with, first_diagnosis
from sklearn.datasets import make_moons
from trainings import run

from engine.analysis import safe_learning_rate
from engine.data.encoding import encode
from engine.data.gallery import find_entry, load_entry
from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.diagnosis import Cause, Cure, Patient, Symptom, chance_cost, examine, find_symptom
from engine.hyperparameters import TrainingConfig
from engine.problem import initial_theta, network_for, objectives

Prepare = Callable[..., PreparedData]


def gallery(key: str, **preparation: Any) -> PreparedData:
    return prepare(encode(load_entry(key), find_entry(key).target), PreparationConfig(**preparation))


@pytest.fixture(scope="session")
def moons(prepared_from: Prepare) -> PreparedData:
    return prepared_from(*make_moons(200, noise=0.25, random_state=0), standardize=True)


@pytest.fixture(scope="session")
def one_large_column(prepared_from: Prepare) -> PreparedData:
    random = np.random.default_rng(0)
    X = random.normal(size=(150, 4))
    y = (X @ random.normal(size=(4, 3))).argmax(axis=1)
    return prepared_from(X * [1.0, 1.0, 1e4, 1.0], y)


def cured(data: PreparedData, cure: Cure, epochs: int = 40) -> list[float]:
    """The training costs of a training anew with what ``cure`` says."""
    if cure.preparation is not None:
        data = prepare(data.dataset, cure.preparation)
    reports = run(data, replace(cure.config, epochs=epochs))
    return [record.train_cost for report in reports for record in report.epochs]


def check(data: PreparedData, config: TrainingConfig, cause: Cause) -> list[Cure]:
    """That ``cause`` is found, is told in whole sentences, and that every cure is one."""
    found = first_diagnosis(data, config)
    assert found is not None
    assert found.cause is cause, found.sentence
    assert "{" not in found.sentence
    assert found.cures
    for cure in found.cures:
        assert cure.config != config or cure.preparation not in (None, data.config)
        costs = cured(data, cure)
        assert np.isfinite(costs).all(), cure.label
        assert costs[-1] < max(costs[0], 1.1 * min(costs)), cure.label
    return list(found.cures)


GOOD = [
    {"learning_rate": 0.1},
    {"learning_rate": 0.3, "l2": 0.0},
    {"learning_rate": 0.1, "optimizer": "momentum", "batch_size": 0},
    {"learning_rate": 0.02, "optimizer": "nesterov"},
    {"learning_rate": 0.01, "optimizer": "rmsprop"},
    {"learning_rate": 0.05, "optimizer": "adam"},
    {"learning_rate": 0.05, "optimizer": "adamw", "schedule": "cosine"},
    {"optimizer": "lbfgs"},
    {"learning_rate": 0.1, "class_weighting": "balanced", "label_smoothing": 0.1, "warm_up_epochs": 20},
    {"learning_rate": 0.1, "hidden_layers": (8,)},
    {"learning_rate": 0.05, "hidden_layers": (12, 6), "activation": "relu"},
    {"learning_rate": 0.02, "optimizer": "adam", "hidden_layers": (8,), "activation": "sigmoid"},
]


class TestNoFalseAlarm:
    """The most important of all: a training that goes well is left alone, however its batches shake it."""

    @pytest.mark.parametrize("settings", GOOD, ids=lambda settings: "-".join(map(str, settings.values())))
    def test_of_small_data(self, iris: PreparedData, moons: PreparedData, settings: dict[str, Any]) -> None:
        blobs, circles = gallery("blobs"), gallery("circles")
        for seed, (data, batch) in enumerate([(iris, 8), (moons, 32), (blobs, 32), (circles, 8)]):
            config = TrainingConfig(**{"epochs": 40, "batch_size": batch, "seed": seed} | settings)
            found = first_diagnosis(data, config)
            assert found is None, found

    @pytest.mark.parametrize("settings", GOOD[::4])
    def test_of_digits(self, settings: dict[str, Any]) -> None:
        assert first_diagnosis(gallery("digits"), TrainingConfig(**{"epochs": 30} | settings)) is None

    @pytest.mark.parametrize("key", ["xor", "circles"])
    def test_where_straight_borders_can_do_nothing(self, key: str) -> None:
        """The cost stands still, but not for want of anything that a cure could give."""
        assert first_diagnosis(gallery(key), TrainingConfig(epochs=200)) is None

    def test_where_there_is_nothing_to_learn(self, prepared_from: Prepare) -> None:
        random = np.random.default_rng(0)
        data = prepared_from(random.normal(size=(200, 5)), random.integers(0, 3, 200))
        assert first_diagnosis(data, TrainingConfig(epochs=150)) is None


class TestLearningRate:
    def test_a_few_times_too_large(self, prepared_from: Prepare) -> None:
        random = np.random.default_rng(0)
        data = prepared_from(random.normal(size=(200, 5)), random.integers(0, 3, 200))
        config = TrainingConfig(learning_rate=9.0, batch_size=0, epochs=100)
        cure, *_ = check(data, config, Cause.LEARNING_RATE_TOO_LARGE)
        bound = safe_learning_rate(objectives(data, config)[0])
        assert bound is not None
        assert cure.config.learning_rate == pytest.approx(bound / 2, rel=0.1)
        found = first_diagnosis(data, config)
        assert found is not None
        assert f"is {9.0 / bound:.3g} times 2/L = {bound:.3g}" in found.sentence

    def test_swings_that_come_to_nothing(self, moons: PreparedData) -> None:
        config = TrainingConfig(learning_rate=15.0, batch_size=0, epochs=300)
        found = first_diagnosis(moons, config)
        assert found is not None
        assert (found.symptom, found.cause) == (Symptom.OSCILLATES, Cause.LEARNING_RATE_TOO_LARGE)

    def test_absurd(self, iris: PreparedData) -> None:
        cures = check(iris, TrainingConfig(learning_rate=1e6), Cause.LEARNING_RATE_TOO_LARGE)
        assert cures[0].label == f"Set the learning rate to {cures[0].config.learning_rate:g}"
        assert not cures[0].anew

    def test_that_is_too_large_but_does_no_harm_is_not_told(self, iris: PreparedData) -> None:
        """Three times 2 / L, and yet the cost falls: the curvature is less than its bound."""
        assert first_diagnosis(iris, TrainingConfig(learning_rate=4.2, batch_size=0, epochs=500)) is None

    @pytest.mark.parametrize("settings", [{}, {"optimizer": "adam"}, {"hidden_layers": (8,)}], ids=str)
    def test_too_small(self, iris: PreparedData, settings: dict[str, Any]) -> None:
        config = TrainingConfig(learning_rate=1e-7, **settings)
        (cure,) = check(iris, config, Cause.LEARNING_RATE_TOO_SMALL)
        assert cure.config.learning_rate > 1e-3

    @pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
    def test_of_optimizers_that_scale_their_steps(self, iris: PreparedData, optimizer: str) -> None:
        config = TrainingConfig(learning_rate=100.0, optimizer=optimizer, epochs=60)
        check(iris, config, Cause.LEARNING_RATE_TOO_LARGE_HERE)

    def test_of_a_network(self, iris: PreparedData) -> None:
        config = TrainingConfig(learning_rate=30.0, hidden_layers=(16,), activation="relu")
        check(iris, config, Cause.LEARNING_RATE_TOO_LARGE_HERE)


class TestScales:
    def test_the_large_column_is_named(self, one_large_column: PreparedData) -> None:
        first, *_ = check(one_large_column, TrainingConfig(epochs=60), Cause.UNSCALED_COLUMN)
        assert first.label == "Switch Standardise on"
        assert first.preparation == replace(one_large_column.config, standardize=True)
        found = first_diagnosis(one_large_column, TrainingConfig(epochs=60))
        assert found is not None
        assert "“x2”" in found.sentence

    def test_a_rate_small_enough_for_it_is_too_small_for_the_others(self, one_large_column: PreparedData) -> None:
        config = TrainingConfig(learning_rate=1e-11, batch_size=0, epochs=200)
        found = first_diagnosis(one_large_column, config)
        assert found is not None
        assert (found.symptom, found.cause) == (Symptom.STANDS_STILL, Cause.UNSCALED_COLUMN)
        assert cured(one_large_column, found.cures[0])[-1] < 0.5

    def test_measurements_in_their_units(self) -> None:
        data = gallery("breast_cancer", standardize=False)
        found = first_diagnosis(data, TrainingConfig(epochs=40))
        assert found is not None
        assert found.cause is Cause.UNSCALED_COLUMN
        assert "worst area" in found.sentence

    def test_standardised_constant_columns_do_no_harm(self, prepared_from: Prepare) -> None:
        X = np.column_stack([np.random.default_rng(0).normal(size=100), np.full(100, 1e9)])
        data = prepared_from(X, (X[:, 0] > 0).astype(int), standardize=True)
        assert first_diagnosis(data, TrainingConfig(epochs=60, batch_size=0)) is None
        raw = prepared_from(X, (X[:, 0] > 0).astype(int))
        check(raw, TrainingConfig(epochs=60, batch_size=0), Cause.UNSCALED_COLUMN)

    @pytest.mark.parametrize("length", [1, 200, 100_000])
    def test_a_long_name_does_not_fill_the_screen(self, one_large_column: PreparedData, length: int) -> None:
        names = ("a", "b", "한" * length, "d")
        data = replace(one_large_column, dataset=replace(one_large_column.dataset, feature_names=names))
        found = first_diagnosis(data, TrainingConfig(epochs=30))
        assert found is not None
        assert "한" in found.sentence
        assert len(found.sentence) < 500


class TestTheRest:
    def test_momentum(self, iris: PreparedData) -> None:
        config = TrainingConfig(optimizer="momentum", momentum=0.999, epochs=200)
        (cure,) = check(iris, config, Cause.MOMENTUM_TOO_LARGE)
        assert cure.config.momentum == 0.9

    @pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
    def test_saturated_units(self, iris: PreparedData, activation: str) -> None:
        config = TrainingConfig(hidden_layers=(16,), activation=activation, initialization_scale=50.0, epochs=150)
        (cure,) = check(iris, config, Cause.UNITS_SATURATED)
        assert cure.config.initialization_scale == 1.0
        assert cure.anew

    def test_first_weights_of_a_plain_layer(self) -> None:
        config = TrainingConfig(
            initialization="normal", initialization_scale=50.0, learning_rate=0.01, batch_size=0, epochs=100
        )
        (cure,) = check(gallery("digits"), config, Cause.FIRST_WEIGHTS_TOO_LARGE)
        assert cure.config.initialization == "automatic"

    def test_dead_units(self, iris: PreparedData) -> None:
        """Biases so low that no example wakes a unit: nothing can be learnt any more but how frequent classes are."""
        config = TrainingConfig(hidden_layers=(6,), activation="relu", epochs=100)
        network = network_for(iris, config)
        theta = initial_theta(iris, config)
        network.layers(theta)[0].bias[...] = -100.0
        course = course_with([1.5, *np.full(60, 1.0986)], config, full_batch=False, chance=chance_cost(iris, config))
        assert find_symptom(course) is Symptom.STANDS_STILL
        found = examine(Patient(iris, course, theta, theta), Symptom.STANDS_STILL)
        assert found is not None
        assert found.cause is Cause.UNITS_DEAD
        assert found.sentence.startswith("The training cost stands still although it could fall. 100% of the ReLU")
        assert all(cure.anew and cured(iris, cure)[-1] < 0.5 for cure in found.cures)

    def test_l2(self, iris: PreparedData) -> None:
        first, *_ = check(iris, TrainingConfig(l2=100.0), Cause.L2_TOO_LARGE)
        assert first.config.l2 == 0.001

    def test_l1(self, iris: PreparedData) -> None:
        config = TrainingConfig(l1=1.0, learning_rate=1.0, batch_size=0, epochs=60)
        check(iris, config, Cause.L1_TOO_LARGE)

    def test_class_weights(self, prepared_from: Prepare) -> None:
        y = np.repeat([0, 1], [196, 4])
        data = prepared_from(np.random.default_rng(0).normal(size=(200, 2)), y, standardize=True)
        config = TrainingConfig(
            class_weighting="given", class_weights=(1.0, 100.0), learning_rate=0.5, batch_size=8, epochs=60
        )
        _, alike = check(data, config, Cause.CLASS_WEIGHTS_EXTREME)
        assert alike.config.class_weighting == "none"

    def test_rows_class_after_class(self, prepared_from: Prepare) -> None:
        random = np.random.default_rng(0)
        y = np.repeat([0, 1, 2], 25)
        data = prepared_from(random.normal(size=(75, 3)) + 2.0 * np.eye(3)[y], y)
        config = TrainingConfig(shuffle=False, learning_rate=0.5, batch_size=1, epochs=25)
        (cure,) = check(data, config, Cause.NOT_SHUFFLED)
        assert cure.config.shuffle

    def test_separable_classes_are_only_mentioned(self, prepared_from: Prepare) -> None:
        X = np.r_[np.random.default_rng(0).normal(size=(40, 2)), np.random.default_rng(1).normal(size=(40, 2)) + 8.0]
        data = prepared_from(X, np.repeat([0, 1], 40), standardize=True)
        config = TrainingConfig(l2=0.0, epochs=600)
        (cure,) = check(data, config, Cause.SEPARABLE)
        found = first_diagnosis(data, config)
        assert found is not None
        assert not found.urgent
        assert cure.config.l2 > 0

    def test_numbers_at_the_end_of_their_range(self, prepared_from: Prepare) -> None:
        """Nothing helps but standardising, and that is offered; nothing raises or warns."""
        X = np.array([[1e308, 1.0], [-1e308, 2.0], [1e300, 3.0], [5.0, 4.0]] * 10)
        data = prepared_from(X, np.array([0, 1, 0, 1] * 10))
        found = first_diagnosis(data, TrainingConfig(epochs=30))
        assert found is None or found.symptom is Symptom.NOT_FINITE
