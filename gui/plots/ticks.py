"""Round numbers for the axes of plots that paint themselves."""

from __future__ import annotations

import math


def count_ticks(high: float, most: int) -> list[int]:
    """At most ``most`` whole numbers, at equal round distances, from 0 to ``high`` at the most."""
    step = max(high / max(most - 1, 1), 1.0)
    decade = 10.0 ** math.floor(math.log10(step))
    step = next(decade * digit for digit in (1, 2, 5, 10) if decade * digit >= step * (1 - 1e-9))
    return [round(step * n) for n in range(math.floor(high / step) + 1)]


def log_count_ticks(high: float, most: int) -> list[int]:
    """At most ``most`` of 1, 10, 100, ... up to ``high``, evenly chosen; 2 and 5 among them where they find room."""
    decades = max(math.floor(math.log10(max(high, 1.0))), 0) + 1
    if 3 * decades <= most:
        return [digit * 10**n for n in range(decades) for digit in (1, 2, 5) if digit * 10**n <= high]
    return [10**n for n in range(0, decades, math.ceil(decades / max(most, 1)))]
