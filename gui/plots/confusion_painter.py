"""Paints a confusion matrix: cells, numbers, names and margins; on a screen and on paper."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.plots.coloured_image import colour_table, coloured_image
from gui.plots.confusion_cells import ConfusionCells, Measure, level_colours, level_inks, percent, pooled
from gui.plots.confusion_layout import GAP, ConfusionLayout, Words, lay_out, margin_font
from gui.plots.wording import one_line
from gui.theme import Theme, blended

_MOST_CLASSES_AS_RECTANGLES = 64
_MOST_CLASSES_WITH_ZEROS = 12
_LEAST_CELL_WITH_GRID = 7.0
_LEAST_OUTLINE = 7.0
_PIXELS_ON_PAPER = 1200
_LONGEST_TEXT = 400
_SIDES = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
# Put together once: Python takes longer for it than Qt for the text.
_FLAGS = {
    side: int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine | Qt.TextFlag.TextDontClip)
    for side in _SIDES
}


def layout_of(rect: QRectF, font: QFont, cells: ConfusionCells, names: tuple[str, ...]) -> ConfusionLayout:
    """Where ``cells`` with the class ``names`` lie in ``rect``."""
    words = Words(
        names=names,
        widest_number=cells.widest_text(),
        widest_total=f"{max(cells.total, 1000):,}",
        total=QCoreApplication.translate("Confusion", "total"),
        recall=QCoreApplication.translate("Confusion", "recall %"),
        precision=QCoreApplication.translate("Confusion", "precision %"),
    )
    return lay_out(rect, font, words)


class ConfusionPainter:
    """Paints ``cells`` as ``layout`` says; one use."""

    def __init__(
        self,
        painter: QPainter,
        layout: ConfusionLayout,
        cells: ConfusionCells,
        names: tuple[str, ...],
        theme: Theme,
        font: QFont,
    ) -> None:
        self._painter = painter
        self._layout = layout
        self._cells = cells
        self._names = names
        self._theme = theme
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._colours = level_colours(theme)

    def paint(self) -> None:
        """Paint everything but outlines and caption."""
        self._painter.setFont(self._font)
        if self._layout.n_classes <= _MOST_CLASSES_AS_RECTANGLES:
            self._paint_rectangles()
        else:
            self._paint_image()
        self._paint_grid()
        self._paint_titles()
        self._paint_row_names()
        self._paint_column_names()
        if self._layout.number_font is not None:
            self._paint_numbers(self._layout.number_font)
        if self._layout.margins is not None:
            self._paint_margins(*self._layout.margins)

    def outline(self, actual: int, predicted: int, colour: str, *, dashed: bool = False) -> None:
        """Draw a frame round a cell, however small it is, that shows on dark and on pale cells."""
        cell = self._layout.cell(actual, predicted)
        x = max((_LEAST_OUTLINE - cell.width()) / 2, 0.0)
        y = max((_LEAST_OUTLINE - cell.height()) / 2, 0.0)
        frame = cell.adjusted(-x, -y, x, y)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        for width, ink in ((4.0, self._theme.card), (2.0, colour)):
            pen = QPen(QColor(ink), width)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            if dashed and ink == colour:
                pen.setDashPattern([2.0, 1.5])
            self._painter.setPen(pen)
            self._painter.drawRect(frame)

    def caption(self, text: str) -> None:
        """Write a sentence beneath, where there is room."""
        if self._layout.caption is not None:
            self._painter.setPen(QColor(self._theme.muted))
            self._write(self._layout.caption, text, Qt.AlignmentFlag.AlignLeft, Qt.TextElideMode.ElideRight)

    def _paint_rectangles(self) -> None:
        levels = self._cells.levels.tolist()
        inks = [QColor(*rgba) for rgba in self._colours.tolist()]
        self._painter.fillRect(self._layout.cells, inks[0])
        for actual, row in enumerate(levels):
            for predicted, level in enumerate(row):
                if level:
                    self._painter.fillRect(self._layout.cell(actual, predicted), inks[level])

    def _paint_image(self) -> None:
        place = self._layout.cells
        finest = _PIXELS_ON_PAPER if self._theme.for_paper else 0
        levels = pooled(
            self._cells.levels, max(math.ceil(place.height()), finest), max(math.ceil(place.width()), finest)
        )
        image = coloured_image(levels, colour_table(self._colours))
        if self._theme.for_paper:  # programs that show a picture file would blur cells of a pixel each
            times = -(-_PIXELS_ON_PAPER // min(levels.shape))
            image = image.scaled(image.size() * times)
        self._painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        self._painter.drawImage(place, image)

    def _paint_grid(self) -> None:
        layout, place = self._layout, self._layout.cells
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._theme.for_paper)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(blended(self._theme.border, self._theme.card, 0.7), 1.0))
        if min(layout.cell_width, layout.cell_height) >= _LEAST_CELL_WITH_GRID:
            for k in range(1, layout.n_classes):
                x, y = place.left() + k * layout.cell_width, place.top() + k * layout.cell_height
                self._painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
                self._painter.drawLine(QPointF(place.left(), y), QPointF(place.right(), y))
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(QPen(QColor(self._theme.border), 1.0))
        self._painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))  # around: the first cells may be one pixel wide

    def _paint_titles(self) -> None:
        layout, place = self._layout, self._layout.cells
        title = QCoreApplication.translate("Confusion", "predicted class")
        unit = {
            Measure.COUNTS: QCoreApplication.translate("Confusion", "{title} (number of examples)"),
            Measure.ROWS: QCoreApplication.translate("Confusion", "{title} (% of the row)"),
            Measure.COLUMNS: QCoreApplication.translate("Confusion", "{title} (% of the column)"),
        }[self._cells.measure].format(title=title)
        if self._metrics.horizontalAdvance(unit) <= place.right() - self._left_of_names():
            title = unit
        self._painter.setPen(QColor(self._theme.text))
        centre = Qt.AlignmentFlag.AlignHCenter
        above = QRectF(place.left(), self._top_of_names() - layout.line, place.width(), layout.line)
        if self._metrics.horizontalAdvance(title) > above.width():
            above.setLeft(self._left_of_names())
            self._write(above, title, Qt.AlignmentFlag.AlignRight)
        else:
            self._write(above, title, centre)
        actual = QCoreApplication.translate("Confusion", "actual class")
        beside = QPointF(self._left_of_names() - GAP - layout.line / 2, place.center().y())
        self._write_upwards(beside, place.height(), actual, centre)

    def _paint_row_names(self) -> None:
        layout = self._layout
        self._painter.setPen(QColor(self._theme.muted))
        for k in range(0, layout.n_classes, layout.row_step):
            cell = layout.cell(k, 0)
            place = QRectF(self._left_of_names(), cell.center().y() - layout.line / 2, layout.names_width, layout.line)
            self._write(place, self._names[k], Qt.AlignmentFlag.AlignRight)

    def _paint_column_names(self) -> None:
        layout = self._layout
        bottom = layout.cells.top() - GAP / 2
        room = layout.cell_width * layout.column_step - 2.0
        for k in range(0, layout.n_classes, layout.column_step):
            x = layout.cell(0, k).center().x()
            if layout.rotated:
                middle = QPointF(x, bottom - layout.names_height / 2)
                self._write_upwards(middle, layout.names_height, self._names[k], Qt.AlignmentFlag.AlignLeft)
            else:
                place = QRectF(x - room / 2, bottom - layout.line, room, layout.line)
                self._write(place, self._names[k], Qt.AlignmentFlag.AlignHCenter)

    def _paint_numbers(self, font: QFont) -> None:
        cells, layout = self._cells, self._layout
        self._painter.setFont(font)
        zeros = layout.n_classes <= _MOST_CLASSES_WITH_ZEROS
        inks = level_inks(self._theme)
        faint = QColor(blended(self._theme.muted, self._theme.card, 0.6))
        levels = cells.levels.tolist()
        for actual, row in enumerate(levels):
            for predicted, level in enumerate(row):
                if level or zeros:
                    self._painter.setPen(inks[level] if level else faint)
                    place = layout.cell(actual, predicted)
                    self._painter.drawText(place, Qt.AlignmentFlag.AlignCenter, cells.text(actual, predicted))
        self._painter.setFont(self._font)

    def _paint_margins(self, total_width: float, recall_width: float) -> None:
        """Totals and recall at the right, totals and precision beneath, where the title of each stands beside it."""
        cells, layout, place = self._cells, self._layout, self._layout.cells
        centre = Qt.AlignmentFlag.AlignHCenter
        x_total, x_recall = place.right() + GAP, place.right() + GAP + total_width
        y_total = place.bottom() + GAP / 2
        y_precision = y_total + layout.line
        self._painter.setPen(QColor(self._theme.muted))
        above = place.top() - GAP / 2 - layout.line
        total = QCoreApplication.translate("Confusion", "total")
        recall, precision = (
            QCoreApplication.translate("Confusion", "recall %"),
            QCoreApplication.translate("Confusion", "precision %"),
        )
        self._write(QRectF(x_total, above, total_width, layout.line), total, centre)
        self._write(QRectF(x_recall, above, recall_width, layout.line), recall, centre)
        left = self._left_of_names()
        for y, text in ((y_total, total), (y_precision, precision)):
            self._write(QRectF(left, y, layout.names_width, layout.line), text, Qt.AlignmentFlag.AlignRight)
        self._painter.setFont(margin_font(layout, self._font))
        self._painter.setPen(QColor(self._theme.text))
        both = Qt.AlignmentFlag.AlignCenter
        for k in range(layout.n_classes):
            row, column, right = int(cells.row_totals[k]), int(cells.column_totals[k]), int(cells.counts[k, k])
            cell = layout.cell(k, k)
            self._painter.drawText(QRectF(x_total, cell.top(), total_width, cell.height()), both, f"{row:,}")
            share = percent(right, row)
            self._painter.drawText(QRectF(x_recall, cell.top(), recall_width, cell.height()), both, share)
            self._painter.drawText(QRectF(cell.left(), y_total, cell.width(), layout.line), both, f"{column:,}")
            share = percent(right, column)
            self._painter.drawText(QRectF(cell.left(), y_precision, cell.width(), layout.line), both, share)
        self._painter.drawText(QRectF(x_total, y_total, total_width, layout.line), both, f"{cells.total:,}")
        self._painter.setFont(self._font)

    def _left_of_names(self) -> float:
        return self._layout.cells.left() - GAP - self._layout.names_width

    def _top_of_names(self) -> float:
        return self._layout.cells.top() - GAP - self._layout.names_height

    def _write(
        self,
        place: QRectF,
        text: str,
        align: Qt.AlignmentFlag,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        fitted = self._metrics.elidedText(one_line(text, _LONGEST_TEXT), elide, place.width())
        self._painter.drawText(place, _FLAGS[align], fitted)

    def _write_upwards(self, middle: QPointF, length: float, text: str, align: Qt.AlignmentFlag) -> None:
        self._painter.save()
        self._painter.translate(middle)
        self._painter.rotate(-90)
        self._write(QRectF(-length / 2, -self._layout.line / 2, length, self._layout.line), text, align)
        self._painter.restore()
