"""The page of the plot of the weights: images or table, the colour bar beside it and the sentences beneath."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from gui.plots.weight_colours import ColourBar
from gui.plots.weight_images import WeightImages
from gui.plots.weight_table import Place, WeightTable
from gui.theme import Theme

_GAP = 10.0
_LEAST_HEIGHT_WITH_TEXT = 110.0
_LEAST_BAR = 160.0

Body = WeightImages | WeightTable
Said = tuple[list[str], list[str]]  # what has to be said, and what may be said where there is room


class WeightPage:
    """Lays ``rect`` out: ``make_body`` fills what bar and sentences leave, ``say`` tells what a body leaves out."""

    def __init__(
        self,
        rect: QRectF,
        metrics: QFontMetricsF,
        bar: ColourBar,
        make_body: Callable[[QRectF], Body],
        say: Callable[[Body], Said],
    ) -> None:
        self._bar = bar
        height = 0.0
        for _ in range(3):  # what is left out depends on the room, which depends on what is said of it
            taken = height + (_GAP if height else 1.0)
            inner = QRectF(rect.left(), rect.top(), rect.width() - bar.width - _GAP, rect.height() - taken)
            self.body = make_body(inner)
            said = say(self.body)
            self._text, needed = _fitting(said, rect, metrics)
            if needed <= height:
                break
            height = needed
        self.sentences = [*said[0], *said[1]]
        end = self.body.corner
        tall = min(max(end.y() - rect.top(), _LEAST_BAR), inner.height())
        self._bar_rect = QRectF(min(end.x() + 1.5 * _GAP, inner.right() + _GAP), rect.top(), bar.width, tall)
        self._text_rect = QRectF(rect.left(), rect.bottom() - height, rect.width(), height)

    def at(self, point: QPointF) -> Place | str:
        """The number under ``point``, or all there is to say, or nothing."""
        if self._text_rect.contains(point):
            return " ".join(self.sentences)
        return self.body.at(point) or ""

    def paint(self, painter: QPainter, theme: Theme, *, warns: bool) -> None:
        """Draw everything; the sentences in the colour of a warning where one ``warns``."""
        self.body.paint(painter, theme)
        self._bar.paint(painter, self._bar_rect, theme)
        painter.setPen(QColor(theme.warning if warns else theme.muted))
        painter.drawText(self._text_rect, int(Qt.TextFlag.TextWordWrap), self._text)


def _fitting(said: Said, rect: QRectF, metrics: QFontMetricsF) -> tuple[str, float]:
    """What has to be said, then as much of the rest as takes at most a quarter of the height; and its height."""
    if rect.height() < _LEAST_HEIGHT_WITH_TEXT:
        return "", 0.0
    needed, more = said
    for n in range(len(more), -1, -1):
        text = " ".join([*needed, *more[:n]])
        box = metrics.boundingRect(QRectF(0, 0, rect.width(), 1e4), int(Qt.TextFlag.TextWordWrap), text)
        if box.height() <= rect.height() / 4.0 or n == 0:
            return text, min(box.height(), rect.height() / 2.0) + 1.0 if text else 0.0
    return "", 0.0
