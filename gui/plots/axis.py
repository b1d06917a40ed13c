"""An axis whose logarithmic labels can be read."""

from __future__ import annotations

import math

import pyqtgraph as pg

_MOST_DECADES_WITH_125 = 4
_MOST_LABELLED_DECADES = 7
_UNLABELLED = 0.1


class ReadableAxis(pg.AxisItem):
    """Labels 1, 2, 5, 10, ... on a logarithmic axis, and decades alone where it spans many.

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
        decades = range(math.floor(minimum), math.ceil(maximum) + 1)
        if maximum - minimum > _MOST_DECADES_WITH_125:
            every = math.ceil(len(decades) / _MOST_LABELLED_DECADES)
            return [(1.0, [float(d) for d in decades if d % every == 0 and minimum <= d <= maximum])]
        labelled = self._digits(decades, (1, 2, 5), minimum, maximum)
        if len(labelled) < 2:
            return [(1.0, self._digits(decades, range(1, 10), minimum, maximum) or [minimum, maximum])]
        return [(1.0, labelled), (_UNLABELLED, self._digits(decades, (3, 4, 6, 7, 8, 9), minimum, maximum))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """The labels of one level of ticks."""
        if not self.logMode:
            strings: list[str] = super().tickStrings(values, scale, spacing)
            return strings
        if spacing == _UNLABELLED:
            return ["" for _ in values]
        return [f"{10.0**value:.3g}" for value in values]

    @staticmethod
    def _digits(decades: range, digits: range | tuple[int, ...], minimum: float, maximum: float) -> list[float]:
        ticks = (decade + math.log10(digit) for decade in decades for digit in digits)
        return [tick for tick in ticks if minimum <= tick <= maximum]
