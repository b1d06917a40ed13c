"""How sure the classifier is, where it is right and where it is wrong."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from engine.metrics.confidence import ConfidenceHistogram, confidence_histogram
from gui.plots.colour_scale import diverging
from gui.plots.legend import LegendEntry
from gui.plots.painted import PaintedPlot
from gui.plots.part import PartBox
from gui.plots.part_result import Part, PartResult
from gui.plots.ticks import count_ticks, log_count_ticks
from gui.run_view import RunView
from gui.theme import Theme

_PAD = 6.0
_LEAST_SIDE = 0.12
_AIR = 1.12
_SMALL = 170.0
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LABEL_PIXELS = 34.0
_LOG_FLOOR = math.log10(0.5)
_TEXT_WRAP = int(Qt.TextFlag.TextWordWrap)


class _Axes(NamedTuple):
    """The place ``area`` of the bars, where ``zero`` parts right from wrong, and ``unit`` pixels stand for a count."""

    area: QRectF
    zero: float
    unit: float
    log: bool

    def size(self, count: float) -> float:
        """Length of a bar in pixels."""
        if not self.log:
            return count * self.unit
        return (math.log10(count) - _LOG_FLOOR) * self.unit if count > 0 else 0.0


class ConfidencePlot(PaintedPlot):
    """Top probabilities in bins: right answers grow upwards, wrong ones downwards, by the same measure."""

    most_frames_per_second = 10.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "confidence",
            self.tr("Confidence"),
            self.tr("Load a data set: how sure the answers are, right and wrong ones, appears here."),
            parent,
        )
        self._log = False
        self._part = PartBox(session, "confidence_part", self.refresh, self)
        self._found = PartResult(session, self.key, self._part, _histogram, self.refresh)
        self._log_button = self._make_log_button()
        self.add_control(self._part)
        self.add_control(self._log_button)
        session.predicted.connect(self.refresh)

    def take_data(self) -> None:
        """Forget what was found in another data set."""
        self._found.forget()

    def redraw(self) -> None:
        """Show the newest histogram there is; ask for a newer one."""
        self._found.bring_up()
        self.show_hint(self._found.value is None, self._found.sentence)
        self.content.setAccessibleDescription(self._caption(self._found.value) if self._found.value else "")
        self.content.update()

    def legend_entries(self) -> list[LegendEntry]:
        """Right and wrong."""
        right, wrong = _colours(self.theme)
        return [LegendEntry(self.tr("right (upwards)"), right), LegendEntry(self.tr("wrong (downwards)"), wrong)]

    def extend_menu(self, menu: QMenu) -> None:
        """The switch of the header."""
        action = menu.addAction(self._log_button.toolTip())
        action.setCheckable(True)
        action.setChecked(self._log)
        action.toggled.connect(self._log_button.setChecked)

    def set_log(self, on: bool) -> None:
        """Make the axis of counts logarithmic, so that single examples are seen beside thousands."""
        self._log = on
        self.content.update()

    def text_at(self, point: QPointF) -> str:
        """The bin under ``point``: its probabilities and its counts."""
        found = self._found.value
        if found is None:
            return ""
        area = self._axes(found, QRectF(self.content.rect())).area
        b = math.floor((point.x() - area.left()) / max(area.width(), 1.0) * len(found.right))
        if not (0 <= b < len(found.right) and area.top() <= point.y() <= area.bottom()):
            return ""
        right, wrong = int(found.right[b]), int(found.wrong[b])
        lines = [
            self.tr("top probability {low} to {high}").format(
                low=f"{found.edges[b]:.4g}", high=f"{found.edges[b + 1]:.4g}"
            ),
            self.tr("right: {n}").format(n=f"{right:,}"),
            self.tr("wrong: {n}").format(n=f"{wrong:,}"),
        ]
        if right + wrong:
            lines.append(self.tr("accuracy here: {share} %").format(share=f"{100 * right / (right + wrong):.4g}"))
        return "\n".join(lines)

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the axes, the bars and the sentence beneath them."""
        found = self._found.value
        if found is None:
            return
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        axes = self._axes(found, rect)
        self._paint_axes(painter, axes, found)
        width = axes.area.width() / len(found.right)
        right_colour, wrong_colour = _colours(self.theme)
        for b, (right, wrong) in enumerate(zip(found.right.tolist(), found.wrong.tolist(), strict=True)):
            left, up, down = axes.area.left() + b * width, axes.size(right), axes.size(wrong)
            bar = max(width - 1.5, width / 2)
            painter.fillRect(QRectF(left + (width - bar) / 2, axes.zero - up, bar, up), right_colour)
            painter.fillRect(QRectF(left + (width - bar) / 2, axes.zero, bar, down), wrong_colour)
        painter.setPen(QPen(QColor(self.theme.text), 1.0))
        painter.drawLine(QPointF(axes.area.left(), axes.zero), QPointF(axes.area.right(), axes.zero))
        caption, height = self._fitted_caption(found, rect)
        painter.drawText(QRectF(rect.left(), rect.bottom() - height, rect.width(), height), _TEXT_WRAP, caption)

    # The parts of the picture

    def _axes(self, found: ConfidenceHistogram, rect: QRectF) -> _Axes:
        metrics = QFontMetricsF(self.font())
        right, wrong = float(found.right.max()), float(found.wrong.max())
        below = 2 * metrics.height() + _PAD + self._fitted_caption(found, rect)[1] + _PAD
        area = rect.adjusted(self._left_room(found), metrics.height() / 2, -metrics.height(), -below)
        area.setHeight(max(area.height(), 1.0))
        up, down = (_Axes(area, 0.0, 1.0, self._log).size(max(count, 1.0)) for count in (right, wrong))
        up, down = max(up, _LEAST_SIDE * down), max(down, _LEAST_SIDE * up)
        down *= _AIR  # between the last label and those of the other axis
        unit = area.height() / (up + down)
        return _Axes(area, area.top() + up * unit, unit, self._log)

    def _paint_axes(self, painter: QPainter, axes: _Axes, found: ConfidenceHistogram) -> None:
        metrics, theme, area = QFontMetricsF(self.font()), self.theme, axes.area
        grid, ink = QPen(QColor(theme.border), 0.6), QColor(theme.muted)
        tick_height = metrics.height()
        for y, count in self._count_ticks(axes, found, tick_height):
            painter.setPen(grid)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(ink)
            place = QRectF(area.left() - 200 - _PAD, y - tick_height / 2, 200, tick_height)
            painter.drawText(place, _RIGHT, f"{count:,}")
        low = float(found.edges[0])
        for text, value in _probability_ticks(low, area.width()):
            x = area.left() + (value - low) / (1.0 - low) * area.width()
            painter.drawText(QRectF(x - 40, area.bottom() + 3, 80, tick_height), Qt.AlignmentFlag.AlignHCenter, text)
        name = QRectF(area.left(), area.bottom() + 3 + tick_height, area.width(), tick_height)
        painter.drawText(name, Qt.AlignmentFlag.AlignHCenter, self.tr("top probability, max ŷ"))
        left_name = self.tr("examples")
        if metrics.horizontalAdvance(left_name) <= area.height():
            painter.save()
            painter.translate(area.left() - self._left_room(found) + tick_height / 2, area.center().y())
            painter.rotate(-90)
            place = QRectF(-area.height() / 2, -tick_height / 2, area.height(), tick_height)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, left_name)
            painter.restore()

    def _left_room(self, found: ConfidenceHistogram) -> float:
        """Room for the labels of the axis of counts, and its name."""
        metrics, largest = QFontMetricsF(self.font()), max(int(found.right.max()), int(found.wrong.max()))
        return metrics.horizontalAdvance(f"{largest:,}") + metrics.height() + 2 * _PAD

    def _count_ticks(self, axes: _Axes, found: ConfidenceHistogram, apart: float) -> list[tuple[float, int]]:
        """Where which count is written: the same ones on both sides, none on top of another."""
        right, wrong = int(found.right.max()), int(found.wrong.max())
        room = int(max(axes.zero - axes.area.top(), axes.area.bottom() - axes.zero) / _LABEL_PIXELS) + 1
        counts = log_count_ticks(max(right, wrong), room) if axes.log else count_ticks(max(right, wrong), room)
        ticks = [] if axes.log else [(axes.zero, 0)]
        for side, largest, nearest in ((-1, right, apart / 2 if axes.log else apart), (1, wrong, apart)):
            ticks += [
                (axes.zero + side * axes.size(count), count)
                for count in counts
                if 0 < count <= largest and axes.size(count) >= nearest
            ]
        return ticks

    def _caption(self, found: ConfidenceHistogram) -> str:
        gap = 100 * (found.mean_confidence - found.accuracy)
        text = self.tr("{n} examples: accuracy {accuracy} %, mean confidence {confidence} %, {verdict}.")
        size = self.tr("{gap} percentage points").format(gap=f"{abs(gap):.1f}")
        if abs(gap) < 0.05:
            verdict = self.tr("as sure as it should be")
        elif gap > 0:
            verdict = self.tr("overconfident by {gap}").format(gap=size)
        else:
            verdict = self.tr("underconfident by {gap}").format(gap=size)
        return text.format(
            n=f"{int((found.right + found.wrong).sum()):,}",
            accuracy=f"{100 * found.accuracy:.2f}",
            confidence=f"{100 * found.mean_confidence:.2f}",
            verdict=verdict,
        )

    def _fitted_caption(self, found: ConfidenceHistogram, rect: QRectF) -> tuple[str, float]:
        """The sentence beneath the bars and its height; a shorter one in a small plot."""
        metrics = QFontMetricsF(self.font())
        text = self._caption(found)
        if rect.height() < _SMALL:
            text = self.tr("accuracy {accuracy} %, confidence {confidence} %").format(
                accuracy=f"{100 * found.accuracy:.2f}", confidence=f"{100 * found.mean_confidence:.2f}"
            )
        return text, metrics.boundingRect(rect, _TEXT_WRAP, text).height()

    def _make_log_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("confidence_log_y")
        button.setText(self.tr("log y"))
        button.setToolTip(self.tr("Logarithmic axis of counts, which shows single examples beside thousands"))
        button.setAccessibleName(self.tr("Logarithmic axis of counts"))
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.toggled.connect(self.set_log)
        return button


def _histogram(part: Part) -> ConfidenceHistogram:
    confidence = np.take_along_axis(part.P, part.predicted[:, np.newaxis], axis=1)[:, 0]
    return confidence_histogram(confidence, part.predicted == part.y, part.P.shape[1])


def _colours(theme: Theme) -> tuple[QColor, QColor]:
    """Blue for right, orange for wrong."""
    right, wrong = diverging([1.0, -1.0], theme)
    return QColor(*right.tolist()), QColor(*wrong.tolist())


def _probability_ticks(low: float, width: float) -> list[tuple[str, float]]:
    """1/C at the left, 1 at the right, and round numbers where there is room between."""
    step = next((step for step in (0.1, 0.2, 0.5) if step / (1.0 - low) * width >= 1.4 * _LABEL_PIXELS), 1.0)
    nearest = 1.2 * _LABEL_PIXELS * (1.0 - low) / max(width, 1.0)
    between = [n * step for n in range(1, round(1 / step)) if n * step - low > nearest]
    return [(f"1/{round(1 / low):,}", low), *((f"{value:.1f}", value) for value in between), ("1", 1.0)]
