"""Where everything in the picture of a confusion matrix lies, for any number of classes and any room."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF

GAP = 5.0
_MOST_NAMES_MEASURED = 60
_LONGEST_NAME = 170.0
_NAMES_SHARE = 0.26  # of the room, at most
_WIDEST_CELL, _HIGHEST_CELL = 2.4, 1.25  # of the other side
_LEAST_SHARE_OF_CELLS = 0.4  # of either side of the room, if there are to be margins
_LINES_WITH_CAPTION = 13
# Size of the numbers with the width they ask for, both relative to the font's: large where there is plenty of room.
_NUMBER_SIZES = ((1.5, 3.0), (1.2, 2.2), (1.0, 1.15), (0.9, 1.1), (0.8, 1.05))


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be written: class names, the widest number of a cell, and titles and widest number of the margins."""

    names: tuple[str, ...]
    widest_number: str
    widest_total: str
    total: str
    recall: str
    precision: str


@dataclass(frozen=True, slots=True)
class ConfusionLayout:
    """The place of the cells, of their names and of the margins; lengths in logical pixels.

    Every ``row_step``-th class is named at the left in ``names_width``, every ``column_step``-th above in
    ``names_height``. ``number_font`` is None where numbers do not fit, ``margins`` holds the widths of the columns of
    totals and recall, None where they find no room, and ``caption`` is the place of a sentence, if there is one.
    """

    n_classes: int
    line: float
    cells: QRectF
    names_width: float
    names_height: float
    rotated: bool
    row_step: int
    column_step: int
    number_font: QFont | None
    margins: tuple[float, float] | None
    caption: QRectF | None

    @property
    def cell_width(self) -> float:
        """Width of a cell."""
        return self.cells.width() / self.n_classes

    @property
    def cell_height(self) -> float:
        """Height of a cell."""
        return self.cells.height() / self.n_classes

    def cell(self, actual: int, predicted: int) -> QRectF:
        """The place of a cell."""
        width, height = self.cell_width, self.cell_height
        return QRectF(self.cells.left() + predicted * width, self.cells.top() + actual * height, width, height)

    def row_at(self, point: QPointF) -> int | None:
        """The actual class at the height of ``point``."""
        row = math.floor((point.y() - self.cells.top()) / self.cell_height)
        return row if 0 <= row < self.n_classes else None

    def column_at(self, point: QPointF) -> int | None:
        """The predicted class above or beneath ``point``."""
        column = math.floor((point.x() - self.cells.left()) / self.cell_width)
        return column if 0 <= column < self.n_classes else None


def lay_out(rect: QRectF, font: QFont, words: Words) -> ConfusionLayout:
    """Lay out in ``rect``, with margins where the cells and their numbers remain large enough beside them."""
    layout = _lay_out(rect, font, words, with_margins=True)
    roomy = (
        layout.number_font is not None
        and QFontMetricsF(_at_most(layout.number_font, font)).horizontalAdvance(words.widest_total) < layout.cell_width
        and layout.cells.width() >= _LEAST_SHARE_OF_CELLS * min(rect.width(), 1.5 * rect.height())
        and layout.cells.height() >= _LEAST_SHARE_OF_CELLS * min(rect.height(), 1.5 * rect.width())
    )
    return layout if roomy else _lay_out(rect, font, words, with_margins=False)


def margin_font(layout: ConfusionLayout, font: QFont) -> QFont:
    """The font of the margins: that of the numbers, but never larger than ``font``."""
    return _at_most(layout.number_font, font) if layout.number_font else font


def _lay_out(rect: QRectF, font: QFont, words: Words, *, with_margins: bool) -> ConfusionLayout:
    metrics = QFontMetricsF(font)
    line, n = metrics.height(), len(words.names)
    widest = max(map(metrics.horizontalAdvance, words.names[:: -(-n // _MOST_NAMES_MEASURED)]))
    margins = _margin_widths(metrics, words) if with_margins else None
    names_width = min(widest + 2, _NAMES_SHARE * rect.width(), _LONGEST_NAME)
    if with_margins:
        names_width = max(names_width, metrics.horizontalAdvance(words.precision))
    left = line + GAP + names_width + GAP
    width = max(rect.width() - left - (sum(margins) + GAP if margins else 2.0), 1.0)
    caption = line + GAP if rect.height() >= _LINES_WITH_CAPTION * line else 0.0
    rotated, names_height = _column_names(widest, line, width / n, rect.height())
    top = line + names_height + 1.5 * GAP
    height = max(rect.height() - top - caption - (2 * line + GAP if with_margins else 2.0), 1.0)
    cell_width = _whole(min(width / n, _WIDEST_CELL * height / n))
    cell_height = _whole(min(height / n, _HIGHEST_CELL * cell_width))
    spare_x, spare_y = width - n * cell_width, height - n * cell_height
    cells = QRectF(
        round(rect.left() + left + spare_x / 2), round(rect.top() + top + spare_y / 2), n * cell_width, n * cell_height
    )
    return ConfusionLayout(
        n_classes=n,
        line=line,
        cells=cells,
        names_width=names_width,
        names_height=names_height,
        rotated=rotated,
        row_step=_round_step(line / cell_height),
        column_step=_round_step((line if rotated else min(widest + GAP, 3.5 * line)) / cell_width),
        number_font=_number_font(font, words.widest_number, cell_width, cell_height),
        margins=margins,
        caption=QRectF(rect.left(), rect.bottom() - line - 1, rect.width(), line) if caption else None,
    )


def _margin_widths(metrics: QFontMetricsF, words: Words) -> tuple[float, float]:
    total = max(map(metrics.horizontalAdvance, (words.total, words.widest_total)))
    return total + 2 * GAP, metrics.horizontalAdvance(words.recall) + 2 * GAP


def _column_names(widest: float, line: float, cell_width: float, height: float) -> tuple[bool, float]:
    """Whether the names above the columns are turned, and the height they take."""
    upright = widest + GAP <= max(cell_width, 3.5 * line) or cell_width >= 4.5 * line
    return (False, line) if upright else (True, min(widest + GAP, _NAMES_SHARE * height, 0.8 * _LONGEST_NAME))


def _number_font(font: QFont, text: str, width: float, height: float) -> QFont | None:
    for size, room in _NUMBER_SIZES:
        scaled = QFont(font)
        scaled.setPointSizeF(font.pointSizeF() * size)
        metrics = QFontMetricsF(scaled)
        if metrics.horizontalAdvance(text) * room + 2 <= width and metrics.height() * min(room, 2.0) * 0.9 <= height:
            return scaled
    return None


def _at_most(number_font: QFont, font: QFont) -> QFont:
    return number_font if number_font.pointSizeF() <= font.pointSizeF() else font


def _whole(length: float) -> float:
    """Cells of whole pixels are all of one size; tiny ones would lose too much."""
    return float(math.floor(length)) if length >= 8.0 else length


def _round_step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is at least ``least``."""
    step = 1
    while step < least:
        leading = int(str(step)[0])
        step = step * 5 // 2 if leading == 2 else step * 2
    return step
