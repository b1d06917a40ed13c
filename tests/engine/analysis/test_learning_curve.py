from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from trainings import epochs_of, run

from engine.analysis import LearningPoint, learning_curve
from engine.analysis.learning_curve import nested_order, subset_sizes
from engine.data.preparation import PreparedData
from engine.errors import SettingError
from engine.examples import Examples
from engine.hyperparameters import TrainingConfig
from engine.stopping import StopReason

LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=60).map(lambda y: np.array(y, dtype=np.int64))


def points_of(data: Any, config: TrainingConfig, **options: Any) -> list[LearningPoint]:
    return [progress.point for progress in learning_curve(data, config, **options) if progress.point is not None]


class TestSubsets:
    @given(LABELS, st.integers(0, 100))
    def test_an_order_has_every_row_once(self, y: NDArray[np.int64], seed: int) -> None:
        assert sorted(nested_order(y, seed)) == list(range(len(y)))

    @given(LABELS, st.integers(0, 100))
    def test_every_beginning_is_stratified(self, y: NDArray[np.int64], seed: int) -> None:
        ordered = y[nested_order(y, seed)]
        present = np.unique(y)
        for n in range(1, len(y) + 1):
            counts = np.bincount(ordered[:n], minlength=5)
            assert (counts[present] > 0).all() or n < len(present)
            wanted = n * np.bincount(y, minlength=5) / len(y)
            # The first row of each class comes at once, at the cost of the shares of the others.
            assert (counts - wanted).max() <= 1.0
            assert (wanted - counts).max() <= len(present) * np.bincount(y).max() / len(y)

    def test_classes_of_equal_size_never_differ_by_more_than_a_row(self) -> None:
        y = np.repeat(np.arange(3), 40)
        for n in range(1, 121):
            counts = np.bincount(y[nested_order(y, 1)[:n]], minlength=3)
            assert np.ptp(counts) <= 1

    def test_the_seed_draws_the_rows(self) -> None:
        y = np.repeat(np.arange(2), 50)
        assert nested_order(y, 3).tolist() == nested_order(y, 3).tolist()
        assert set(nested_order(y, 3)[:20]) != set(nested_order(y, 4)[:20])

    @pytest.mark.parametrize(("n_rows", "n_classes"), [(120, 3), (1437, 10), (8000, 10), (800_000, 2), (27_000, 1000)])
    def test_sizes_rise_at_about_equal_ratios(self, n_rows: int, n_classes: int) -> None:
        sizes = subset_sizes(n_rows, n_classes)
        assert len(sizes) == 8
        assert sizes[-1] == n_rows
        assert sizes[0] >= 2 * n_classes
        ratios = [later / earlier for earlier, later in pairwise(sizes)]
        assert max(ratios) / min(ratios) < 1.2

    @pytest.mark.parametrize("n_rows", range(1, 12))
    def test_few_rows_make_fewer_sizes(self, n_rows: int) -> None:
        sizes = subset_sizes(n_rows, 3)
        assert sizes == sorted(set(sizes))
        assert sizes[-1] == n_rows
        assert sizes[0] >= 1


class TestPoints:
    config = TrainingConfig(epochs=30, seed=5)

    def test_the_last_point_is_a_plain_training(self, iris: PreparedData) -> None:
        last = points_of(iris, self.config)[-1]
        record = epochs_of(run(iris, self.config))[-1]
        assert (last.n_rows, last.epoch, last.stop_reason) == (120, 30, StopReason.EPOCHS_REACHED)
        assert last.train_cost == pytest.approx(record.train_cost, rel=1e-12)
        assert last.validation_cost == pytest.approx(record.validation_cost, rel=1e-12)
        assert (last.train_accuracy, last.validation_accuracy) == (record.train_accuracy, record.validation_accuracy)

    def test_every_point_is_a_training_on_the_first_rows(self, iris: PreparedData) -> None:
        points = points_of(iris, self.config, seed=9)
        order = nested_order(iris.y_train, 9)
        for point in points[:-1]:
            rows = np.sort(order[: point.n_rows])
            data = Examples.of(iris.X_train[rows], iris.y_train[rows], iris.X_validation, iris.y_validation, 3)
            batch = 0 if self.config.batch_size > point.n_rows else self.config.batch_size
            record = epochs_of(run(data, TrainingConfig(epochs=30, seed=5, batch_size=batch)))[-1]
            assert point.train_cost == pytest.approx(record.train_cost, rel=1e-12)
            assert point.validation_cost == pytest.approx(record.validation_cost, rel=1e-12)

    def test_more_rows_help(self) -> None:
        rng = np.random.default_rng(0)
        y = rng.integers(0, 2, 3000)
        X = rng.normal(size=(3000, 8)) + 0.5 * y[:, np.newaxis]
        data = Examples.of(X[:1000], y[:1000], X[1000:], y[1000:])
        points = points_of(data, TrainingConfig(optimizer="lbfgs", epochs=100, l2=1e-4))
        assert points[-1].validation_cost < 0.8 * points[0].validation_cost
        gaps = [point.validation_cost - point.train_cost for point in points]
        assert abs(gaps[-1]) < 0.1 * gaps[0]

    def test_without_validation_rows(self, prepared_from) -> None:
        points = points_of(
            prepared_from(np.arange(24.0).reshape(12, 2), np.arange(12) % 2), TrainingConfig(epochs=3, batch_size=4)
        )
        assert np.isnan([point.validation_cost for point in points]).all()
        assert np.isfinite([point.train_cost for point in points]).all()

    def test_divergence_is_told(self, iris: PreparedData) -> None:
        points = points_of(iris, TrainingConfig(epochs=50, learning_rate=1e6, optimizer="gradient_descent", l2=1.0))
        assert {point.stop_reason for point in points} == {StopReason.DIVERGED}
        assert np.isfinite([point.train_cost for point in points]).all()


class TestDriving:
    def test_progress_counts_the_sizes(self, iris: PreparedData) -> None:
        seen = list(learning_curve(iris, TrainingConfig(epochs=40), slice_seconds=0.0))
        assert {progress.count for progress in seen} == {8}
        assert [p.number for p in seen] == sorted(p.number for p in seen)
        assert sorted({p.n_rows for p in seen}) == subset_sizes(120, 3)
        assert len(seen) >= 8 * 40
        assert [p.number for p in seen if p.point is not None] == list(range(1, 9))

    def test_costs_are_those_of_the_weights_that_the_time_limit_leaves(self, iris: PreparedData) -> None:
        """No check falls into the second that there is."""
        config = TrainingConfig(epochs=1_000_000, check_every=100_000)
        (point,) = points_of(iris, config, n_sizes=1, seconds_a_size=1)
        assert point.stop_reason is StopReason.TIME_LIMIT
        assert point.train_cost < 0.5

    def test_settings_that_do_not_fit_are_refused_at_once(self, prepared_from) -> None:
        data = prepared_from(np.eye(4), np.arange(4) % 2)
        with pytest.raises(SettingError) as error:
            next(learning_curve(data, TrainingConfig(batch_size=2, patience=5)))
        assert error.value.key == "patience"

    def test_who_has_had_enough_leaves_no_thread(self, iris: PreparedData) -> None:
        curve = learning_curve(iris, TrainingConfig(epochs=1_000_000), slice_seconds=0.001, threads=2)
        next(curve)
        next(curve)
        curve.close()  # a thread left behind fails the test
