from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.errors import DataError, SettingError
from engine.metrics.calibration import top_label
from engine.metrics.confidence import confidence_histogram, mean_probabilities

Predictions: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


class TestConfidenceHistogram:
    @given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 80), st.integers(1, 25))
    def test_counts_are_numpys(self, seed: int, C: int, N: int, n_bins: int) -> None:
        rng = np.random.default_rng(seed)
        y, P = rng.integers(0, C, N), rng.dirichlet(np.full(C, 0.4), size=N)
        confidence, is_right = top_label(y, P)
        found = confidence_histogram(confidence, is_right, C, n_bins)
        inside = confidence.clip(1 / C, 1)
        assert found.right.tolist() == np.histogram(inside[is_right], found.edges)[0].tolist()
        assert found.wrong.tolist() == np.histogram(inside[~is_right], found.edges)[0].tolist()
        assert found.accuracy == pytest.approx(np.mean(P.argmax(axis=1) == y))
        assert found.mean_confidence == pytest.approx(math.fsum(max(row) for row in P.tolist()) / N)

    def test_every_example_of_any_predictions_is_counted_once(self, predictions: Predictions) -> None:
        y, P = predictions
        found = confidence_histogram(*top_label(y, P), P.shape[1])
        assert (found.right + found.wrong).sum() == len(y)
        assert found.right.sum() == np.count_nonzero(np.asarray(P).argmax(axis=1) == y)
        assert len(found.right) == len(found.wrong) == len(found.edges) - 1 == 20

    def test_edges_go_from_chance_to_certainty(self) -> None:
        found = confidence_histogram(np.array([0.3]), np.array([True]), 4, n_bins=3)
        np.testing.assert_allclose(found.edges, [0.25, 0.5, 0.75, 1.0])

    def test_a_bin_holds_its_lower_edge_and_the_last_one_certainty(self) -> None:
        values = np.array([0.5, 0.625, 0.75, 1.0])
        found = confidence_histogram(values, np.array([True, False, True, True]), 2, n_bins=2)
        assert found.right.tolist() == [1, 2]
        assert found.wrong.tolist() == [1, 0]

    def test_what_rounding_has_put_below_chance_is_in_the_first_bin(self) -> None:
        third = np.float32(1 / 3) - np.float32(1e-6)
        assert confidence_histogram(np.array([third]), np.array([False]), 3).wrong[0] == 1

    @pytest.mark.parametrize(
        ("confidence", "is_right"),
        [([], []), ([math.nan], [True]), ([1.5], [True]), ([0.5, 0.5], [True])],
        ids=["none", "no number", "too large", "lengths"],
    )
    def test_what_cannot_be_counted_is_refused(self, confidence: list[float], is_right: list[bool]) -> None:
        with pytest.raises(DataError):
            confidence_histogram(np.array(confidence, dtype=float), np.array(is_right, dtype=bool), 2)

    @pytest.mark.parametrize(("n_classes", "n_bins"), [(1, 20), (2, 0)])
    def test_settings_that_make_no_bins_are_refused(self, n_classes: int, n_bins: int) -> None:
        with pytest.raises(SettingError):
            confidence_histogram(np.array([0.5]), np.array([True]), n_classes, n_bins)


class TestMeanProbabilities:
    def test_is_the_written_sum(self, predictions: Predictions) -> None:
        y, P = predictions
        C = P.shape[1]
        found = mean_probabilities(y, P)
        for c in range(C):
            rows = [row for true, row in zip(y.tolist(), P.tolist(), strict=True) if true == c]
            assert found.counts[c] == len(rows)
            if rows:
                expected = [math.fsum(row[j] for row in rows) / len(rows) for j in range(C)]
                np.testing.assert_allclose(found.probabilities[c], expected, rtol=0, atol=1e-12)
            else:
                assert np.isnan(found.probabilities[c]).all()

    def test_readers_cannot_write(self) -> None:
        for column in mean_probabilities(np.array([0, 1]), np.eye(2)):
            with pytest.raises(ValueError, match="read-only"):
                column[0] = 0

    def test_no_numbers_are_refused(self) -> None:
        with pytest.raises(DataError):
            mean_probabilities(np.array([0]), np.array([[math.nan, 0.5]]))
