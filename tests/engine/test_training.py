from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.errors import SettingError
from engine.hyperparameters import TrainingConfig
from engine.objective import SoftmaxObjective
from engine.optimizers import REGISTRY
from engine.training import (
    EpochRecord,
    Progress,
    Request,
    StopReason,
    evaluate,
    initial_theta,
    network_for,
    steps_per_epoch,
    train,
)

PreparedFrom: TypeAlias = Callable[..., PreparedData]

FROZEN = 1e-300  # a learning rate so small that no cost ever changes


def run(
    data: PreparedData, config: TrainingConfig, slice_seconds: float = 0.01, request: Request | None = None
) -> list[Progress]:
    """All reports of one training, ``request`` being sent for every slice."""
    generator = train(data, config, slice_seconds)
    reports = [next(generator)]
    while reports[-1].stop_reason is None:
        reports.append(generator.send(request))
    return reports


def costs_of(reports: list[Progress]) -> NDArray[np.float64]:
    return np.concatenate([report.batch_costs for report in reports])


def epochs_of(reports: list[Progress]) -> list[EpochRecord]:
    return [record for report in reports for record in report.epochs]


def outcome(reports: list[Progress]) -> tuple[Any, ...]:
    """Everything that a training computes, to the bit; seconds are measured, not computed."""
    last = reports[-1]
    counts = (last.step, last.epoch, last.examples, last.stop_reason)
    return (last.theta.tobytes(), costs_of(reports).tobytes(), np.array(epochs_of(reports)).tobytes(), counts)


def train_objective(data: PreparedData, l2: float) -> SoftmaxObjective:
    return SoftmaxObjective(network_for(data), data.X_train, data.y_train, l2)


class TestRepeatability:
    @pytest.mark.parametrize("optimizer", REGISTRY)
    @pytest.mark.parametrize("batch_size", [0, 32, 7])
    def test_slices_never_change_what_is_computed(self, iris: PreparedData, optimizer: str, batch_size: int) -> None:
        config = TrainingConfig(optimizer=optimizer, batch_size=batch_size, epochs=8, initialization_scale=0.5, seed=3)
        expected = outcome(run(iris, config))
        assert outcome(run(iris, config)) == expected
        for slice_seconds in (0.0, 1e-4, 0.01, 1.0):
            assert outcome(run(iris, config, slice_seconds)) == expected
        for max_steps in (1, 3):
            assert outcome(run(iris, config, 1.0, Request(max_steps=max_steps))) == expected

    @pytest.mark.parametrize("settings", [{"batch_size": 0, "initialization_scale": 0.5}, {"batch_size": 32}])
    def test_another_seed_is_another_training(self, iris: PreparedData, settings: dict[str, Any]) -> None:
        first, second = (TrainingConfig(epochs=2, seed=seed, **settings) for seed in (0, 1))
        assert outcome(run(iris, first)) != outcome(run(iris, second))

    def test_first_weights_depend_on_nothing_but_seed_and_scale(self, iris: PreparedData) -> None:
        base = TrainingConfig(initialization_scale=0.5, seed=5)
        expected = initial_theta(iris, base)
        others = [{"batch_size": 7}, {"optimizer": "adam"}, {"epochs": 3}, {"l2": 1.0}]
        for config in (base, *(replace(base, **other) for other in others)):
            assert next(train(iris, config)).theta.tolist() == expected.tolist()
        assert expected.any()

    def test_sending_the_same_settings_again_changes_nothing(self, iris: PreparedData) -> None:
        config = TrainingConfig(optimizer="adam", epochs=5)
        assert outcome(run(iris, config, 0.0, Request(config=config))) == outcome(run(iris, config))


