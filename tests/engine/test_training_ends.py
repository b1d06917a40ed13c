from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pytest
from trainings import FULL_BATCH, costs_of, epoch_thetas, epochs_of, many_rows, outcome, run, train_objective

from engine.data.preparation import PreparedData
from engine.errors import SettingError
from engine.hyperparameters import TrainingConfig
from engine.optimizers import REGISTRY
from engine.problem import check_fit, evaluate, initial_theta
from engine.progress import EpochRecord, Progress, Request
from engine.stopping import StopReason
from engine.training import train

PreparedFrom: TypeAlias = Callable[..., PreparedData]


def assert_diverged(data: PreparedData, config: TrainingConfig) -> list[Progress]:
    """Run it (a warning would fail the test) and look at what divergence leaves behind."""
    reports = run(data, config)
    last = reports[-1]
    assert last.stop_reason is StopReason.DIVERGED
    assert np.isfinite(last.theta).all()
    assert math.isfinite(evaluate(data, config, last.theta)[0].cost)
    assert np.isfinite(costs_of(reports)).all()
    assert all(math.isfinite(record.train_cost) for record in epochs_of(reports))
    assert last.step == len(costs_of(reports))
    return reports


class TestDivergence:
    @pytest.mark.parametrize("batch_size", [0, 7, 32])
    @pytest.mark.parametrize("precision", ["float32", "float64"])
    @pytest.mark.parametrize(
        "settings",
        [
            {"learning_rate": 1.0, "l2": 2.5},
            {"learning_rate": 1e6, "l2": 1e6},
            {"optimizer": "momentum", "learning_rate": 1.0, "l2": 10.0},
        ],
    )
    def test_a_step_longer_than_the_penaltys_slope_allows(
        self, iris: PreparedData, batch_size: int, precision: str, settings: dict[str, Any]
    ) -> None:
        """Where learning_rate * l2 > 2 each step multiplies the weights by less than -1."""
        config = TrainingConfig(batch_size=batch_size, epochs=10_000, precision=precision, **settings)
        reports = assert_diverged(iris, config)
        assert reports[-1].epoch < 10_000

    @pytest.mark.parametrize("optimizer", REGISTRY)
    @pytest.mark.parametrize(("batch_size", "hidden_layers"), [(0, ()), (2, ()), (5, ()), (5, (4,))])
    @pytest.mark.parametrize(
        ("precision", "size"),
        [("float64", size) for size in (1e150, 1e200, 1e300, 1e308)] + [("float32", size) for size in (1e18, 1e308)],
    )
    def test_inputs_beyond_all_measure_end_with_finite_weights(
        self,
        prepared_from: PreparedFrom,
        optimizer: str,
        batch_size: int,
        hidden_layers: tuple[int, ...],
        precision: str,
        size: float,
    ) -> None:
        X = np.random.default_rng(0).uniform(-1, 1, size=(30, 3)) * size
        data = prepared_from(X, np.arange(30) % 3, validation_share=0.2)
        config = TrainingConfig(
            optimizer=optimizer, batch_size=batch_size, epochs=50, learning_rate=100.0, precision=precision,
            hidden_layers=hidden_layers,
        )  # fmt: skip
        last = run(data, config)[-1]
        assert np.isfinite(last.theta).all()
        assert math.isfinite(evaluate(data, config, last.theta)[0].cost)

    @pytest.mark.parametrize("precision", ["float32", "float64"])
    def test_huge_inputs_diverge(self, prepared_from: PreparedFrom, precision: str) -> None:
        X = np.random.default_rng(0).uniform(-1, 1, size=(30, 3)) * 1e300
        config = TrainingConfig(batch_size=0, epochs=50, precision=precision)
        assert_diverged(prepared_from(X, np.arange(30) % 3), config)

    @pytest.mark.usefixtures("small_shares")
    def test_divergence_on_many_threads_says_nothing_either(self) -> None:
        data = many_rows(9000)
        config = TrainingConfig(batch_size=0, learning_rate=1e6, l2=1e6, epochs=50)
        last = list(train(data, config, 1.0, threads=2))[-1]
        assert last.stop_reason is StopReason.DIVERGED
        assert np.isfinite(last.theta).all()

    def test_losses_of_hundreds_of_nats_are_no_divergence(self) -> None:
        """Where every e^z is 0 in this precision the cost is large, and still a number."""
        config = TrainingConfig(
            batch_size=0, learning_rate=1.0, epochs=20, initialization="normal", initialization_scale=100.0
        )
        reports = list(train(many_rows(600), config))
        assert reports[-1].stop_reason is StopReason.EPOCHS_REACHED
        assert reports[0].epochs[0].train_cost > 100

    @pytest.mark.parametrize("seed", range(3))
    def test_the_weights_kept_have_a_finite_cost_on_all_rows_not_only_on_their_batch(
        self, prepared_from: PreparedFrom, seed: int
    ) -> None:
        """Most rows are harmless; the cost is finite on their batches whatever the one huge row has done to theta."""
        X = np.random.default_rng(0).uniform(-1, 1, size=(30, 3))
        X[11] *= 1e200
        config = TrainingConfig(batch_size=2, epochs=50, learning_rate=1.0, l2=0.0, seed=seed, precision="float64")
        assert_diverged(prepared_from(X, np.arange(30) % 3), config)

    def test_a_start_without_a_finite_cost_ends_at_once_with_its_own_weights(self, prepared_from: PreparedFrom) -> None:
        data = prepared_from(np.full((6, 3), 1e308), np.arange(6) % 3, validation_share=0.5)
        config = TrainingConfig(batch_size=0, initialization="normal", initialization_scale=100.0, precision="float64")
        last = run(data, config)[-1]
        assert (last.stop_reason, last.step) == (StopReason.DIVERGED, 0)
        assert last.theta.tolist() == initial_theta(data, config).tolist()


