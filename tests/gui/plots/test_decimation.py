import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gui.plots.decimation import decimate

numbers = st.floats(-1e9, 1e9, allow_subnormal=False)
gaps = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))


@st.composite
def curves(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A curve whose x does not fall, and edges that rise."""
    n = draw(st.integers(1, 300))
    x = draw(numbers) + np.cumsum(draw(arrays(float, n, elements=gaps)))
    y = draw(arrays(float, n, elements=numbers))
    left, right = sorted(draw(st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))))
    span = max(x[-1] - x[0], 1.0)
    assume(right - left > 1e-3)
    return x, y, np.linspace(x[0] + left * span, x[0] + right * span, draw(st.integers(2, 30)))


@given(curves())
def test_extremes_of_every_interval_are_kept(curve: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    x, y, edges = curve
    kept_x, kept_y = decimate(x, y, edges)
    for left, right in itertools.pairwise(edges):
        inside = y[(x >= left) & (x < right)]
        if len(inside):
            drawn = kept_y[(kept_x >= left) & (kept_x < right)]
            assert inside.min() in drawn
            assert inside.max() in drawn


@given(curves())
def test_few_points_in_order_and_none_made_up(curve: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    x, y, edges = curve
    kept_x, kept_y = decimate(x, y, edges)
    assert len(kept_x) == len(kept_y) <= 2 * (len(edges) + 1)
    assert (np.diff(kept_x) >= 0).all()
    assert np.isin(kept_x, x).all()
    assert np.isin(kept_y, y).all()


@given(curves())
def test_lines_reach_both_borders(curve: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    x, y, edges = curve
    kept_x, _ = decimate(x, y, edges)
    if x[0] < edges[0]:
        assert kept_x[0] < edges[0]
    if x[-1] >= edges[-1]:
        assert kept_x[-1] >= edges[-1]


def test_a_short_curve_is_left_alone() -> None:
    x, y = np.arange(10.0), np.arange(10.0) ** 2
    kept_x, kept_y = decimate(x, y, np.linspace(0, 9, 20))
    assert np.array_equal(kept_x, x)
    assert np.array_equal(kept_y, y)


@pytest.mark.parametrize("peak", [0, 1, 49_999, 77_777, 99_999])
def test_no_single_peak_is_lost(peak: int) -> None:
    x, y = np.arange(100_000.0), np.zeros(100_000)
    y[peak] = 5.0
    _, kept = decimate(x, y, np.linspace(0, 99_999, 400))
    assert kept.max() == 5.0


def test_an_empty_curve() -> None:
    kept_x, kept_y = decimate(np.empty(0), np.empty(0), np.linspace(0, 1, 5))
    assert len(kept_x) == len(kept_y) == 0


@pytest.mark.parametrize("n", [50, 50_000])
def test_what_is_not_a_number_takes_no_number_with_it(n: int) -> None:
    x, y = np.arange(float(n)), np.sin(np.arange(n) / 7.0)
    y[::3] = np.nan
    y[n // 2] = 9.0
    _, kept = decimate(x, y, np.linspace(0, n - 1, 40))
    assert np.nanmax(kept) == 9.0
    assert np.nanmin(kept) == np.nanmin(y)
    if n > 1000:
        assert np.isfinite(kept[2:-2]).all()