class TestReports:
    def test_the_first_report_is_the_start_itself(self, iris: PreparedData) -> None:
        first = next(train(iris, TrainingConfig()))
        assert (first.step, first.epoch, first.examples, first.seconds, first.stop_reason) == (0, 0, 0, 0.0, None)
        assert len(first.batch_costs) == 0
        assert first.theta.tolist() == [0.0] * 15
        (record,) = first.epochs
        assert record.epoch == 0
        assert record.train_cost == pytest.approx(math.log(3), rel=1e-15)
        assert record.validation_cost == pytest.approx(math.log(3), rel=1e-15)
        assert record.train_accuracy == np.mean(iris.y_train == 0)

    def test_the_last_report_and_only_the_last_has_a_stop_reason(self, iris: PreparedData) -> None:
        generator = train(iris, TrainingConfig(epochs=3), slice_seconds=0.0)
        reasons = [report.stop_reason for report in generator]
        assert reasons == [None] * 12 + [StopReason.EPOCHS_REACHED]
        with pytest.raises(StopIteration):
            next(generator)

    @pytest.mark.parametrize("slice_seconds", [0.0, 0.002, 1.0])
    def test_no_cost_and_no_epoch_is_lost(self, iris: PreparedData, slice_seconds: float) -> None:
        reports = run(iris, TrainingConfig(epochs=30, batch_size=7), slice_seconds)
        steps_so_far = np.cumsum([len(report.batch_costs) for report in reports]).tolist()
        assert [report.step for report in reports] == steps_so_far
        assert reports[-1].step == 30 * 18  # 120 rows are 17 batches of 7 and one row
        assert [record.epoch for record in epochs_of(reports)] == list(range(31))

    def test_counters_count_from_the_start_with_a_smaller_last_batch(self, iris: PreparedData) -> None:
        config = TrainingConfig(batch_size=50, epochs=2)
        reports = run(iris, config, 1.0, Request(max_steps=1))
        assert steps_per_epoch(iris, config) == 3
        assert [report.step for report in reports] == [0, 1, 2, 3, 4, 5, 6]
        assert [report.examples for report in reports] == [0, 50, 100, 120, 170, 220, 240]
        assert [report.epoch for report in reports] == [0, 0, 0, 1, 1, 1, 2]
        assert [len(report.epochs) for report in reports] == [1, 0, 0, 1, 0, 0, 1]

    @pytest.mark.parametrize(("batch_size", "steps"), [(0, 1), (1, 120), (7, 18), (60, 2), (119, 2), (120, 1)])
    def test_steps_per_epoch(self, iris: PreparedData, batch_size: int, steps: int) -> None:
        config = TrainingConfig(batch_size=batch_size, epochs=1)
        assert steps_per_epoch(iris, config) == steps
        assert run(iris, config)[-1].step == steps

    def test_an_epochs_record_is_the_evaluation_of_its_theta(self, iris: PreparedData) -> None:
        config = TrainingConfig(batch_size=32, epochs=3, l2=0.1)
        last = run(iris, config)[-1]
        training, validation = evaluate(iris, config, last.theta)
        assert last.epochs[-1] == EpochRecord(3, *training, *validation)
        assert validation.cost != training.cost

    def test_a_batch_cost_is_the_cost_that_the_step_set_out_from(self, iris: PreparedData) -> None:
        reports = run(iris, TrainingConfig(batch_size=0, epochs=5, l2=0.1), 0.0)
        costs_before = [record.train_cost for record in epochs_of(reports)][:-1]
        assert costs_of(reports).tolist() == costs_before

    def test_theta_is_read_only_and_never_written_again(self, iris: PreparedData) -> None:
        kept = [(report.theta, report.theta.tobytes()) for report in train(iris, TrainingConfig(epochs=4), 0.0)]
        assert all(theta.tobytes() == before for theta, before in kept)
        assert len({before for _, before in kept}) == len(kept)
        with pytest.raises(ValueError, match="read-only"):
            kept[0][0][...] = 1.0

    def test_every_stop_reason_has_its_sentence(self) -> None:
        sentences = [reason.sentence for reason in StopReason]
        assert all(sentence.endswith(".") for sentence in sentences)
        assert len(set(sentences)) == len(StopReason)


