from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gui.plots.ticks import count_ticks, log_count_ticks


@given(st.floats(0.0, 1e12), st.integers(1, 20))
def test_counts_are_few_and_equally_far_apart(high: float, most: int) -> None:
    ticks = count_ticks(high, most)
    assert ticks[0] == 0
    assert ticks[-1] <= high
    assert len(ticks) <= max(most, 2)
    assert len(set(np.diff(ticks))) <= 1


@given(st.integers(1, 10**12), st.integers(1, 20))
def test_counts_on_a_logarithmic_axis_are_few_and_rise(high: int, most: int) -> None:
    ticks = log_count_ticks(high, most)
    assert ticks[0] == 1
    assert ticks[-1] <= high
    assert len(ticks) <= most
    assert ticks == sorted(set(ticks))


def test_counts_as_they_are_written() -> None:
    assert count_ticks(7, 8) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert count_ticks(750, 8) == [0, 200, 400, 600]
    assert count_ticks(1, 4) == [0, 1]
    assert log_count_ticks(300, 4) == [1, 10, 100]
    assert log_count_ticks(300, 9) == [1, 2, 5, 10, 20, 50, 100, 200]
