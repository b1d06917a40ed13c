import pytest

from gui.rate import RateMeter


def test_no_rate_before_two_times() -> None:
    meter = RateMeter()
    assert meter.per_second is None
    meter.add(10, now=1.0)
    assert meter.per_second is None
    meter.add(20, now=1.0)
    assert meter.per_second is None


def test_steady_rate() -> None:
    meter = RateMeter()
    for tick in range(20):
        meter.add(500.0 * tick, now=100 + 0.1 * tick)
    assert meter.per_second == pytest.approx(5000)


def test_forgets_what_lies_outside_the_window() -> None:
    meter = RateMeter(window=1.0)
    for tick in range(50):  # slow for five seconds, then ten times as fast
        meter.add(tick, now=0.1 * tick)
    for tick in range(1, 21):
        meter.add(49 + 10 * tick, now=4.9 + 0.1 * tick)
    assert meter.per_second == pytest.approx(100)


def test_long_gaps_still_have_a_rate() -> None:
    meter = RateMeter(window=1.0)
    for tick in range(4):
        meter.add(30.0 * tick, now=5.0 * tick)
    assert meter.per_second == pytest.approx(6)


def test_clear() -> None:
    meter = RateMeter()
    meter.add(0, now=0.0)
    meter.add(9, now=1.0)
    meter.clear()
    assert meter.per_second is None