class TestBatches:
    def test_each_epoch_deals_every_row_once_in_a_new_order(self, iris: PreparedData) -> None:
        config = TrainingConfig(batch_size=1, epochs=3, learning_rate=FROZEN, l2=0.0, initialization_scale=1.0)
        reports = run(iris, config)
        np.testing.assert_allclose(reports[-1].theta, reports[0].theta, atol=1e-290)
        objective = train_objective(iris, 0.0)
        rows = np.arange(120)[:, np.newaxis]
        row_costs = sorted(objective.batch(row).evaluate(reports[0].theta).cost for row in rows)
        epochs = costs_of(reports).reshape(3, 120)
        for epoch in epochs:
            assert sorted(epoch.tolist()) == row_costs
        for one, other in itertools.combinations([*epochs.tolist(), row_costs], 2):
            assert one != other

    @pytest.mark.parametrize("batch_size", [7, 32, 60])
    def test_batches_of_an_epoch_add_up_to_all_rows(self, iris: PreparedData, batch_size: int) -> None:
        config = TrainingConfig(batch_size=batch_size, epochs=4, learning_rate=FROZEN, l2=0.0, initialization_scale=1.0)
        reports = run(iris, config)
        n_steps = math.ceil(120 / batch_size)
        sizes = np.minimum(batch_size, 120 - batch_size * np.arange(n_steps))
        totals = (costs_of(reports).reshape(4, n_steps) * sizes).sum(axis=1)
        np.testing.assert_allclose(totals, 120 * epochs_of(reports)[0].train_cost, rtol=1e-12)

    def test_a_batch_larger_than_the_training_rows_is_refused(self, iris: PreparedData) -> None:
        with pytest.raises(SettingError, match="121 rows is larger than the 120 training rows") as caught:
            next(train(iris, TrainingConfig(batch_size=121)))
        assert caught.value.key == "batch_size"


