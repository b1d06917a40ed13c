from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.decision_regions import Window, density, nearest_example, steady_sample

WINDOW = Window(-2.0, -1.0, 2.0, 3.0)


class TestDensity:
    @pytest.mark.parametrize("C", [2, 7])
    def test_counts_what_numpys_histogram_counts(self, C: int) -> None:
        rng = np.random.default_rng(C)
        columns, y = rng.normal(size=(2, 20_000)), rng.integers(0, C, 20_000)
        found = density(columns, y, C, WINDOW, 20, 16)
        edges = np.linspace(-2, 2, 21), np.linspace(-1, 3, 17)
        per_class = np.stack([np.histogram2d(*columns[:, y == c], bins=edges)[0].T for c in range(C)])
        assert np.array_equal(found.number, per_class.sum(axis=0))
        assert np.array_equal(found.commonest, per_class.argmax(axis=0))

    def test_what_lies_outside_or_is_no_number_does_not_count(self) -> None:
        columns = np.array(
            [[-2.1, 2.0, 0.0, 0.0, np.nan, np.inf, -1e308, 0.1], [0.0, 0.0, -1.1, 3.0, 0.0, 0.0, 0.0, 0.1]]
        )
        found = density(columns, np.arange(8) % 2, 2, WINDOW, 4, 4)
        assert found.number.sum() == 1
        assert found.number[1, 2] == 1
        assert found.commonest[1, 2] == 1

    def test_no_example(self) -> None:
        assert density(np.empty((2, 0)), np.empty(0, dtype=np.int64), 3, WINDOW, 3, 2).number.tolist() == [[0] * 3] * 2


class TestNearestExample:
    @given(arrays(np.float64, st.tuples(st.just(2), st.integers(1, 30)), elements=st.floats(-9, 9)), st.floats(0.1, 10))
    def test_is_the_nearest_in_units_of_the_axes(self, columns: np.ndarray, height: float) -> None:
        index, distance = nearest_example(columns, 1.0, -2.0, (0.5, height))
        all_distances = [np.hypot((x - 1.0) / 0.5, (y + 2.0) / height) for x, y in columns.T]
        assert distance == pytest.approx(min(all_distances))
        assert all_distances[index] == pytest.approx(min(all_distances))

    def test_of_numbers_too_large_to_be_squared(self) -> None:
        index, _ = nearest_example(np.array([[1e300, 2.0], [-1e300, 3.0]]), 0.0, 0.0, (1e-3, 1e-3))
        assert index == 1


class TestSteadySample:
    @given(st.sets(st.integers(0, 10**6), max_size=60), st.integers(1, 40))
    def test_takes_as_many_as_it_may_in_order(self, indices: set[int], most: int) -> None:
        found = steady_sample(np.array(sorted(indices), dtype=np.int64), most)
        assert len(found) == min(most, len(indices))
        assert set(found.tolist()) <= indices
        assert (np.diff(found) > 0).all()

    @given(st.sets(st.integers(0, 10**6), min_size=50, max_size=90), st.integers(10, 40), st.data())
    def test_those_chosen_stay_when_others_go(self, indices: set[int], most: int, data: st.DataObject) -> None:
        before = set(steady_sample(np.array(sorted(indices)), most).tolist())
        gone = data.draw(st.sets(st.sampled_from(sorted(indices)), max_size=10))
        after = set(steady_sample(np.array(sorted(indices - gone)), most).tolist())
        assert before - gone <= after

    def test_is_spread_over_all(self) -> None:
        found = steady_sample(np.arange(100_000), 500)
        assert np.histogram(found, bins=10, range=(0, 100_000))[0].min() > 30
