from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn import metrics as sk

from engine.analysis.score_curves import (
    as_steps,
    precision_recall_curves,
    roc_curves,
    rows_to_use,
    thinned,
)
from engine.errors import DataError

EVERY_POINT = 1 << 30


def learned(N: int, C: int, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, C, N)
    t = np.exp(rng.normal(size=(N, C)) + 2.0 * np.eye(C)[y])
    return y, t / t.sum(axis=1, keepdims=True)


CASES = [learned(30, 3), learned(400, 4, 1), learned(200, 12, 2), (np.arange(8) % 2, np.full((8, 2), 0.5))]


@pytest.fixture(params=range(len(CASES)))
def case(request: pytest.FixtureRequest) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    return CASES[request.param]


class TestRoc:
    def test_areas_are_scikit_learns(self, case) -> None:
        y, P = case
        one_hot = np.eye(P.shape[1])[y]
        curves = roc_curves(y, P)
        areas = sk.roc_auc_score(one_hot, P, average=None)
        np.testing.assert_allclose([curve.area for curve in curves.classes], areas, atol=1e-12)
        assert curves.macro.area == pytest.approx(np.mean(areas), abs=1e-12)
        assert curves.micro.area == pytest.approx(sk.roc_auc_score(one_hot, P, average="micro"), abs=1e-12)
        np.testing.assert_allclose(curves.base_rates, one_hot.mean(axis=0))

    def test_points_are_scikit_learns(self, case) -> None:
        y, P = case
        curves = roc_curves(y, P, EVERY_POINT)
        for c, curve in enumerate(curves.classes):
            for found, expected in zip(curve[:3], sk.roc_curve(y == c, P[:, c]), strict=True):
                np.testing.assert_array_equal(found, expected)

    def test_the_macro_average_is_the_mean_height(self, case) -> None:
        """The way of scikit-learn's example of multiclass ROC curves."""
        y, P = case
        macro = roc_curves(y, P, EVERY_POINT).macro
        assert (macro.x[0], macro.y[0]) == (0.0, 0.0)
        assert (macro.x[-1], macro.y[-1]) == (1.0, 1.0)
        found = [sk.roc_curve(y == c, P[:, c])[:2] for c in range(P.shape[1])]
        between = np.random.default_rng(0).uniform(0, 1, 50)
        heights = np.mean([np.interp(between, *curve) for curve in found], axis=0)
        grid_error = 2e-3 * np.mean([len(curve[0]) for curve in found])  # jumps between two of 1,001 levels
        assert np.abs(np.interp(between, macro.x, macro.y) - heights).max() <= min(grid_error, 0.2)
        assert float(np.trapezoid(macro.y, macro.x)) == pytest.approx(macro.area, abs=2e-3)

    def test_a_class_without_examples_has_no_curve(self) -> None:
        curves = roc_curves(np.array([0, 1, 0, 1]), np.array([[0.6, 0.3, 0.1]] * 4))
        assert len(curves.classes[2].x) == 0
        assert np.isnan(curves.classes[2].area)
        assert curves.macro.area == pytest.approx(0.5)
        assert curves.support.tolist() == [2, 2, 0]

    def test_one_class_alone_leaves_but_the_micro_average(self) -> None:
        curves = roc_curves(np.zeros(5, dtype=np.int64), learned(5, 3)[1])
        assert [len(curve.x) for curve in (*curves.classes, curves.macro)] == [0] * 4
        assert np.isnan(curves.macro.area)
        assert len(curves.micro.x) > 0


