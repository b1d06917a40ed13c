"""The chosen example, from its logits to its probabilities and its loss."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, QRectF, QSignalBlocker, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSpinBox, QWidget

from engine.arrays import RealArray
from engine.softmax import log_softmax
from gui.loading import LoadedData
from gui.plots.base import Plot, empty_state
from gui.plots.class_style import class_colours, marker_path
from gui.run_view import RunView
from gui.theme import Theme

_ROW = 28.0
_LEAST_ROW = 14.5
_PAD = 8.0


class ClassRow(NamedTuple):
    """One class of the chosen example, ready to be written."""

    label: int
    name: str
    z: float
    log_probability: float


class ProbabilitiesPlot(Plot):
    """Per class: z, e^z, the probability as a number and as a bar; the actual class is marked, its loss written out."""

    most_frames_per_second = 15.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(session, "probabilities", self.tr("Probabilities"), parent)
        self._rows: list[ClassRow] = []
        self._actual = 0
        self._caption = ""
        self._colours: list[QColor] = []
        self._in_training = np.zeros(0, dtype=bool)
        canvas = _Canvas(self)
        self._hint = empty_state(canvas, self.tr("Choose an example: its z, e^z and probabilities appear here."))
        self._chooser = QSpinBox(self)
        self._chooser.setObjectName("example")
        self._chooser.setAccessibleName(self.tr("Chosen example"))
        self._chooser.setToolTip(
            self.tr("Number of the chosen example. A click on a point or a table row chooses too.")
        )
        self._chooser.setPrefix(self.tr("example "))
        self._chooser.valueChanged.connect(lambda number: session.choose_example(number - 1))
        self.add_control(self._chooser)
        self.set_content(canvas)
        canvas.installEventFilter(self)
        session.example_changed.connect(self._take_example)
        self.take_data()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.content.update()

    def take_data(self) -> None:
        """Let the chooser range over the examples of another data set."""
        loaded = self.session.loaded
        if loaded is not None:
            self._in_training = np.zeros(loaded.dataset.n_examples, dtype=bool)
            self._in_training[loaded.data.split.train] = True
        self._take_example()

    def redraw(self) -> None:
        """Compute the chosen example anew with the newest weights."""
        loaded, network, theta = self.session.loaded, self.session.network, self.session.theta
        self._hint.setVisible(loaded is None)
        if loaded is None or network is None or theta is None:
            return
        x = loaded.data.X_all[self.session.example]
        with np.errstate(over="ignore", invalid="ignore"):
            z = network.logits(theta, x[np.newaxis])[0]
            log_probabilities = log_softmax(z)
        dataset = loaded.dataset
        self._actual = int(dataset.y[self.session.example])
        self._rows = [
            ClassRow(i, name, float(z[i]), float(log_probabilities[i])) for i, name in enumerate(dataset.class_names)
        ]
        self._colours = class_colours(dataset.n_classes)
        self._caption = self._describe(loaded, z, log_probabilities)
        self.content.setAccessibleDescription(self._caption)
        self.content.update()

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the table of classes and the sentence beneath it."""
        if not self._rows:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        metrics = QFontMetricsF(self.font())
        caption = metrics.boundingRect(rect, int(Qt.TextFlag.TextWordWrap), self._caption)
        table = rect.adjusted(0, 0, 0, -caption.height() - 2 * _PAD)
        rows, left_out = self._rows_for(table.height())
        table_painter = _TablePainter(painter, metrics, self.theme, table)
        bottom = table_painter.paint(rows, left_out, self._actual, self._colours)
        painter.setPen(QColor(self.theme.text))
        place = QRectF(rect.left(), bottom + _PAD, rect.width(), caption.height() + 2)
        painter.drawText(place, int(Qt.TextFlag.TextWordWrap), self._caption)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the hint in the middle."""
        if event.type() == QEvent.Type.Resize:
            self._hint.setGeometry(self.content.rect())
        return super().eventFilter(watched, event)

    def _rows_for(self, height: float) -> tuple[list[ClassRow], list[ClassRow]]:
        """The rows that find room, in class order, and the others: the least likely ones."""
        room = max(int(height / _LEAST_ROW) - 2, 1)
        if len(self._rows) <= room + 1:
            return self._rows, []
        by_rank = sorted(self._rows, key=lambda row: (row.label != self._actual, -row.z))
        kept = sorted(by_rank[:room], key=lambda row: row.label)
        return kept, by_rank[room:]

    def _describe(self, loaded: LoadedData, z: RealArray, log_probabilities: RealArray) -> str:
        dataset = loaded.dataset
        actual = dataset.class_names[self._actual]
        loss = -float(log_probabilities[self._actual])
        row = int(dataset.rows[self.session.example]) + 1
        part = self.tr("training") if self._in_training[self.session.example] else self.tr("validation")
        sum_of_t = (
            format_exp(float(z.max()) + math.log(float(np.exp(z - z.max()).sum()))) if np.isfinite(z).all() else "–"
        )
        text = self.tr("Table row {row}, {part}; actual class {actual}; Σ eᶻ = {sum}; loss L = −log ŷ = {loss}")
        return text.format(row=f"{row:,}", part=part, actual=_elided(actual), sum=sum_of_t, loss=_short(loss + 0.0))

    def _take_example(self) -> None:
        loaded = self.session.loaded
        self._chooser.setEnabled(loaded is not None)
        if loaded is not None:
            with QSignalBlocker(self._chooser):
                self._chooser.setRange(1, loaded.dataset.n_examples)
                self._chooser.setValue(self.session.example + 1)
        self.refresh()


class _Canvas(QWidget):
    """Where the plot paints on the screen."""

    def __init__(self, plot: ProbabilitiesPlot) -> None:
        super().__init__(plot)
        self._plot = plot
        self.setMinimumSize(160, 90)
        self.setAccessibleName(plot.title)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Let the plot paint."""
        self._plot.paint_content(QPainter(self), QRectF(self.rect()))


