"""The next value up or down when an arrow of a field is pressed."""

from __future__ import annotations

import math

from engine.specs import IntegerSpec, RealSpec

_FIRST_LOG_STEP = 1e-4


def stepped(spec: RealSpec | IntegerSpec, value: float, steps: int) -> float:
    """``value`` moved by ``steps`` in the manner of its scale, inside the range of ``spec``."""
    for _ in range(abs(steps)):
        value = _once(spec, value, up=steps > 0)
    return value


def _once(spec: RealSpec | IntegerSpec, value: float, *, up: bool) -> float:
    if isinstance(spec, IntegerSpec):
        new = _doubled(int(value), up=up) if spec.scale == "log" else value + (1 if up else -1)
        return min(max(new, spec.low), spec.high)
    if spec.scale == "linear":
        new = round(value + (0.05 if up else -0.05), 10)
        return min(max(new, spec.low), spec.high)
    new = _next_of_1_2_5(value, up=up)
    if spec.low_open and new <= spec.low:
        return value
    return min(max(new, spec.low), spec.high)


def _doubled(value: int, *, up: bool) -> int:
    """Powers of two and their like: 0, 1, 2, 4, ...; 32 goes to 64, 100 to 200."""
    if up:
        return max(1, 2 * value)
    return value // 2


def _next_of_1_2_5(value: float, *, up: bool) -> float:
    """The next of ..., 0.1, 0.2, 0.5, 1, 2, 5, ...; 0 lies below the smallest one."""
    if value <= 0:
        return _FIRST_LOG_STEP if up else 0.0
    decade = math.floor(math.log10(value))
    candidates = sorted(float(f"{digit}e{power}") for power in range(decade - 1, decade + 2) for digit in (1, 2, 5))
    slack = 1e-9
    if up:
        return next(c for c in candidates if c > value * (1 + slack))
    below = max(c for c in candidates if c < value * (1 - slack))
    return below if below >= _FIRST_LOG_STEP * (1 - slack) or value > _FIRST_LOG_STEP * (1 + slack) else 0.0
