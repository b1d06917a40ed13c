from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, top_k_accuracy_score

from engine.metrics import RankingCounts, class_report, confusion_matrix, count_ranking, top_k_accuracy


@st.composite
def rankings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Logits with many ties, and true classes."""
    C, N = draw(st.integers(2, 14)), draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return rng.integers(0, draw(st.integers(1, 6)), (N, C)).astype(float), rng.integers(0, C, N)


@given(rankings())
def test_as_the_metrics_that_look_at_everything_at_once(ranking: tuple[np.ndarray, np.ndarray]) -> None:
    logits, y = ranking
    C = logits.shape[1]
    counts = count_ranking(logits, y)
    for k in range(1, min(10, C) + 1):
        assert counts.top_k(k) == pytest.approx(top_k_accuracy(y, logits, k), rel=1e-15)
    report = class_report(confusion_matrix(y, logits.argmax(axis=1), C))
    assert counts.macro_f1 == pytest.approx(report.macro.f1, rel=1e-15)


def test_as_scikit_learn_has_it() -> None:
    rng = np.random.default_rng(1)
    logits, y = rng.normal(size=(500, 12)), np.r_[np.arange(12), rng.integers(0, 12, 488)]
    counts = count_ranking(logits, y)
    for k in range(1, 11):
        assert counts.top_k(k) == pytest.approx(top_k_accuracy_score(y, logits, k=k, labels=range(12)))
    predicted = logits.argmax(axis=1)
    assert counts.macro_f1 == pytest.approx(f1_score(y, predicted, labels=range(12), average="macro", zero_division=0))


@given(rankings(), st.integers(0, 60))
def test_parts_add_up(ranking: tuple[np.ndarray, np.ndarray], cut: int) -> None:
    logits, y = ranking
    parts = count_ranking(logits[:cut], y[:cut]).plus(count_ranking(logits[cut:], y[cut:]))
    for part, whole in zip(parts, count_ranking(logits, y), strict=True):
        np.testing.assert_array_equal(part, whole)


def test_a_row_that_is_no_number_is_never_right() -> None:
    logits = np.array([[math.nan, 1.0, 2.0], [5.0, 1.0, math.nan], [0.0, 3.0, 1.0]])
    counts = count_ranking(logits, np.array([0, 0, 1]))
    assert [counts.top_k(k) for k in (1, 2, 3)] == pytest.approx([1 / 3] * 3)
    assert counts.macro_f1 == pytest.approx(1 / 3)


def test_without_an_example_there_is_no_number() -> None:
    nothing = RankingCounts.none(3)
    assert math.isnan(nothing.top_k(2))
    assert math.isnan(nothing.macro_f1)
    assert nothing.plus(nothing).n == 0