class TestRequests:
    def test_a_new_learning_rate_takes_effect_with_the_next_step(self, iris: PreparedData) -> None:
        config = TrainingConfig(batch_size=0, learning_rate=0.5, l2=0.01)
        objective, theta = train_objective(iris, 0.01), np.zeros(15)
        generator = train(iris, config, slice_seconds=0.0)
        next(generator)
        for learning_rate in (0.5, 0.5, 0.02, 0.02, 3.0):
            report = generator.send(Request(config=replace(config, learning_rate=learning_rate)))
            theta = theta - learning_rate * objective.cost_and_gradient(theta)[1]
            assert report.theta.tolist() == theta.tolist()
        assert next(generator).theta.tolist() == (theta - 3.0 * objective.cost_and_gradient(theta)[1]).tolist()

    def test_velocity_outlives_a_change_of_momentum_and_penalty(self, iris: PreparedData) -> None:
        config = TrainingConfig(optimizer="momentum", batch_size=0, learning_rate=0.1)
        theta, velocity = np.zeros(15), np.zeros(15)
        generator = train(iris, config, slice_seconds=0.0)
        next(generator)
        for momentum, l2 in ((0.9, 0.001), (0.9, 0.001), (0.5, 0.001), (0.5, 2.0)):
            report = generator.send(Request(config=replace(config, momentum=momentum, l2=l2)))
            velocity = momentum * velocity + train_objective(iris, l2).cost_and_gradient(theta)[1]
            theta = theta - 0.1 * velocity
            assert report.theta.tolist() == theta.tolist()
            assert report.epochs[-1].train_cost == train_objective(iris, l2).evaluate(theta).cost

    @pytest.mark.parametrize(
        ("key", "value"), [("optimizer", "adam"), ("batch_size", 7), ("seed", 1), ("initialization_scale", 0.5)]
    )
    def test_what_only_a_new_run_can_change_is_refused(self, iris: PreparedData, key: str, value: Any) -> None:
        generator = train(iris, TrainingConfig(), slice_seconds=0.0)
        next(generator)
        with pytest.raises(SettingError, match="takes effect with the next run") as caught:
            generator.send(Request(config=replace(TrainingConfig(), **{key: value})))
        assert caught.value.key == key

    def test_epochs_raised_in_mid_run_are_trained_as_if_asked_for_at_first(self, iris: PreparedData) -> None:
        short, long = TrainingConfig(epochs=3), TrainingConfig(epochs=6)
        generator = train(iris, short, slice_seconds=1.0)
        reports = [next(generator), generator.send(Request(max_steps=9))]
        while reports[-1].stop_reason is None:
            reports.append(generator.send(Request(config=long)))
        assert outcome(reports) == outcome(run(iris, long))

    def test_epochs_lowered_below_those_done_end_the_run_where_it_is(self, iris: PreparedData) -> None:
        generator = train(iris, TrainingConfig(epochs=100), slice_seconds=1.0)
        next(generator)
        before = generator.send(Request(max_steps=17))
        last = generator.send(Request(config=TrainingConfig(epochs=2)))
        assert last.stop_reason is StopReason.EPOCHS_REACHED
        assert (last.step, last.epoch, last.theta.tolist()) == (17, 4, before.theta.tolist())

    def test_epochs_lowered_to_a_later_one_end_the_run_there(self, iris: PreparedData) -> None:
        generator = train(iris, TrainingConfig(epochs=100), slice_seconds=1.0)
        reports = [next(generator), generator.send(Request(max_steps=9))]
        reports.append(generator.send(Request(config=TrainingConfig(epochs=3))))
        assert outcome(reports) == outcome(run(iris, TrainingConfig(epochs=3)))

    def test_max_steps_limits_its_own_slice_only(self, iris: PreparedData) -> None:
        generator = train(iris, TrainingConfig(epochs=5), slice_seconds=60.0)
        next(generator)
        assert generator.send(Request(max_steps=3)).step == 3
        assert next(generator).step == 20

    def test_a_run_can_be_dropped_at_any_point(self, iris: PreparedData) -> None:
        generator = train(iris, TrainingConfig(), slice_seconds=0.0)
        next(generator)
        next(generator)
        generator.close()
        with pytest.raises(StopIteration):
            next(generator)


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
    @pytest.mark.parametrize(
        "settings",
        [
            {"learning_rate": 1.0, "l2": 2.5},
            {"learning_rate": 1e6, "l2": 1e6},
            {"optimizer": "momentum", "learning_rate": 1.0, "l2": 10.0},
        ],
    )
    def test_a_step_longer_than_the_penaltys_slope_allows(
        self, iris: PreparedData, batch_size: int, settings: dict[str, Any]
    ) -> None:
        """Where learning_rate * l2 > 2 each step multiplies the weights by less than -1."""
        reports = assert_diverged(iris, TrainingConfig(batch_size=batch_size, epochs=10_000, **settings))
        assert reports[-1].epoch < 10_000

    @pytest.mark.parametrize("optimizer", REGISTRY)
    @pytest.mark.parametrize("batch_size", [0, 2, 5])
    @pytest.mark.parametrize("size", [1e150, 1e200, 1e300, 1e308])
    def test_inputs_beyond_all_measure_end_with_finite_weights(
        self, prepared_from: PreparedFrom, optimizer: str, batch_size: int, size: float
    ) -> None:
        X = np.random.default_rng(0).uniform(-1, 1, size=(30, 3)) * size
        data = prepared_from(X, np.arange(30) % 3, validation_share=0.2)
        config = TrainingConfig(optimizer=optimizer, batch_size=batch_size, epochs=50, learning_rate=100.0)
        last = run(data, config)[-1]
        assert np.isfinite(last.theta).all()
        assert math.isfinite(evaluate(data, config, last.theta)[0].cost)

    def test_huge_inputs_diverge(self, prepared_from: PreparedFrom) -> None:
        X = np.random.default_rng(0).uniform(-1, 1, size=(30, 3)) * 1e300
        assert_diverged(prepared_from(X, np.arange(30) % 3), TrainingConfig(batch_size=0, epochs=50))

    @pytest.mark.parametrize("seed", range(3))
    def test_the_weights_kept_have_a_finite_cost_on_all_rows_not_only_on_their_batch(
        self, prepared_from: PreparedFrom, seed: int
    ) -> None:
        """Most rows are harmless; the cost is finite on their batches whatever the one huge row has done to theta."""
        X = np.random.default_rng(0).uniform(-1, 1, size=(30, 3))
        X[11] *= 1e200
        config = TrainingConfig(batch_size=2, epochs=50, learning_rate=1.0, l2=0.0, seed=seed)
        assert_diverged(prepared_from(X, np.arange(30) % 3), config)

    def test_a_start_without_a_finite_cost_ends_at_once_with_its_own_weights(self, prepared_from: PreparedFrom) -> None:
        data = prepared_from(np.full((6, 3), 1e308), np.arange(6) % 3, validation_share=0.5)
        config = TrainingConfig(batch_size=0, initialization_scale=100.0)
        last = run(data, config)[-1]
        assert (last.stop_reason, last.step) == (StopReason.DIVERGED, 0)
        assert last.theta.tolist() == initial_theta(data, config).tolist()


