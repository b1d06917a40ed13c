"""What the classifier thinks of the examples of each class, on average."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from engine.arrays import FloatArray, IntArray
from engine.metrics.confidence import ClassMeans, mean_probabilities
from gui.plots.class_style import class_colours, paint_marker
from gui.plots.digits import exact
from gui.plots.legend import LegendEntry
from gui.plots.painted import PaintedPlot
from gui.plots.part import PartBox
from gui.plots.part_result import Part, PartResult
from gui.run_view import RunView

_PAD = 8.0
_ROW, _LEAST_ROW = 34.0, 15.0
_NARROW = 320.0
_THINNEST = 2.0
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


class _Pieces(NamedTuple):
    """The pieces of a bar from left to right: ``edges`` (K + 1,) from 0 to 1, and ``classes`` (K,), -1 for the rest."""

    edges: FloatArray
    classes: IntArray


class _Layout(NamedTuple):
    """The classes that have a row, the place of their bars, the height of a row and the room for counts."""

    classes: IntArray
    left_out: int
    bars: QRectF
    row: float
    counts_room: float


class ClassProbabilitiesPlot(PaintedPlot):
    """A bar for each actual class, parted as its examples' probabilities are on average, the class itself first."""

    most_frames_per_second = 10.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "class_probabilities",
            self.tr("Probabilities per class"),
            self.tr("Load a data set: the mean probabilities of the examples of each class appear here."),
            parent,
        )
        self.short_title = self.tr("Per class")
        self._part = PartBox(session, "class_probabilities_part", self.refresh, self)
        self._found = PartResult(session, self.key, self._part, _means, self.refresh)
        self.add_control(self._part)
        session.predicted.connect(self.refresh)

    def take_data(self) -> None:
        """Forget what was found in another data set."""
        self._found.forget()

    def redraw(self) -> None:
        """Show the newest means there are; ask for newer ones."""
        self._found.bring_up()
        self.show_hint(self._found.value is None, self._found.sentence)
        self.content.update()

    def legend_entries(self) -> list[LegendEntry]:
        """The classes."""
        loaded = self.session.loaded
        if loaded is None:
            return []
        names = loaded.dataset.class_names
        colours = class_colours(len(names))
        entries = [LegendEntry(name, colours[c], marker=c) for c, name in enumerate(names)]
        remark = self.tr("rows: actual classes; pieces: mean probabilities ŷ, the thinnest of them together in grey")
        return [*entries, LegendEntry(remark)]

    def text_at(self, point: QPointF) -> str:
        """The piece under ``point``: whose examples, the probability of which class."""
        found, loaded = self._found.value, self.session.loaded
        if found is None or loaded is None:
            return ""
        layout = self._arrange(found, QRectF(self.content.rect()))
        row = int((point.y() - layout.bars.top()) // layout.row)
        if not 0 <= row < len(layout.classes):
            return ""
        names, actual = loaded.dataset.class_names, int(layout.classes[row])
        lines = [self.tr("actual class {name}: {n} examples").format(name=names[actual], n=f"{found.counts[actual]:,}")]
        if found.counts[actual]:
            pieces = _pieces(found.probabilities[actual], actual, layout.bars.width())
            share = (point.x() - layout.bars.left()) / max(layout.bars.width(), 1.0)
            k = int(np.searchsorted(pieces.edges, min(max(share, 0.0), 1.0), side="right")) - 1
            lines.append(self._piece_text(found.probabilities[actual], names, pieces, min(k, len(pieces.classes) - 1)))
        return "\n".join(lines)

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the rows, the axis beneath them, and how many are left out."""
        found, loaded = self._found.value, self.session.loaded
        if found is None or loaded is None:
            return
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        layout, names = self._arrange(found, rect), loaded.dataset.class_names
        colours, metrics = class_colours(len(names)), QFontMetricsF(self.font())
        self._paint_axis(painter, layout, rect, metrics)
        for number, c in enumerate(layout.classes.tolist()):
            top = layout.bars.top() + number * layout.row
            paint_marker(painter, QPointF(rect.left() + 8, top + layout.row / 2), c, colours[c])
            painter.setPen(QColor(self.theme.text))
            room = layout.bars.left() - rect.left() - 20 - layout.counts_room - _PAD
            name = metrics.elidedText(names[c], Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(QRectF(rect.left() + 20, top, room, layout.row), _LEFT, name)
            painter.setPen(QColor(self.theme.muted))
            if layout.counts_room:
                place = QRectF(layout.bars.left() - layout.counts_room - _PAD, top, layout.counts_room, layout.row)
                painter.drawText(place, _RIGHT, f"{found.counts[c]:,}")
            bar = QRectF(layout.bars.left(), top + layout.row * 0.14, layout.bars.width(), layout.row * 0.72)
            if found.counts[c]:
                self._paint_bar(painter, bar, _pieces(found.probabilities[c], c, bar.width()), colours)
                painter.setPen(QColor(self.theme.text))
                place = QRectF(bar.right(), top, rect.right() - bar.right(), layout.row)
                painter.drawText(place, _RIGHT, f"{found.probabilities[c, c]:.3f}")
            else:
                painter.drawText(QRectF(bar.left() + _PAD, top, bar.width(), layout.row), _LEFT, self.tr("no examples"))

    def _paint_bar(self, painter: QPainter, bar: QRectF, pieces: _Pieces, colours: list[QColor]) -> None:
        edges = (bar.left() + pieces.edges * bar.width()).tolist()
        for left, right, c in zip(edges[:-1], edges[1:], pieces.classes.tolist(), strict=True):
            gap = min(1.0, (right - left) / 4)  # so that neighbours of like colours are told apart
            colour = colours[c] if c >= 0 else QColor(self.theme.border)
            painter.fillRect(QRectF(left, bar.top(), right - left - gap, bar.height()), colour)

    def _paint_axis(self, painter: QPainter, layout: _Layout, rect: QRectF, metrics: QFontMetricsF) -> None:
        bars, height = layout.bars, metrics.height()
        bottom = bars.top() + len(layout.classes) * layout.row
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = bars.left() + share * bars.width()
            painter.setPen(QPen(QColor(self.theme.border), 0.6))
            painter.drawLine(QPointF(x, bars.top()), QPointF(x, bottom + 3))
            painter.setPen(QColor(self.theme.muted))
            if bars.width() > 160 or share in (0.0, 0.5, 1.0):
                place = QRectF(x - 40, bottom + 4, 80, height)
                painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, f"{share:g}")
        room = bars.left() - rect.left() - layout.counts_room - _PAD
        text = metrics.elidedText(self.tr("actual class"), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(rect.left(), rect.top(), room, height), _LEFT, text)
        if layout.counts_room:
            place = QRectF(bars.left() - layout.counts_room - _PAD, rect.top(), layout.counts_room, height)
            painter.drawText(place, _RIGHT, self.tr("examples"))
        place = QRectF(bars.right(), rect.top(), rect.right() - bars.right(), height)
        painter.drawText(place, _RIGHT, self.tr("own ŷ"))
        name = metrics.elidedText(self.tr("mean probability ŷ"), Qt.TextElideMode.ElideRight, bars.width())
        painter.drawText(QRectF(bars.left(), bottom + 4 + height, bars.width(), height), _CENTRE, name)
        if layout.left_out:
            note = self.tr("{n} more classes find no room; none of them has more examples.").format(
                n=f"{layout.left_out:,}"
            )
            painter.drawText(QRectF(rect.left(), bottom + 4 + 2 * height, rect.width(), height), _LEFT, note)

    def _arrange(self, found: ClassMeans, rect: QRectF) -> _Layout:
        """Rows for all classes in their order, or for those with the most examples where not all find room."""
        metrics = QFontMetricsF(self.font())
        names = self.session.loaded.dataset.class_names if self.session.loaded else ()
        C, height = len(found.counts), metrics.height()
        largest = f"{int(found.counts.max()):,}"
        counts_room = max(map(metrics.horizontalAdvance, (largest, self.tr("examples")))) + _PAD
        counts_room = counts_room if rect.width() >= _NARROW else 0.0
        below = 2 * height + _PAD
        room = max(rect.height() - height - _PAD / 2 - below, 1.0)
        most = int(room / _LEAST_ROW)
        if most < C:
            room = max(room - height, 1.0)
            most = max(int(room / _LEAST_ROW), 1)
        classes = np.sort(np.argsort(-found.counts, kind="stable")[:most])
        widest = max((metrics.horizontalAdvance(names[c]) for c in classes.tolist()), default=0.0)
        names_room = max(20 + widest, metrics.horizontalAdvance(self.tr("actual class"))) + _PAD
        left = rect.left() + min(names_room + counts_room + _PAD, 0.42 * rect.width())
        value = metrics.horizontalAdvance("own ŷ") + _PAD
        bars = QRectF(left, rect.top() + height + _PAD / 2, max(rect.right() - value - left, 1.0), room)
        return _Layout(classes, C - len(classes), bars, min(_ROW, room / len(classes)), counts_room)

    def _piece_text(self, row: FloatArray, names: tuple[str, ...], pieces: _Pieces, k: int) -> str:
        c = int(pieces.classes[k])
        if c >= 0:
            return self.tr("mean probability of {name}: {value}").format(name=names[c], value=exact(float(row[c])))
        alone = set(pieces.classes.tolist())
        rest = [other for other in range(len(row)) if other not in alone]
        return self.tr("mean probability of {n} other classes together: {value}").format(
            n=f"{len(rest):,}", value=exact(float(row[rest].sum()))
        )


def _means(part: Part) -> ClassMeans:
    return mean_probabilities(part.y, part.P)


def _pieces(row: FloatArray, actual: int, width: float) -> _Pieces:
    """The class itself, the others in their order, and last, together, those too thin to be seen."""
    seen = row * width >= _THINNEST
    seen[actual] = True
    others = np.flatnonzero(seen)
    classes = np.concatenate([[actual], others[others != actual], [] if seen.all() else [-1]]).astype(np.int64)
    edges = np.concatenate([[0.0], np.cumsum(row[classes[classes >= 0]])])
    if not seen.all():
        edges = np.append(edges, 1.0)
    return _Pieces(np.clip(edges, 0.0, 1.0), classes)
