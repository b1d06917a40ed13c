from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.analysis.simplex import corners, place, shares, winning_regions


@st.composite
def thirds(draw: st.DrawFn, n: int = 3) -> NDArray[np.float64]:
    weights = np.array(draw(st.lists(st.floats(1e-6, 1.0), min_size=n, max_size=n)))
    return weights / weights.sum()


def area(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def contains(polygon: NDArray[np.float64], point: NDArray[np.float64]) -> bool:
    """Whether ``point`` lies in a convex polygon, whichever way round that is."""
    turns = [area(polygon[i - 1], polygon[i], point) for i in range(len(polygon))]
    return all(turn >= -1e-12 for turn in turns) or all(turn <= 1e-12 for turn in turns)


@pytest.mark.parametrize("n", [2, 3])
def test_certainty_is_at_the_corners_which_are_1_apart(n: int) -> None:
    np.testing.assert_allclose(place(np.eye(n)), corners(n))
    for i in range(n):
        for j in range(i):
            assert math.dist(corners(n)[i], corners(n)[j]) == pytest.approx(1.0)


@given(thirds())
def test_probabilities_are_the_shares_of_the_area_opposite(p: NDArray[np.float64]) -> None:
    a, b, c = corners(3)
    point = place(p[np.newaxis])[0]
    parts = [area(point, b, c), area(a, point, c), area(a, b, point)]
    np.testing.assert_allclose(np.array(parts) / area(a, b, c), p, atol=1e-12)


@given(thirds(2))
def test_on_a_line_the_second_probability_is_the_distance_from_the_first_end(p: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(place(p[np.newaxis]), [[p[1], 0.0]])


@given(thirds())
def test_a_point_lies_in_the_region_of_its_likeliest_class(p: NDArray[np.float64]) -> None:
    point = place(p[np.newaxis])[0]
    assert contains(winning_regions(3)[int(p.argmax())], point)


@pytest.mark.parametrize("n", [2, 3])
def test_the_regions_part_the_whole(n: int) -> None:
    if n == 2:
        assert sorted(region[:, 0].tolist() for region in winning_regions(2)) == [[0.0, 0.5], [1.0, 0.5]]
    else:
        sizes = [abs(sum(area(r[0], r[i], r[i + 1]) for i in (1, 2))) for r in winning_regions(3)]
        np.testing.assert_allclose(sizes, abs(area(*corners(3))) / 3)


def test_shares_of_some_classes_sum_to_1_again() -> None:
    P = np.array([[0.4, 0.2], [0.25, 0.25]], dtype=np.float32)
    found = shares(P)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [[2 / 3, 1 / 3], [0.5, 0.5]], rtol=1e-6)


def test_nothing_can_be_shared_out_where_all_is_with_other_classes() -> None:
    found = shares(np.array([[0.0, 0.0], [math.nan, 0.5]]))
    assert np.isnan(found).all()
