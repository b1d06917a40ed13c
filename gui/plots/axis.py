"""An axis whose logarithmic labels can be read."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pyqtgraph as pg

_LABELLED, _UNLABELLED = 1.0, 0.1
_ROOM_FOR_LABEL = {"left": 22.0, "bottom": 52.0}  # pixels that a label takes along its axis, with some air
_SMALLEST_GAP = math.log10(2.0)  # in decades, between two successive ones of 1, 2, 5, 10
_FEWEST_LABELS, _MOST_DECADES = 2, 8
_LONG_LABEL = 1.4  # times as long is the label of a number between two round ones


class ReadableAxis(pg.AxisItem):
    """Labels 1, 2, 5, 10, ... on a logarithmic axis while there is room, then decades, then every other decade.

    pyqtgraph 0.14 labels every digit of every decade, one on top of the other.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        self.setStyle(hideOverlappingLabels=False, tickLength=-4)

    def tickValues(self, minimum: float, maximum: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """Labelled ticks, then the others, in the axis's own coordinates."""
        if not self.logMode:
            levels: list[tuple[float, list[float]]] = super().tickValues(minimum, maximum, size)[:2]
            return levels
        room = _ROOM_FOR_LABEL[self.orientation] * (maximum - minimum) / max(size, 1.0)  # in decades
        decades = range(math.floor(minimum), math.ceil(maximum) + 1)
        if room > _SMALLEST_GAP:
            every = max(math.ceil(room), math.ceil(len(decades) / _MOST_DECADES))
            labelled = [float(decade) for decade in decades if decade % every == 0 and minimum <= decade <= maximum]
            if len(labelled) >= _FEWEST_LABELS:
                return [(_LABELLED, labelled)]
        else:
            labelled = _logs(decades, (1, 2, 5), minimum, maximum)
            if len(labelled) > _FEWEST_LABELS:
                return [(_LABELLED, labelled), (_UNLABELLED, _logs(decades, (3, 4, 6, 7, 8, 9), minimum, maximum))]
        return [(_LABELLED, _evenly_spaced(minimum, maximum, size / _ROOM_FOR_LABEL[self.orientation] / _LONG_LABEL))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """The labels of one level of ticks."""
        if not self.logMode:
            strings: list[str] = super().tickStrings(values, scale, spacing)
            return strings
        if spacing == _UNLABELLED:
            return ["" for _ in values]
        return [f"{10.0**value:.6g}" for value in values]


def _logs(decades: range, digits: Iterable[int], minimum: float, maximum: float) -> list[float]:
    ticks = sorted(decade + math.log10(digit) for decade in decades for digit in digits)
    return [tick for tick in ticks if minimum <= tick <= maximum]


def _evenly_spaced(minimum: float, maximum: float, most: float) -> list[float]:
    """Round numbers at equal distances, for an axis that shows but a piece of a decade or two; at their logarithms."""
    low, high = 10.0**minimum, 10.0**maximum
    # Labels crowd where the axis is densest, at its upper end.
    least_step = (high - high * 10.0 ** (-(maximum - minimum) / max(most, 1.0))) or high
    decade = 10.0 ** math.floor(math.log10(least_step))
    step = next(decade * digit for digit in (1, 2, 5, 10) if decade * digit >= least_step)
    first, last = math.ceil(low / step), math.floor(high / step)
    ticks = [math.log10(n * step) for n in range(max(first, 1), last + 1)]
    return ticks or [(minimum + maximum) / 2]
