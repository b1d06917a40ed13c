from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.schedules import (
    SCHEDULES,
    Constant,
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    Schedule,
    StepDecay,
    WarmUp,
    make_schedule,
)


def made(kind: str, warm_up_steps: int = 0) -> Schedule:
    return make_schedule(kind, rate=0.5, factor=0.25, period=100, total=1000, warm_up_steps=warm_up_steps)


# By hand: rate 0.5, factor 1/4, period 100 steps, 1,000 steps in all.
BY_HAND = {
    "constant": {0: 0.5, 1: 0.5, 999_999: 0.5},
    "step": {0: 0.5, 99: 0.5, 100: 0.125, 199: 0.125, 200: 0.03125, 1000: 0.5 * 0.25**10},
    "exponential": {0: 0.5, 50: 0.25, 100: 0.125, 150: 0.0625, 200: 0.03125, 1000: 0.5 * 0.25**10},
    "cosine": {0: 0.5, 250: 0.5 * (2 + math.sqrt(2)) / 4, 500: 0.25, 750: 0.5 * (2 - math.sqrt(2)) / 4, 1000: 0.0},
    "inverse_time": {0: 0.5, 100: 0.25, 200: 0.5 / 3, 300: 0.125, 900: 0.05},
}


def test_each_has_its_numbers_here() -> None:
    assert set(BY_HAND) == set(SCHEDULES)


@pytest.mark.parametrize("kind", SCHEDULES)
class TestEach:
    def test_is_the_written_formula(self, kind: str) -> None:
        schedule = made(kind)
        found = {step: schedule(step) for step in BY_HAND[kind]}
        assert found == pytest.approx(BY_HAND[kind], rel=1e-14, abs=1e-16)

    def test_starts_at_the_rate_and_never_rises_or_falls_below_0(self, kind: str) -> None:
        rates = [made(kind)(step) for step in range(0, 3000, 7)]
        assert rates[0] == 0.5
        assert rates == sorted(rates, reverse=True)
        assert rates[-1] >= 0.0

    def test_warms_up_in_equal_parts_and_hands_over(self, kind: str) -> None:
        plain, warmed = made(kind), made(kind, warm_up_steps=4)
        assert [warmed(step) for step in range(5)] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5], rel=1e-14)
        if kind != "cosine":  # which has 4 steps less to come down
            assert [warmed(step + 4) for step in (1, 99, 100, 500)] == [plain(step) for step in (1, 99, 100, 500)]


def test_a_cosine_is_0_at_the_last_step_with_and_without_warm_up_and_stays_there() -> None:
    for warm_up in (0, 1, 40, 999):
        schedule = made("cosine", warm_up)
        assert schedule(1000) == pytest.approx(0.0, abs=1e-17)
        assert schedule(5000) == schedule(1000)
        assert schedule(999) > 0.0


def test_a_warm_up_longer_than_the_training_still_rises() -> None:
    schedule = made("cosine", warm_up_steps=2000)
    rates = [schedule(step) for step in range(2001)]
    assert rates == sorted(rates)
    assert rates[-1] == 0.5


def test_without_warm_up_nothing_is_wrapped() -> None:
    assert made("constant") == Constant(0.5)
    assert made("constant", 3) == WarmUp(Constant(0.5), 3)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError, match="linear"):
        made("linear")


@given(rate=st.floats(1e-6, 1e3), factor=st.floats(0.01, 1.0), period=st.integers(1, 1000), n=st.integers(0, 50))
def test_step_and_exponential_decay_meet_at_every_period(rate: float, factor: float, period: int, n: int) -> None:
    expected = pytest.approx(rate * factor**n, rel=1e-12)
    assert StepDecay(rate, factor, period)(n * period) == expected
    assert ExponentialDecay(rate, factor, period)(n * period) == expected


@given(rate=st.floats(1e-6, 1e3), total=st.integers(2, 10_000), step=st.integers(0, 10_000))
def test_a_cosine_is_symmetric_about_half_the_rate(rate: float, total: int, step: int) -> None:
    step %= total + 1
    schedule = CosineDecay(rate, total)
    assert schedule(step) + schedule(total - step) == pytest.approx(rate, rel=1e-12)


@given(period=st.integers(1, 1000), n=st.integers(0, 1000))
def test_inverse_time_sums_like_a_harmonic_series(period: int, n: int) -> None:
    assert 1.0 / InverseTimeDecay(1.0, period)(n * period) == pytest.approx(1 + n, rel=1e-12)


@pytest.mark.parametrize(
    "schedule",
    [
        Constant(1e6),
        StepDecay(1e6, 1e-3, 1),
        ExponentialDecay(1e6, 1e-3, 1),
        CosineDecay(1e6, 1),
        InverseTimeDecay(1, 1),
    ],
)
def test_very_late_steps_have_a_finite_rate(schedule: Schedule) -> None:
    assert 0.0 <= schedule(10**9) <= 1e6