def scikit_learns(data: PreparedData, l2: float) -> LogisticRegression:
    """scikit-learn's minimum with the same penalty, C = 1 / (l2 N)."""
    C = 1 / (l2 * len(data.y_train))
    return LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(data.X_train, data.y_train)


def cost_of(oracle: LogisticRegression, data: PreparedData, config: TrainingConfig) -> float:
    theta = np.concatenate([oracle.coef_.T.ravel(), oracle.intercept_])
    return evaluate(data, config, theta)[0].cost


class TestMinimum:
    @pytest.mark.parametrize("l2", [0.001, 0.01, 1.0])
    def test_full_batch_reaches_scikit_learns_minimum(self, iris: PreparedData, l2: float) -> None:
        """To 1e-8 nats in J."""
        config = TrainingConfig(optimizer="momentum", batch_size=0, learning_rate=0.5, l2=l2, epochs=4000)
        last = run(iris, config, slice_seconds=1.0)[-1]
        oracle = scikit_learns(iris, l2)
        assert last.epochs[-1].train_cost == pytest.approx(cost_of(oracle, iris, config), abs=1e-8)
        assert last.epochs[-1].train_accuracy == oracle.score(iris.X_train, iris.y_train)
        assert last.epochs[-1].validation_accuracy == oracle.score(iris.X_validation, iris.y_validation)

    @pytest.mark.parametrize(("optimizer", "rate"), [("gradient_descent", 0.2), ("momentum", 0.02), ("adam", 0.02)])
    def test_small_batches_come_within_5_percent_of_it(self, iris: PreparedData, optimizer: str, rate: float) -> None:
        config = TrainingConfig(optimizer=optimizer, batch_size=32, learning_rate=rate, l2=0.01, epochs=400)
        minimum = cost_of(scikit_learns(iris, 0.01), iris, config)
        last = run(iris, config, slice_seconds=1.0)[-1]
        assert minimum < last.epochs[-1].train_cost < 1.05 * minimum


def test_without_validation_rows_the_validation_metrics_are_nan(iris: PreparedData) -> None:
    data = prepare(iris.dataset, PreparationConfig(validation_share=0.0))
    reports = run(data, TrainingConfig(epochs=3))
    assert reports[-1].stop_reason is StopReason.EPOCHS_REACHED
    assert reports[-1].examples == 3 * 150
    for record in epochs_of(reports):
        assert math.isfinite(record.train_cost)
        assert math.isnan(record.validation_cost)
        assert math.isnan(record.validation_accuracy)


class TestTime:
    def test_seconds_count_training_and_not_waiting(self, iris: PreparedData) -> None:
        generator = train(iris, TrainingConfig(epochs=1_000_000), slice_seconds=0.01)
        inside, reports = 0.0, []
        for _ in range(6):
            started = time.perf_counter()
            reports.append(next(generator))
            inside += time.perf_counter() - started
            time.sleep(0.03)
        seconds = [report.seconds for report in reports]
        assert seconds == sorted(seconds)
        assert 5 * 0.01 <= seconds[-1] <= inside

    def test_a_slice_takes_about_its_time(self, iris: PreparedData) -> None:
        generator = train(iris, TrainingConfig(epochs=1_000_000), slice_seconds=0.03)
        next(generator)
        seconds = np.diff([next(generator).seconds for _ in range(9)])
        assert seconds.min() >= 0.03
        assert np.median(seconds) < 0.06

    def test_a_slice_of_no_time_is_one_step(self, iris: PreparedData) -> None:
        reports = run(iris, TrainingConfig(epochs=2), slice_seconds=0.0)
        assert [report.step for report in reports] == list(range(9))
