"""Whether what the classifier holds likely by p happens in a share p of the cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QMenu, QSpinBox, QToolButton, QWidget

from engine.analysis import Reliability, reliability
from engine.arrays import IntArray
from gui.plots.caption import Caption
from gui.plots.choices import add_choices
from gui.plots.class_box import ClassBox, short_name
from gui.plots.class_style import class_colours
from gui.plots.digest import Answer, Digest
from gui.plots.legend import LegendEntry
from gui.plots.painted import PaintedPlot
from gui.plots.part import PartBox
from gui.run_view import RunView
from gui.theme import Theme, blended

FEWEST_BINS, MOST_BINS, DEFAULT_BINS = 5, 50, 10
_BINS_OFFERED = (5, 10, 15, 20, 30, 50)
_NARROW, _NARROWER = 560, 340  # pixels of the card, below which controls make way
_SHARE_OF_COUNTS = 0.24  # of the height
_GAP = 12.0
_TICKS = tuple(i / 5 for i in range(6))
_DOT = 3.6
_REACH = 3.0


@dataclass(frozen=True, slots=True)
class _Panes:
    """Where the diagram and the counts beneath it are painted, one axis of x for both; names of axes from ``left``."""

    left: float
    diagram: QRectF
    counts: QRectF

    def x(self, probability: float) -> float:
        """Where on the shared axis a probability is."""
        return self.diagram.left() + probability * self.diagram.width()

    def y(self, share: float) -> float:
        """Where in the diagram a share is."""
        return self.diagram.bottom() - share * self.diagram.height()

    def probability(self, x: float) -> float:
        """The probability at ``x``."""
        return (x - self.diagram.left()) / self.diagram.width()


class CalibrationPlot(PaintedPlot):
    """Share that came true against mean probability, bin by bin, with the rows of each bin counted beneath."""

    most_frames_per_second = 8.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        hint = self.tr(
            "Load data: whether the classifier is right as often as it is sure appears here, from unsure to certain."
        )
        super().__init__(session, "calibration", self.tr("Calibration"), hint, parent)
        self._empty = hint
        self._answer: Answer[Reliability] | None = None
        self._label = ClassBox(
            session,
            "calibration_class",
            self.tr("Probabilities to look at: of the likeliest class of each row, or of one class in every row"),
            (("top", self.tr("Top label")),),
            self.redraw,
            self,
        )
        self._part = PartBox(session, "calibration_part", self.redraw, self)
        self._bins = self._make_bins()
        self._equal_counts = self._make_switch()
        for control in (self._label, self._part, self._bins, self._equal_counts):
            self.add_control(control)
        self._caption = Caption(self, "calibration_caption")
        self._layout.addWidget(self._caption)
        self._digest: Digest[Reliability] = Digest(session, "calibration", self._part, self.refresh)
        session.predicted.connect(self.refresh)

    def _make_bins(self) -> QSpinBox:
        bins = QSpinBox(self)
        bins.setObjectName("calibration_bins")
        bins.setRange(FEWEST_BINS, MOST_BINS)
        bins.setValue(DEFAULT_BINS)
        bins.setSuffix(self.tr(" bins"))
        bins.setAccessibleName(self.tr("Number of bins"))
        bins.setToolTip(self.tr("Number of bins: more show more detail, and each holds fewer rows to judge by"))
        bins.valueChanged.connect(lambda _: self.redraw())
        return bins

    def _make_switch(self) -> QToolButton:
        switch = QToolButton(self)
        switch.setObjectName("calibration_equal_counts")
        switch.setText(self.tr("equal counts"))
        tip = self.tr("Bins that hold equally many rows, in place of bins of equal width")
        switch.setToolTip(tip)
        switch.setAccessibleName(tip)
        switch.setCheckable(True)
        switch.setAutoRaise(True)
        switch.toggled.connect(lambda _: self.redraw())
        return switch

    # Drawing

    def take_data(self) -> None:
        """Offer the classes of another data set."""
        self._label.take_data()

    def redraw(self) -> None:
        """Bring the diagram up to the newest weights."""
        label, n_bins, equal = self._label.chosen_class, self._bins.value(), self._equal_counts.isChecked()
        self._answer = answer = self._digest.ask((label, n_bins, equal), _diagram_of(label, n_bins, equal))
        found = answer.result if answer is not None else None
        self.show_hint(found is None, self._digest.sentence(self._empty))
        self._say()
        self.content.update()

    def legend_entries(self) -> list[LegendEntry]:
        """The curve, and where it should lie; on paper the caption too."""
        if self._found is None:
            return []
        caption = [LegendEntry(self._caption.text())]
        return [
            LegendEntry(self._subject(), self._colour()),
            LegendEntry(
                self.tr("perfectly calibrated"), QColor(self.theme.muted), thin=True, style=Qt.PenStyle.DashLine
            ),
            LegendEntry(self.tr("rows in each bin"), self._bar_colour()),
            *caption,
        ]

    def extend_menu(self, menu: QMenu) -> None:
        """What narrow cards have no room for."""
        counts = menu.addAction(self.tr("Equal counts in every bin"))
        counts.setCheckable(True)
        counts.setChecked(self._equal_counts.isChecked())
        counts.toggled.connect(self._equal_counts.setChecked)
        bins = menu.addMenu(self.tr("Bins"))
        for number in _BINS_OFFERED:
            bins.addAction(f"{number}").triggered.connect(lambda _=False, n=number: self._bins.setValue(n))
        add_choices(menu, self._part)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A small card keeps what matters most."""
        super().resizeEvent(event)
        self._caption.make_way(self.height())
        for control in (self._bins, self._equal_counts):
            control.setVisible(self.width() >= _NARROW)
        self._part.setVisible(self.width() >= _NARROWER)

    @property
    def _found(self) -> Reliability | None:
        return self._answer.result if self._answer is not None else None

    def _subject(self) -> str:
        label, loaded = self._label.chosen_class, self.session.loaded
        if label is None or loaded is None:
            return self.tr("likeliest class")
        return short_name(loaded.dataset.class_names[label])

    def _colour(self) -> QColor:
        label, loaded = self._label.chosen_class, self.session.loaded
        if label is None or loaded is None:
            return QColor(self.theme.accent)
        return class_colours(loaded.dataset.n_classes)[label]

    def _bar_colour(self) -> QColor:
        return blended(self.theme.muted, self.theme.card, 0.45)

    def _say(self) -> None:
        before = self._caption.text()
        answer, found = self._answer, self._found
        if answer is None or found is None:
            self._caption.say("")
        else:
            error = self.tr("Expected calibration error, ECE: {error} in {n} bins")
            if self._label.chosen_class is not None:
                error = self.tr("Calibration error of the class: {error} in {n} bins")
            text = error.format(error=f"{found.error:.4f}", n=len(found.edges) - 1)
            absent = self._label.chosen_class is not None and not found.share.any()
            note = self.tr(" There are no examples of the class among them.") if absent else ""
            self._caption.say(f"{text}; {answer.rows}.{note}")
        self.content.setAccessibleDescription(self._caption.text())
        if self._caption.text() != before:
            self.update_legend()

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the diagram, and beneath it how many rows each bin holds."""
        found = self._found
        if found is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        metrics = QFontMetricsF(self.font())
        panes = self._panes(rect, metrics, int(found.counts.max()))
        _Painter(painter, metrics, self.theme, panes).paint(found, self._colour(), self._bar_colour(), self._names())

    def _names(self) -> tuple[str, str, str]:
        return (
            self.tr("predicted probability"),
            self.tr("share that came true"),
            self.tr("rows"),
        )

    def _panes(self, rect: QRectF, metrics: QFontMetricsF, most: int) -> _Panes:
        line = metrics.height()
        left = rect.left() + line + 6 + max(metrics.horizontalAdvance("0.0"), metrics.horizontalAdvance(f"{most:,}"))
        right, top = rect.right() - metrics.horizontalAdvance("1.0") / 2 - 4, rect.top() + line / 2 + 2
        bottom = rect.bottom() - 2 * line - 8
        height = max(bottom - top, 30.0)
        counts = max(height * _SHARE_OF_COUNTS, 12.0)
        diagram = QRectF(left, top, max(right - left, 20.0), height - counts - _GAP)
        return _Panes(rect.left(), diagram, QRectF(left, diagram.bottom() + _GAP, diagram.width(), counts))

    # Reading

    def text_at(self, point: QPointF) -> str:
        """The bin under the pointer: its range, mean probability, share that came true, and rows."""
        found = self._found
        if found is None:
            return ""
        rect = QRectF(self.content.rect())
        panes = self._panes(rect, QFontMetricsF(self.font()), int(found.counts.max()))
        probability = panes.probability(point.x())
        if not (0.0 <= probability <= 1.0 and panes.diagram.top() <= point.y() <= panes.counts.bottom()):
            return ""
        low, high = found.edges[found.bins], found.edges[found.bins + 1]
        away = np.maximum(np.maximum(low - probability, probability - high), 0.0)
        k = int(away.argmin())  # equally many ties can make a bin that has no width
        if away[k] * panes.diagram.width() > _REACH:
            return self.tr("no rows with such a probability")
        lines = [
            self.tr("probability {low} to {high}").format(low=f"{low[k]:.4g}", high=f"{high[k]:.4g}"),
            self.tr("mean probability {value}").format(value=f"{found.mean_probability[k]:.4f}"),
            self.tr("share that came true {value}").format(value=f"{found.share[k]:.4f}"),
            self.tr("{n} rows").format(n=f"{found.counts[k]:,}"),
        ]
        return "\n".join(lines)


def _diagram_of(
    label: int | None, n_bins: int, equal_counts: bool
) -> Callable[[IntArray, NDArray[np.float32]], Reliability]:
    return lambda y, P: reliability(y, P, label, n_bins, equal_counts=equal_counts)


class _Painter:
    """Paints one diagram; one use."""

    def __init__(self, painter: QPainter, metrics: QFontMetricsF, theme: Theme, panes: _Panes) -> None:
        self._painter = painter
        self._metrics = metrics
        self._theme = theme
        self._panes = panes

    def paint(self, found: Reliability, colour: QColor, bars: QColor, names: tuple[str, str, str]) -> None:
        """Everything, from the back to the front."""
        self._paint_axes(int(found.counts.max()), names)
        self._paint_counts(found, bars)
        self._paint_curve(found, colour)

    def _pen(self, colour: str | QColor, width: float) -> QPen:
        return QPen(QColor(colour), width)

    def _paint_axes(self, most: int, names: tuple[str, str, str]) -> None:
        painter, panes, line = self._painter, self._panes, self._metrics.height()
        diagram, counts = panes.diagram, panes.counts
        every = 1 if diagram.height() > 6 * line else 5
        for i, tick in enumerate(_TICKS):
            x, y = panes.x(tick), panes.y(tick)
            painter.setPen(self._pen(blended(self._theme.border, self._theme.card, 0.55), 0.8))
            painter.drawLine(QPointF(diagram.left(), y), QPointF(diagram.right(), y))
            painter.drawLine(QPointF(x, diagram.top()), QPointF(x, diagram.bottom()))
            painter.setPen(QColor(self._theme.muted))
            if i % every == 0:
                self._write_left(y, f"{tick:.1f}")
            box = QRectF(x - 30, counts.bottom() + 2, 60, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"{tick:.1f}")
        painter.setPen(self._pen(self._theme.border, 1))
        for pane in (diagram, counts):
            painter.drawLine(pane.bottomLeft(), pane.bottomRight())
            painter.drawLine(pane.topLeft(), pane.bottomLeft())
        painter.setPen(QColor(self._theme.muted))
        self._write_left(counts.top() + line / 4, f"{most:,}")
        below = QRectF(diagram.left(), counts.bottom() + line + 4, diagram.width(), line)
        name = self._metrics.elidedText(names[0], Qt.TextElideMode.ElideRight, diagram.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)
        if counts.height() > self._metrics.horizontalAdvance(names[2]):
            self._write_upwards(diagram, names[1])
            self._write_upwards(counts, names[2])

    def _write_left(self, y: float, text: str) -> None:
        line = self._metrics.height()
        box = QRectF(self._panes.diagram.left() - 84, y - line / 2, 80, line)
        self._painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)

    def _write_upwards(self, pane: QRectF, text: str) -> None:
        """The name of an axis along its left."""
        painter, line = self._painter, self._metrics.height()
        painter.save()
        painter.translate(self._panes.left, pane.center().y())
        painter.rotate(-90)
        name = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, pane.height() + line)
        painter.drawText(QRectF(-pane.height(), 0, 2 * pane.height(), line), Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()

    def _paint_counts(self, found: Reliability, colour: QColor) -> None:
        pane, most = self._panes.counts, float(found.counts.max())
        for b, count in zip(found.bins, found.counts, strict=True):
            left, right = (self._panes.x(float(edge)) for edge in found.edges[b : b + 2])
            height = max(pane.height() * count / most, 1.0)
            width = max(right - left - 1.5, 2.0)
            middle = min(max((left + right) / 2, pane.left() + width / 2), pane.right() - width / 2)
            self._painter.fillRect(QRectF(middle - width / 2, pane.bottom() - height, width, height), colour)

    def _paint_curve(self, found: Reliability, colour: QColor) -> None:
        painter, panes = self._painter, self._panes
        diagonal = self._pen(self._theme.muted, 1.2)
        diagonal.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(diagonal)
        painter.drawLine(QPointF(panes.x(0), panes.y(0)), QPointF(panes.x(1), panes.y(1)))
        pairs = list(zip(found.mean_probability.tolist(), found.share.tolist(), strict=True))
        painter.setPen(self._pen(blended(colour.name(), self._theme.card, 0.45), 3.0))
        for mean, share in pairs:
            painter.drawLine(QPointF(panes.x(mean), panes.y(mean)), QPointF(panes.x(mean), panes.y(share)))
        points = [QPointF(panes.x(mean), panes.y(share)) for mean, share in pairs]
        painter.setPen(self._pen(colour, 2.0))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(self._pen(self._theme.card, 1.2))
        painter.setBrush(colour)
        for point in points:
            painter.drawEllipse(point, _DOT, _DOT)
        painter.setBrush(Qt.BrushStyle.NoBrush)