class TestChecks:
    @pytest.mark.parametrize("batch_size", [0, 32])
    def test_only_checked_epochs_and_the_last_are_recorded(self, iris: PreparedData, batch_size: int) -> None:
        config = TrainingConfig(batch_size=batch_size, epochs=10)
        everything = run(iris, config)
        some = run(iris, replace(config, check_every=4))
        assert [record.epoch for record in epochs_of(some)] == [0, 4, 8, 10]
        assert some[-1].theta.tobytes() == everything[-1].theta.tobytes()
        assert costs_of(some).tobytes() == costs_of(everything).tobytes()
        by_epoch = {record.epoch: record for record in epochs_of(everything)}
        assert np.array(epochs_of(some)[1:]).tobytes() == np.array([by_epoch[e] for e in (4, 8, 10)]).tobytes()

    def test_the_last_epoch_is_recorded_once(self, iris: PreparedData) -> None:
        reports = run(iris, TrainingConfig(epochs=8, check_every=4))
        assert [record.epoch for record in epochs_of(reports)] == [0, 4, 8]
        reports = run(iris, TrainingConfig(epochs=3, check_every=100))
        assert [record.epoch for record in epochs_of(reports)] == [0, 3]

    @pytest.mark.parametrize("optimizer", FULL_BATCH)
    @pytest.mark.parametrize("check_every", [1, 7, 1000])
    def test_where_the_optimizer_ends_by_itself_the_last_epoch_is_recorded_too(
        self, iris: PreparedData, optimizer: str, check_every: int
    ) -> None:
        config = TrainingConfig(optimizer=optimizer, l2=0.01, epochs=10_000, check_every=check_every)
        reports = run(iris, config)
        last = reports[-1]
        assert last.stop_reason is StopReason.NO_LOWER_COST
        assert epochs_of(reports)[-1].epoch == last.epoch
        assert epochs_of(reports)[-1].train_cost == evaluate(iris, config, last.theta)[0].cost

    def test_how_often_may_change_in_mid_run(self, iris: PreparedData) -> None:
        config = TrainingConfig(batch_size=0, epochs=12, check_every=5)
        generator = train(iris, config, slice_seconds=1.0)
        reports = [next(generator), generator.send(Request(max_steps=6))]
        reports += [generator.send(Request(config=replace(config, check_every=3)))]
        assert [record.epoch for record in epochs_of(reports)] == [0, 5, 9, 12]


def first(condition: Callable[[EpochRecord, EpochRecord], bool], records: list[EpochRecord]) -> int:
    """The first epoch whose record and the one before fulfil ``condition``."""
    return next(now.epoch for before, now in itertools.pairwise(records) if condition(before, now))