class TestPrecisionRecall:
    def test_areas_are_scikit_learns(self, case) -> None:
        y, P = case
        curves = precision_recall_curves(y, P)
        areas = [sk.average_precision_score((y == c).astype(int), P[:, c]) for c in range(P.shape[1])]
        np.testing.assert_allclose([curve.area for curve in curves.classes], areas, atol=1e-12)
        assert curves.macro.area == pytest.approx(np.mean(areas), abs=1e-12)
        micro = sk.average_precision_score(np.eye(P.shape[1])[y], P, average="micro")
        assert curves.micro.area == pytest.approx(micro, abs=1e-12)

    def test_the_area_under_the_steps_is_the_average_precision(self, case) -> None:
        curves = precision_recall_curves(*case, EVERY_POINT)
        for curve in (*curves.classes, curves.micro):
            x, y = as_steps(curve.x, curve.y)
            assert float(np.trapezoid(y, x)) == pytest.approx(curve.area, abs=1e-12)

    def test_each_threshold_has_its_precision_and_recall(self, case) -> None:
        y, P = case
        for c, curve in enumerate(precision_recall_curves(y, P).classes):
            assert (np.diff(curve.x) >= 0).all()
            assert (curve.x[0], curve.y[0], curve.thresholds[0]) == (0.0, 1.0, np.inf)
            for recall, precision, threshold in zip(*(part[1:] for part in curve[:3]), strict=True):
                taken = P[:, c] >= threshold
                assert recall == pytest.approx((y[taken] == c).sum() / (y == c).sum())
                assert precision == pytest.approx((y[taken] == c).mean())

    def test_the_macro_average_is_the_mean_height(self, case) -> None:
        y, P = case
        macro = precision_recall_curves(y, P, EVERY_POINT).macro
        assert macro.x.min() == 0.0
        assert macro.x.max() == 1.0
        for level in (0.05, 0.3, 0.5, 0.95, 1.0):
            heights = []
            for c in range(P.shape[1]):
                # The largest threshold that reaches the level.
                p = P[:, c]
                enough = [t for t in np.unique(p) if (p[y == c] >= t).mean() >= level - 1e-9]
                heights.append((y[p >= max(enough)] == c).mean())
            assert macro.y[np.searchsorted(macro.x, level - 1e-6)] == pytest.approx(np.mean(heights))
        assert float(np.trapezoid(macro.y, macro.x)) == pytest.approx(macro.area, abs=3e-3)

    def test_a_class_without_examples_has_no_curve(self) -> None:
        curves = precision_recall_curves(np.zeros(5, dtype=np.int64), learned(5, 3)[1])
        assert [len(curve.x) > 0 for curve in curves.classes] == [True, False, False]
        assert curves.classes[0].area == curves.macro.area == 1.0


class TestThinning:
    @given(arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1)), st.integers(2, 40))
    def test_nothing_left_out_is_far_from_what_is_kept(self, y: NDArray[np.float64], most: int) -> None:
        x = np.linspace(0, 1, len(y))
        kept = thinned(x, y, most)
        assert len(kept) <= max(most, 1)
        assert (np.diff(kept) > 0).all()
        assert kept[0] == 0
        assert kept[-1] == len(x) - 1
        way = np.abs(np.diff(x)).sum() + np.abs(np.diff(y)).sum()
        distances = np.abs(x[:, None] - x[kept]) + np.abs(y[:, None] - y[kept])
        assert distances.min(axis=1).max() <= way / (most - 1) + 1e-12

    def test_long_curves_become_short(self) -> None:
        curves = roc_curves(*learned(20_000, 5), most_points=100)
        full = roc_curves(*learned(20_000, 5), most_points=EVERY_POINT)
        for curve, exact in zip((*curves.classes, curves.micro), (*full.classes, full.micro), strict=True):
            assert 50 < len(curve.x) <= 100 < len(exact.x)
            assert curve.area == exact.area
            assert np.isin(curve.thresholds, exact.thresholds).all()
            assert float(np.trapezoid(curve.y, curve.x)) == pytest.approx(exact.area, abs=1e-3)

    def test_many_rows_are_sampled(self) -> None:
        assert rows_to_use(150, 3) == 150
        assert rows_to_use(1_000_000, 2) == 200_000
        assert 1_000 < rows_to_use(1_000_000, 1_000) < 10_000
        assert rows_to_use(5, 10_000_000) == 1


@pytest.mark.parametrize("curves", [roc_curves, precision_recall_curves])
def test_nan_is_refused(curves) -> None:
    with pytest.raises(DataError, match="nan"):
        curves(np.array([0, 1]), np.array([[0.5, 0.5], [np.nan, 0.5]]))


@pytest.mark.parametrize("curves", [roc_curves, precision_recall_curves])
def test_points_are_read_only(curves) -> None:
    found = curves(*learned(30, 3))
    for curve in (*found.classes, found.macro, found.micro):
        for part in curve[:3]:
            with pytest.raises(ValueError, match="read-only"):
                part[0] = 0.5
