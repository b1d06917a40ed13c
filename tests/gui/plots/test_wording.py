from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.plots.wording import count_text, loss_text, one_line


@given(st.text(), st.integers(1, 80))
def test_a_name_is_one_short_line(name: str, most: int) -> None:
    found = one_line(name, most)
    assert len(found) <= most
    assert len(found.splitlines()) <= 1
    if len(found) < most:
        assert found.split() == name.split()


@given(st.floats(0, 1e300))
def test_losses_are_short_and_right(loss: float) -> None:
    text = loss_text(loss, 4)
    assert len(text) <= 9
    assert float(text) == pytest.approx(loss, rel=5.1e-3, abs=5.1e-5)


@pytest.mark.parametrize(("loss", "text"), [(-0.0, "0.0000"), (math.inf, "∞"), (6.98e10, "6.98e+10"), (2.5, "2.5000")])
def test_losses_as_they_are_written(loss: float, text: str) -> None:
    assert loss_text(loss, 4) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 examples"), (1, "1 example"), (12345, "12,345 examples")])
def test_counts(count: int, text: str) -> None:
    assert count_text(count) == text
