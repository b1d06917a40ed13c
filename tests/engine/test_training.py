from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from trainings import (
    FULL_BATCH,
    cost_of,
    costs_of,
    epoch_thetas,
    epochs_of,
    many_rows,
    outcome,
    run,
    scikit_learns,
    train_objective,
)

from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.errors import SettingError
from engine.hyperparameters import TrainingConfig
from engine.optimizers import REGISTRY
from engine.problem import check_fit, evaluate, initial_theta, network_for, steps_per_epoch
from engine.progress import Request
from engine.stopping import StopReason
from engine.training import train

PreparedFrom: TypeAlias = Callable[..., PreparedData]

FROZEN: dict[str, Any] = {  # a learning rate so small that no cost ever changes
    "learning_rate": 1e-300, "l2": 0.0, "initialization": "normal", "precision": "float64",
}  # fmt: skip


class TestRepeatability:
    @pytest.mark.parametrize("optimizer", REGISTRY)
    @pytest.mark.parametrize("batch_size", [0, 32, 7])
    @pytest.mark.parametrize(("hidden_layers", "precision"), [((), "float64"), ((), "float32"), ((6,), "float32")])
    def test_slices_never_change_what_is_computed(
        self, iris: PreparedData, optimizer: str, batch_size: int, hidden_layers: tuple[int, ...], precision: str
    ) -> None:
        config = TrainingConfig(
            optimizer=optimizer,
            batch_size=batch_size,
            epochs=8,
            hidden_layers=hidden_layers,
            precision=precision,
            initialization="normal",
            initialization_scale=0.5,
            seed=3,
        )
        expected = outcome(run(iris, config))
        assert outcome(run(iris, config)) == expected
        for slice_seconds in (0.0, 1e-4, 0.01, 1.0):
            assert outcome(run(iris, config, slice_seconds)) == expected
        for max_steps in (1, 3):
            assert outcome(run(iris, config, 1.0, Request(max_steps=max_steps))) == expected

    @pytest.mark.parametrize(
        "settings",
        [
            {"batch_size": 0, "initialization": "normal", "initialization_scale": 0.5},
            {"batch_size": 0, "hidden_layers": (4,)},
            {"batch_size": 32},
        ],
    )
    def test_another_seed_is_another_training(self, iris: PreparedData, settings: dict[str, Any]) -> None:
        first, second = (TrainingConfig(epochs=2, seed=seed, **settings) for seed in (0, 1))
        assert outcome(run(iris, first)) != outcome(run(iris, second))

    def test_first_weights_depend_on_nothing_but_seed_and_scale(self, iris: PreparedData) -> None:
        base = TrainingConfig(initialization="normal", initialization_scale=0.5, seed=5)
        expected = initial_theta(iris, base)
        others = [{"batch_size": 7}, {"optimizer": "adam"}, {"epochs": 3}, {"l2": 1.0}, {"check_every": 3}]
        for config in (base, *(replace(base, **other) for other in others)):
            assert next(train(iris, config)).theta.tolist() == expected.tolist()
        assert expected.any()

    def test_sending_the_same_settings_again_changes_nothing(self, iris: PreparedData) -> None:
        config = TrainingConfig(optimizer="adam", epochs=5)
        assert outcome(run(iris, config, 0.0, Request(config=config))) == outcome(run(iris, config))

    @pytest.mark.usefixtures("small_shares")
    @pytest.mark.parametrize("settings", [{"batch_size": 0}, {"batch_size": 4000}, {"optimizer": "lbfgs"}], ids=str)
    @pytest.mark.parametrize("hidden_layers", [(), (8,)])
    def test_the_same_number_of_threads_repeats_a_training_to_the_bit(
        self, settings: dict[str, Any], hidden_layers: tuple[int, ...]
    ) -> None:
        data = many_rows(9000)
        config = TrainingConfig(epochs=4, hidden_layers=hidden_layers, precision="float64", **settings)
        one, two, again = (list(train(data, config, 1.0, threads)) for threads in (1, 2, 2))
        assert outcome(two) == outcome(again)
        np.testing.assert_allclose(one[-1].theta, two[-1].theta, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(costs_of(one), costs_of(two), rtol=1e-9)

    @pytest.mark.usefixtures("small_shares")
    def test_the_threads_end_with_the_training_and_with_a_dropped_one(self) -> None:
        before = set(threading.enumerate())
        generator = train(many_rows(9000), TrainingConfig(batch_size=0, epochs=3), slice_seconds=0.0, threads=3)
        next(generator)
        next(generator)
        assert len(set(threading.enumerate()) - before) == 2
        generator.close()
        assert set(threading.enumerate()) == before


class TestPrecision:
    @pytest.mark.parametrize("optimizer", REGISTRY)
    @pytest.mark.parametrize("hidden_layers", [(), (6,)])
    def test_32_and_64_bits_compute_the_same_but_for_rounding(
        self, iris: PreparedData, optimizer: str, hidden_layers: tuple[int, ...]
    ) -> None:
        config = TrainingConfig(optimizer=optimizer, epochs=3, learning_rate=0.01, hidden_layers=hidden_layers)
        assert config.precision == "float32"
        single, double = (run(iris, replace(config, precision=name)) for name in ("float32", "float64"))
        assert {report.theta.dtype.name for report in single} == {"float32"}
        assert {report.theta.dtype.name for report in double} == {"float64"}
        for ours, theirs in zip(epochs_of(single), epochs_of(double), strict=True):
            assert ours.train_cost == pytest.approx(theirs.train_cost, rel=1e-4)
        assert epochs_of(single)[0].train_cost == pytest.approx(epochs_of(double)[0].train_cost, abs=1e-6)


class TestReports:
    def test_the_first_report_is_the_start_itself(self, iris: PreparedData) -> None:
        first = next(train(iris, TrainingConfig(precision="float64")))
        assert (first.step, first.epoch, first.examples, first.seconds, first.stop_reason) == (0, 0, 0, 0.0, None)
        assert len(first.batch_costs) == 0
        assert first.theta.tolist() == [0.0] * 15
        (record,) = first.epochs
        assert record.epoch == 0
        assert record.train_cost == pytest.approx(math.log(3), rel=1e-15)
        assert record.validation_cost == pytest.approx(math.log(3), rel=1e-15)
        assert record.train_accuracy == np.mean(iris.y_train == 0)
        assert record.weight_norm == 0.0
        assert np.isnan([record.learning_rate, record.gradient_norm, record.step_size]).all()

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
        assert last.epochs[-1][:5] == (3, *training, *validation)
        assert validation.cost != training.cost

    def test_the_evaluation_of_theta_is_that_of_the_cost_as_written(self, iris: PreparedData) -> None:
        config = TrainingConfig(precision="float64", l2=0.1)
        theta = np.random.default_rng(0).normal(size=15)
        training, validation = evaluate(iris, config, theta)
        reference = train_objective(iris, 0.1)
        assert training == pytest.approx(reference.evaluate(theta), rel=1e-12)
        held_back = replace(reference, X=iris.X_validation, y=iris.y_validation)
        assert validation == pytest.approx(held_back.evaluate(theta), rel=1e-12)

    def test_a_batch_cost_is_the_cost_that_the_step_set_out_from(self, iris: PreparedData) -> None:
        reports = run(iris, TrainingConfig(batch_size=0, epochs=5, l2=0.1, precision="float64"), 0.0)
        costs_before = [record.train_cost for record in epochs_of(reports)][:-1]
        np.testing.assert_allclose(costs_of(reports), costs_before, rtol=1e-14)

    @pytest.mark.parametrize("optimizer", REGISTRY)
    def test_a_record_tells_of_its_epochs_last_step(self, iris: PreparedData, optimizer: str) -> None:
        config = TrainingConfig(
            optimizer=optimizer, batch_size=0, epochs=6, l2=0.01, precision="float64",
            learning_rate=0.08, schedule="step", decay_factor=0.5, decay_epochs=2,
        )  # fmt: skip
        thetas, records = epoch_thetas(iris, config), epochs_of(run(iris, config))
        objective = train_objective(iris, 0.01)
        for before, after, record in zip(thetas, thetas[1:], records[1:], strict=False):
            assert record.step_size == pytest.approx(np.linalg.norm(after - before), rel=1e-9)
            assert record.weight_norm == pytest.approx(np.linalg.norm(after[:12]), rel=1e-12)
            assert record.gradient_norm == pytest.approx(
                np.linalg.norm(objective.cost_and_gradient(before)[1]), rel=1e-9
            )
        rates = [record.learning_rate for record in records[1:]]
        if optimizer in FULL_BATCH:
            assert np.isnan(rates).all()
        else:
            assert rates == pytest.approx([0.08, 0.08, 0.04, 0.04, 0.02, 0.02], rel=1e-12)

    def test_the_last_step_of_an_epoch_has_the_gradient_of_its_batch(self, iris: PreparedData) -> None:
        config = TrainingConfig(batch_size=32, shuffle=False, epochs=2, precision="float64")
        thetas = [report.theta for report in run(iris, config, 0.0)]
        records = epochs_of(run(iris, config))
        objective = train_objective(iris, config.l2).batch(slice(96, 120))
        for record, before in ((records[1], thetas[3]), (records[2], thetas[7])):
            gradient = objective.cost_and_gradient(before)[1]
            assert record.gradient_norm == pytest.approx(np.linalg.norm(gradient), rel=1e-9)
            assert record.step_size == pytest.approx(0.1 * np.linalg.norm(gradient), rel=1e-9)

    @pytest.mark.parametrize("hidden_layers", [(5,), (5, 4)])
    def test_biases_are_no_part_of_the_weight_norm(self, iris: PreparedData, hidden_layers: tuple[int, ...]) -> None:
        config = TrainingConfig(hidden_layers=hidden_layers, epochs=2, precision="float64")
        last = run(iris, config)[-1]
        squares = [(layer.weights**2).sum() for layer in network_for(iris, config).layers(last.theta)]
        assert last.epochs[-1].weight_norm == pytest.approx(math.sqrt(sum(squares)), rel=1e-12)

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


def test_without_validation_rows_the_validation_metrics_are_nan(iris: PreparedData) -> None:
    data = prepare(iris.dataset, PreparationConfig(validation_share=0.0))
    reports = run(data, TrainingConfig(epochs=3))
    assert reports[-1].stop_reason is StopReason.EPOCHS_REACHED
    assert reports[-1].examples == 3 * 150
    for record in epochs_of(reports):
        assert math.isfinite(record.train_cost)
        assert math.isnan(record.validation_cost)
        assert math.isnan(record.validation_accuracy)


class TestBatches:
    def test_each_epoch_deals_every_row_once_in_a_new_order(self, iris: PreparedData) -> None:
        config = TrainingConfig(batch_size=1, epochs=3, **FROZEN)
        reports = run(iris, config)
        np.testing.assert_allclose(reports[-1].theta, reports[0].theta, atol=1e-290)
        row_costs = costs_of_slices(iris, reports[0].theta, 1)
        epochs = costs_of(reports).reshape(3, 120)
        for epoch in epochs:
            np.testing.assert_allclose(np.sort(epoch), np.sort(row_costs), rtol=1e-12)
        for one, other in itertools.combinations([*epochs, row_costs], 2):
            assert not np.allclose(one, other)

    @pytest.mark.parametrize("batch_size", [1, 7, 32, 60])
    def test_unshuffled_rows_come_in_their_order_in_every_epoch(self, iris: PreparedData, batch_size: int) -> None:
        config = TrainingConfig(batch_size=batch_size, epochs=3, shuffle=False, **FROZEN)
        reports = run(iris, config)
        expected = costs_of_slices(iris, reports[0].theta, batch_size)
        np.testing.assert_allclose(costs_of(reports).reshape(3, len(expected)), [expected] * 3, rtol=1e-12)
        assert outcome(run(iris, replace(config, shuffle=True))) != outcome(reports)

    def test_unshuffled_batches_need_no_random_numbers(self, iris: PreparedData) -> None:
        configs = [TrainingConfig(shuffle=False, epochs=3, seed=seed) for seed in (0, 1)]
        first, second = (outcome(run(iris, config)) for config in configs)
        assert first == second

    @pytest.mark.parametrize("optimizer", FULL_BATCH)
    def test_what_needs_all_rows_gets_them_in_one_step(self, iris: PreparedData, optimizer: str) -> None:
        config = TrainingConfig(optimizer=optimizer, batch_size=7, epochs=4)
        assert steps_per_epoch(iris, config) == 1
        reports = run(iris, config)
        assert (reports[-1].step, reports[-1].examples) == (4, 480)
        assert outcome(reports) == outcome(run(iris, replace(config, batch_size=0)))

    @pytest.mark.parametrize("batch_size", [7, 32, 60])
    def test_batches_of_an_epoch_add_up_to_all_rows(self, iris: PreparedData, batch_size: int) -> None:
        config = TrainingConfig(batch_size=batch_size, epochs=4, **FROZEN)
        reports = run(iris, config)
        n_steps = math.ceil(120 / batch_size)
        sizes = np.minimum(batch_size, 120 - batch_size * np.arange(n_steps))
        totals = (costs_of(reports).reshape(4, n_steps) * sizes).sum(axis=1)
        np.testing.assert_allclose(totals, 120 * epochs_of(reports)[0].train_cost, rtol=1e-12)

    def test_a_batch_larger_than_the_training_rows_is_refused(self, iris: PreparedData) -> None:
        with pytest.raises(SettingError, match="121 rows is larger than the 120 training rows") as caught:
            next(train(iris, TrainingConfig(batch_size=121)))
        assert caught.value.key == "batch_size"

    @pytest.mark.parametrize("optimizer", FULL_BATCH)
    def test_a_batch_size_that_does_not_matter_may_be_anything(self, iris: PreparedData, optimizer: str) -> None:
        config = TrainingConfig(optimizer=optimizer, batch_size=121, epochs=1)
        check_fit(iris, config)
        assert run(iris, config)[-1].stop_reason is StopReason.EPOCHS_REACHED


def costs_of_slices(data: PreparedData, theta: NDArray[np.float64], batch_size: int) -> NDArray[np.float64]:
    """What each batch costs where the rows come in their order."""
    objective = train_objective(data)
    starts = range(0, len(data.y_train), batch_size)
    return np.array([objective.batch(slice(start, start + batch_size)).evaluate(theta).cost for start in starts])


class TestRequests:
    def test_a_new_learning_rate_takes_effect_with_the_next_step(self, iris: PreparedData) -> None:
        config = TrainingConfig(batch_size=0, learning_rate=0.5, l2=0.01, precision="float64")
        objective, theta = train_objective(iris, 0.01), np.zeros(15)
        generator = train(iris, config, slice_seconds=0.0)
        next(generator)
        for learning_rate in (0.5, 0.5, 0.02, 0.02, 3.0):
            report = generator.send(Request(config=replace(config, learning_rate=learning_rate)))
            theta = theta - learning_rate * objective.cost_and_gradient(theta)[1]
            np.testing.assert_allclose(report.theta, theta, rtol=1e-11, atol=1e-13)
        expected = theta - 3.0 * objective.cost_and_gradient(theta)[1]
        np.testing.assert_allclose(next(generator).theta, expected, rtol=1e-11, atol=1e-13)

    def test_velocity_outlives_a_change_of_momentum_and_penalty(self, iris: PreparedData) -> None:
        config = TrainingConfig(optimizer="momentum", batch_size=0, learning_rate=0.1, precision="float64")
        theta, velocity = np.zeros(15), np.zeros(15)
        generator = train(iris, config, slice_seconds=0.0)
        next(generator)
        for momentum, l2 in ((0.9, 0.001), (0.9, 0.001), (0.5, 0.001), (0.5, 2.0)):
            report = generator.send(Request(config=replace(config, momentum=momentum, l2=l2)))
            velocity = momentum * velocity + train_objective(iris, l2).cost_and_gradient(theta)[1]
            theta = theta - 0.1 * velocity
            np.testing.assert_allclose(report.theta, theta, rtol=1e-11, atol=1e-13)
            assert report.epochs[-1].train_cost == pytest.approx(train_objective(iris, l2).evaluate(theta).cost)

    @pytest.mark.parametrize("optimizer", FULL_BATCH)
    def test_another_penalty_in_mid_run_has_its_own_minimum(self, iris: PreparedData, optimizer: str) -> None:
        config = TrainingConfig(optimizer=optimizer, l2=0.001, epochs=10_000, precision="float64")
        generator = train(iris, config, slice_seconds=1.0)
        next(generator)
        assert generator.send(Request(max_steps=5)).step == 5
        changed = replace(config, l2=0.5)
        reports = [generator.send(Request(config=changed)), *generator]
        assert reports[-1].stop_reason is StopReason.NO_LOWER_COST
        minimum = cost_of(scikit_learns(iris, 0.5), iris, changed)
        assert epochs_of(reports)[-1].train_cost == pytest.approx(minimum, abs=1e-10)

    def test_what_the_data_do_not_allow_is_refused_in_mid_run_too(self, prepared_from: PreparedFrom) -> None:
        config = TrainingConfig(batch_size=0)
        generator = train(prepared_from(np.eye(4), [0, 1, 0, 1]), config)
        next(generator)
        with pytest.raises(SettingError, match="needs validation rows") as caught:
            generator.send(Request(config=replace(config, patience=3)))
        assert caught.value.key == "patience"

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("optimizer", "adam"),
            ("batch_size", 7),
            ("shuffle", False),
            ("hidden_layers", (3,)),
            ("precision", "float64"),
            ("label_smoothing", 0.1),
            ("class_weighting", "balanced"),
            ("initialization", "he"),
            ("initialization_scale", 0.5),
            ("seed", 1),
        ],
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
