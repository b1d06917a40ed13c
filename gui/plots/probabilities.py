"""The chosen example, from its logits to its probabilities and its loss."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QSpinBox, QWidget

from engine.softmax import log_softmax
from gui.loading import LoadedData
from gui.plots.digits import elided, exact, format_exp, short
from gui.plots.painted import PaintedPlot
from gui.plots.probability_table import ProbabilityTable, Scored
from gui.run_view import RunView

_PAD = 8.0


class ProbabilitiesPlot(PaintedPlot):
    """Per class z, t = e^z, ŷ as a number and as a bar, y; the sum of t; the loss, written out."""

    most_frames_per_second = 15.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "probabilities",
            self.tr("Probabilities"),
            self.tr("Choose an example: its z, e^z and probabilities appear here."),
            parent,
        )
        self._scored: Scored | None = None
        self._caption = ""
        self._in_training = np.zeros(0, dtype=bool)
        self._chooser = QSpinBox(self)
        self._chooser.setObjectName("example")
        self._chooser.setAccessibleName(self.tr("Chosen example"))
        self._chooser.setToolTip(
            self.tr("Number of the chosen example. A click on a point or a table row chooses too.")
        )
        self._chooser.setPrefix(self.tr("example "))
        self._chooser.valueChanged.connect(lambda number: session.choose_example(number - 1))
        self.add_control(self._chooser)
        session.example_changed.connect(self._take_example)
        self.take_data()

    def take_data(self) -> None:
        """Let the chooser range over the examples of another data set."""
        loaded = self.session.loaded
        self._scored = None
        if loaded is not None:
            self._in_training = np.zeros(loaded.dataset.n_examples, dtype=bool)
            self._in_training[loaded.data.split.train] = True
        self._take_example()

    def redraw(self) -> None:
        """Compute the chosen example anew with the newest weights."""
        loaded, network, theta = self.session.loaded, self.session.network, self.session.theta
        self.show_hint(loaded is None)
        if loaded is None or network is None or theta is None:
            return
        x = loaded.data.X_all[self.session.example][np.newaxis]
        with np.errstate(over="ignore", invalid="ignore"):
            z = network.logits(theta, x.astype(theta.dtype, copy=False))[0].astype(np.float64)
            log_probabilities = log_softmax(z)
        dataset = loaded.dataset
        self._scored = Scored(dataset.class_names, z, log_probabilities, int(dataset.y[self.session.example]))
        self._caption = self._describe(loaded, self._scored)
        self.content.setAccessibleDescription(self._caption)
        self.content.update()

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the table of classes and the sentence beneath it."""
        if self._scored is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        table, caption_height = self._table(self._scored, rect)
        table.paint(painter, self.theme)
        painter.setPen(self.theme.text)
        place = QRectF(rect.left(), table.bottom + _PAD, rect.width(), caption_height + 2)
        painter.drawText(place, int(Qt.TextFlag.TextWordWrap), self._caption)

    def text_at(self, point: QPointF) -> str:
        """The numbers of the class under ``point``, or the sum or the loss, with all their digits."""
        if self._scored is None:
            return ""
        scored = self._scored
        table, _ = self._table(scored, QRectF(self.content.rect()))
        c = table.class_at(point)
        if c is not None:
            z = float(scored.z[c])
            t = exact(math.exp(z)) if abs(z) < 700.0 else format_exp(z)
            lines = (
                scored.names[c],
                f"z = {exact(z)}",
                f"t = eᶻ = {t}",
                f"ŷ = {exact(float(scored.probabilities[c]))}",
            )
            return "\n".join((*lines, f"y = {int(c == scored.actual)}"))
        if table.is_sum_at(point):
            log_sum = scored.log_sum
            return f"Σ t = {exact(math.exp(log_sum)) if abs(log_sum) < 700.0 else format_exp(log_sum)}"
        return f"L = −log ŷ = {exact(scored.loss)}" if point.y() > table.bottom else ""

    def _table(self, scored: Scored, rect: QRectF) -> tuple[ProbabilityTable, float]:
        """The table as it stands in ``rect``, and the height of the sentence beneath it."""
        metrics = QFontMetricsF(self.font())
        caption = metrics.boundingRect(rect, int(Qt.TextFlag.TextWordWrap), self._caption)
        return ProbabilityTable(scored, rect.adjusted(0, 0, 0, -caption.height() - 2 * _PAD), metrics), caption.height()

    def _describe(self, loaded: LoadedData, scored: Scored) -> str:
        part = self.tr("training") if self._in_training[self.session.example] else self.tr("validation")
        text = self.tr("Table row {row}, {part}; actual class {actual}; loss L = −Σ y log ŷ = {loss}")
        return text.format(
            row=f"{int(loaded.dataset.rows[self.session.example]) + 1:,}",
            part=part,
            actual=elided(scored.names[scored.actual]),
            loss=short(scored.loss),
        )

    def _take_example(self) -> None:
        loaded = self.session.loaded
        self._chooser.setEnabled(loaded is not None)
        if loaded is not None:
            with QSignalBlocker(self._chooser):
                self._chooser.setRange(1, loaded.dataset.n_examples)
                self._chooser.setValue(self.session.example + 1)
        self.refresh()