class _TablePainter:
    """Columns class, z, e^z, y hat and bar, aligned; one use."""

    def __init__(self, painter: QPainter, metrics: QFontMetricsF, theme: Theme, rect: QRectF) -> None:
        self._painter = painter
        self._theme = theme
        self._rect = rect
        self._metrics = metrics
        name = min(rect.width() * 0.3, 190.0)
        self._name = QRectF(rect.left() + 20, 0, name - 20, 0)
        self._z = QRectF(rect.left() + name, 0, metrics.horizontalAdvance("−00.0000"), 0)
        self._t = QRectF(self._z.right() + _PAD, 0, metrics.horizontalAdvance("0.0000000"), 0)
        self._p = QRectF(self._t.right() + _PAD, 0, metrics.horizontalAdvance("0.0000"), 0)
        bar_left = self._p.right() + 2 * _PAD
        self._bar = QRectF(bar_left, 0, max(rect.right() - bar_left - 4, 0), 0)

    def paint(self, rows: list[ClassRow], left_out: list[ClassRow], actual: int, colours: list[QColor]) -> float:
        """Paint heading, rows and the line that sums up what found no room; return where the table ends."""
        lines = len(rows) + 1 + bool(left_out)
        height = min(_ROW, self._rect.height() / lines)
        self._write_line(
            self._rect.top(),
            height,
            (QCoreApplication.translate("Probabilities", "class"), "z", "eᶻ", "ŷ"),
            self._theme.muted,
        )
        largest = max(row.log_probability for row in rows)
        for number, row in enumerate(rows, 1):
            top = self._rect.top() + number * height
            self._paint_row(row, top, height, row.label == actual, row.log_probability == largest, colours[row.label])
        if left_out:
            share = sum(math.exp(row.log_probability) for row in left_out if math.isfinite(row.log_probability))
            text = f"+ {len(left_out)}"
            self._write_line(
                self._rect.top() + (lines - 1) * height, height, (text, "", "", f"{share:.4f}"), self._theme.muted
            )
        return self._rect.top() + lines * height

    def _paint_row(
        self, row: ClassRow, top: float, height: float, is_actual: bool, is_largest: bool, colour: QColor
    ) -> None:
        painter = self._painter
        probability = math.exp(row.log_probability) if math.isfinite(row.log_probability) else math.nan
        self._paint_marker(QPointF(self._rect.left() + 8, top + height / 2), row.label, colour)
        name = f"{row.name} ✓" if is_actual else row.name
        ink = self._theme.text if is_actual or is_largest else self._theme.muted
        self._write_line(top, height, (name, _fixed(row.z), format_exp(row.z), _fixed(probability)), ink)
        track = QRectF(self._bar.left(), top + height * 0.2, self._bar.width(), height * 0.6)
        painter.fillRect(track, QColor(self._theme.window if self._theme.name != "paper" else "#eef0f3"))
        if math.isfinite(probability):
            painter.fillRect(QRectF(track.left(), track.top(), track.width() * probability, track.height()), colour)
        if is_actual:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.text), 1.2))
            painter.drawRect(track)

    def _paint_marker(self, centre: QPointF, index: int, colour: QColor) -> None:
        self._painter.save()
        self._painter.translate(centre)
        self._painter.scale(11, 11)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(colour)
        path: QPainterPath = marker_path(index)
        self._painter.drawPath(path)
        self._painter.restore()

    def _write_line(self, top: float, height: float, texts: tuple[str, str, str, str], ink: str) -> None:
        self._painter.setPen(QColor(ink))
        align_right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        name = self._metrics.elidedText(texts[0], Qt.TextElideMode.ElideMiddle, self._name.width())
        place = QRectF(self._name.left(), top, self._name.width(), height)
        self._painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        for column, text in zip((self._z, self._t, self._p), texts[1:], strict=True):
            self._painter.drawText(QRectF(column.left(), top, column.width(), height), align_right, text)


def format_exp(z: float) -> str:
    """e^z with four significant digits, also where it is far beyond the largest float."""
    if not math.isfinite(z):
        return {math.inf: "∞", -math.inf: "0"}.get(z, "–")
    if abs(z) < 9.0:
        return _short(math.exp(z))
    if abs(z) >= 1e9:  # a double no longer knows the digits, and the power of ten would have a dozen
        return f"e^{z:.4g}".replace("-", "−")
    exponent = math.floor(z / math.log(10.0))
    mantissa = 10.0 ** (z / math.log(10.0) - exponent)
    if f"{mantissa:.3f}" == "10.000":
        mantissa, exponent = 1.0, exponent + 1
    return f"{mantissa:.3f}e{exponent:+d}".replace("-", "−")


def _short(value: float) -> str:
    """Four significant digits, with a true minus sign in the exponent."""
    return f"{value:.4g}".replace("e-0", "e−").replace("e-", "e−").replace("-", "−")


def _fixed(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    return f"{value:.4f}".replace("-", "−") if abs(value) < 1e5 else f"{value:.3e}".replace("-", "−")


def _elided(name: str, most: int = 40) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