class TestStopping:
    @pytest.mark.parametrize("tolerance", [0.05, 0.01, 0.001])
    @pytest.mark.parametrize("check_every", [1, 3])
    def test_a_settled_cost(self, iris: PreparedData, tolerance: float, check_every: int) -> None:
        config = TrainingConfig(batch_size=0, epochs=2000, check_every=check_every)
        whole = run(iris, config)
        expected = first(
            lambda a, b: abs(a.train_cost - b.train_cost) <= tolerance * b.train_cost, epochs_of(whole)[1:]
        )
        reports = run(iris, replace(config, cost_tolerance=tolerance))
        assert reports[-1].stop_reason is StopReason.COST_SETTLED
        assert reports[-1].epoch == epochs_of(reports)[-1].epoch == expected
        assert 3 < expected < 2000

    @pytest.mark.parametrize("optimizer", ["gradient_descent", "adam", *FULL_BATCH])
    @pytest.mark.parametrize("batch_size", [0, 32])
    def test_a_short_gradient(self, iris: PreparedData, optimizer: str, batch_size: int) -> None:
        """Over all rows, whatever the batches are."""
        config = TrainingConfig(optimizer=optimizer, batch_size=batch_size, l2=0.01, epochs=300, precision="float64")
        objective = train_objective(iris, 0.01)
        norms = [np.linalg.norm(objective.cost_and_gradient(theta)[1]) for theta in epoch_thetas(iris, config)]
        tolerance = float(np.sqrt(norms[1] * min(norms)))
        expected = next(epoch for epoch, norm in enumerate(norms) if norm <= tolerance)
        last = run(iris, replace(config, gradient_tolerance=tolerance))[-1]
        assert (last.stop_reason, last.epoch) == (StopReason.GRADIENT_SMALL, expected)
        assert expected > 1

    def test_patience_begins_anew_with_another_penalty(self, iris: PreparedData) -> None:
        """Costs with another penalty cannot be compared with those before."""
        config = TrainingConfig(l2=0.0, epochs=60, patience=5, batch_size=0)
        generator = train(iris, config, slice_seconds=1e9)
        next(generator)
        generator.send(Request(max_steps=20))
        last = generator.send(Request(config=replace(config, l2=1.0)))
        assert last.stop_reason is StopReason.EPOCHS_REACHED

    @pytest.mark.parametrize(("patience", "check_every"), [(1, 1), (4, 1), (30, 1), (3, 5)])
    @pytest.mark.parametrize("settings", [{"batch_size": 0}, {"batch_size": 16}, {"optimizer": "lbfgs"}], ids=str)
    def test_early_stopping_restores_the_best_weights(
        self, overfitting: PreparedData, settings: dict[str, Any], patience: int, check_every: int
    ) -> None:
        config = TrainingConfig(
            learning_rate=0.5, hidden_layers=(12,), l2=0.0, epochs=3000, patience=patience, check_every=check_every,
            **settings,
        )  # fmt: skip
        reports = run(overfitting, config, 0.0)
        last = reports[-1]
        assert last.stop_reason is StopReason.NO_IMPROVEMENT
        records = epochs_of(reports)[1:]
        best = min(range(len(records)), key=lambda i: records[i].validation_cost)
        assert len(records) == best + 1 + patience
        theta_of = {report.epochs[-1].epoch: report.theta for report in reports[:-1] if report.epochs}
        assert last.theta.tobytes() == theta_of[records[best].epoch].tobytes()
        assert last.record == records[best]
        assert last.epoch_of_weights == records[best].epoch
        assert evaluate(overfitting, config, last.theta)[1].cost == records[best].validation_cost
        assert records[-1].validation_cost > records[best].validation_cost

    def test_patience_that_lasts_changes_nothing(self, iris: PreparedData) -> None:
        config = TrainingConfig(epochs=30)
        assert outcome(run(iris, replace(config, patience=100))) == outcome(run(iris, config))

    def test_patience_needs_validation_rows(self, prepared_from: PreparedFrom) -> None:
        data = prepared_from(np.eye(4), [0, 1, 0, 1])
        config = TrainingConfig(batch_size=0, patience=1)
        for refuse in (lambda: check_fit(data, config), lambda: next(train(data, config))):
            with pytest.raises(SettingError, match="needs validation rows") as caught:
                refuse()
            assert caught.value.key == "patience"

    @pytest.mark.parametrize("slice_seconds", [0.2, 60.0])
    def test_a_time_limit_counts_training_and_not_waiting(self, iris: PreparedData, slice_seconds: float) -> None:
        started, waited = time.perf_counter(), 0.0
        reports = []
        for report in train(iris, TrainingConfig(epochs=1_000_000, time_limit=1), slice_seconds):
            reports.append(report)
            time.sleep(0.1)
            waited += 0.1
        last = reports[-1]
        assert last.stop_reason is StopReason.TIME_LIMIT
        assert 1.0 <= last.seconds < 1.3
        assert time.perf_counter() - started >= last.seconds + waited

    @pytest.mark.parametrize("optimizer", FULL_BATCH)
    def test_no_lower_cost_leaves_the_weights_where_they_are(self, iris: PreparedData, optimizer: str) -> None:
        reports = run(iris, TrainingConfig(optimizer=optimizer, l2=0.01, epochs=10_000), 0.0)
        last, before = reports[-1], reports[-2]
        assert last.stop_reason is StopReason.NO_LOWER_COST
        assert last.theta.tobytes() == before.theta.tobytes()
        assert (last.step, last.epoch, last.examples) == (before.step, before.epoch, before.examples)
        assert last.step == len(costs_of(reports)) == len(epochs_of(reports)) - 1
        assert np.all(np.diff(costs_of(reports)) <= 1e-6)


@pytest.fixture(scope="module")
def overfitting(prepared_from: PreparedFrom) -> PreparedData:
    """A few rows with classes that say little, so that what is learnt by heart soon harms."""
    random = np.random.default_rng(1)
    X = random.normal(size=(80, 6))
    y = (X[:, 0] + 1.5 * random.normal(size=80) > 0).astype(int)
    return prepared_from(X, y, validation_share=0.5)
