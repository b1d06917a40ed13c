"""Curves over the epochs: what the cost and the accuracy plot share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSignalBlocker
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from engine.arrays import FloatArray
from engine.history import EpochSeries
from gui.plots.curve_item import CurveItem
from gui.plots.decimation import decimate
from gui.plots.graph import GraphPlot
from gui.plots.legend import LegendEntry
from gui.run_view import RunState, RunView
from gui.theme import Theme

_SMALLEST = 1e-300
_LEAST_EPOCHS = 5.0
_LEAPS_A_DECADE = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """The range of y that the curves span."""

    low: float
    high: float


class CurvesPlot(GraphPlot):
    """A training and a validation curve over the epochs, exact values under the cursor, logarithmic axes on demand."""

    log_y_wanted = True

    def __init__(self, session: RunView, key: str, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(session, key, title, hint, parent)
        self._log = {"bottom": False, "left": False}
        self._buttons: dict[str, QToolButton] = {}
        self._training = self.curve(2)
        self._validation = self.curve(1)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._readout = pg.TextItem(anchor=(0, 0))
        for item in (self._cursor, self._readout):
            item.setVisible(False)
            item.setZValue(10)
            self.item.addItem(item, ignoreBounds=True)
        self.name_axis("bottom", self.tr("epoch"))
        self._add_log_button("bottom", f"{key}_log_x", self.tr("log x"), self.tr("Logarithmic epoch axis"))
        if self.log_y_wanted:
            self._add_log_button("left", f"{key}_log_y", self.tr("log y"), self.tr("Logarithmic cost axis"))
        self.item.showGrid(x=True, y=True, alpha=0.16)
        self.view.setLimits(xMin=-1e7, xMax=1e7, yMin=-1e300, yMax=1e300)
        self.graph.scene().sigMouseMoved.connect(self._show_value_at)
        self.view.sigXRangeChanged.connect(lambda *_: None if self.follows else self.refresh())

    # What a curve plot implements

    def values(self, series: EpochSeries) -> tuple[FloatArray, FloatArray]:
        """Training and validation values, one an epoch."""
        raise NotImplementedError

    def format_value(self, value: float) -> str:
        """A value as the cursor reads it out."""
        raise NotImplementedError

    def y_limits(self, training: FloatArray, validation: FloatArray) -> Limits:
        """The range of y to show when the view follows the data."""
        raise NotImplementedError

    # Drawing

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        self._training.setPen(self.pen(theme.training, 2))
        self._validation.setPen(self.pen(theme.validation, 2))
        self._cursor.setPen(self.pen(theme.muted, 1))
        self._readout.setColor(theme.text)
        self._readout.fill = pg.mkBrush(theme.card)
        self._readout.border = pg.mkPen(theme.border)

    def legend_entries(self) -> list[LegendEntry]:
        """Training and, where rows are held back, validation."""
        entries = [LegendEntry(self.tr("training"), self._training.opts["pen"].color())]
        loaded = self.session.loaded
        if loaded is not None and len(loaded.data.y_validation):
            entries.append(LegendEntry(self.tr("validation"), self._validation.opts["pen"].color()))
        return entries

    def redraw(self) -> None:
        """Draw the history as it is now."""
        history = self.session.history
        self.show_hint(history is None)
        if history is None:
            self._clear()
            return
        series = history.epochs
        training, validation = self.values(series)
        self._follow(float(series.epoch[-1]) if len(series.epoch) else 0.0, training, validation)
        edges = self.x_edges()
        self._draw(self._training, series.epoch, training, edges)
        self._draw(self._validation, series.epoch, validation, edges)

    def x_edges(self) -> FloatArray:
        """Epochs at the borders of the columns of pixels, two pixels each."""
        (left, right), _ = self.view.viewRange()
        edges = np.linspace(left, right, max(int(self.view.width() / 2), 50))
        return 10.0**edges if self._log["bottom"] else edges

    def in_view(self, axis: str, values: FloatArray) -> FloatArray:
        """Values in the coordinates of the view: their logarithm on a logarithmic axis."""
        return np.log10(np.maximum(values, _SMALLEST)) if self._log[axis] else values

    def draw_line(self, curve: CurveItem, x: FloatArray, y: FloatArray) -> None:
        """Draw points that need no more thinning."""
        if self._log["bottom"]:
            x, y = x[x > 0], y[x > 0]
        curve.setData(self.in_view("bottom", x), self.in_view("left", y), connect="finite")

    def extend_menu(self, menu: QMenu) -> None:
        """The switches of the header, and the way back from a zoom."""
        for button in self._buttons.values():
            action = menu.addAction(button.toolTip())
            action.setCheckable(True)
            action.setChecked(button.isChecked())
            action.toggled.connect(button.setChecked)
        menu.addAction(self.tr("Show all")).triggered.connect(self.reset_view)

    def set_log(self, axis: str, on: bool) -> None:
        """Make the ``bottom`` or the ``left`` axis logarithmic."""
        self._log[axis] = on
        self.item.getAxis(axis).setLogMode(on)
        with QSignalBlocker(self._buttons[axis]):
            self._buttons[axis].setChecked(on)
        self._hide_value()
        self.reset_view()

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Render the curves without the cursor."""
        self._hide_value()
        super().paint_content(painter, rect)

    def curve(self, z: float, *, antialias: bool = True) -> CurveItem:
        """Another curve in this plot."""
        curve = CurveItem(antialias=antialias)
        curve.setZValue(z)
        self.item.addItem(curve, ignoreBounds=True)
        return curve

    def _draw(self, curve: CurveItem, epoch: FloatArray, values: FloatArray, edges: FloatArray) -> None:
        self.draw_line(curve, *decimate(epoch, values, edges))

    def _clear(self) -> None:
        for curve in (self._training, self._validation):
            curve.setData([], [])
        self._hide_value()
        empty = np.empty(0)
        self._follow(float(self.session.config.epochs), empty, empty)

    def _follow(self, last: float, training: FloatArray, validation: FloatArray) -> None:
        """Move the view in leaps while training: a view that moves with every frame repaints its axes every frame."""
        limits = self.y_limits(training, validation)
        low, high = (float(v) for v in self.in_view("left", np.array([limits.low, limits.high])))
        last = max(last, _LEAST_EPOCHS)
        if self.session.state is RunState.RUNNING:
            last = _leap(last)
        if self._log["left"]:
            low, high = math.floor(low * _LEAPS_A_DECADE) / _LEAPS_A_DECADE, high + 0.05
        left, right = (0.0, math.log10(last)) if self._log["bottom"] else (0.0, last)
        margin = max((high - low) * 0.05, 1e-9)
        self.set_view(left, right, low - margin, high + margin)

    def _add_log_button(self, axis: str, name: str, text: str, tip: str) -> None:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.toggled.connect(lambda on: self.set_log(axis, on))
        self._buttons[axis] = button
        self.add_control(button)

    def _show_value_at(self, scene_position: QPointF) -> None:
        """Read out the exact values of the epoch nearest to the cursor."""
        history = self.session.history
        series = history.epochs if history else None
        if series is None or len(series.epoch) == 0 or not self.view.sceneBoundingRect().contains(scene_position):
            self._hide_value()
            return
        point = self.view.mapSceneToView(scene_position)
        epoch = 10.0 ** min(point.x(), 300.0) if self._log["bottom"] else point.x()
        index = _nearest(series.epoch, epoch)
        training, validation = self.values(series)
        nearest = float(series.epoch[index])
        self._readout.setText(self._sentence(nearest, float(training[index]), float(validation[index])))
        x = float(self.in_view("bottom", np.array([max(nearest, 1.0) if self._log["bottom"] else nearest]))[0])
        (left, right), _ = self.view.viewRange()
        self._readout.setAnchor((0, 0) if x < (left + right) / 2 else (1, 0))
        self._readout.setPos(x, self.view.viewRange()[1][1])
        self._cursor.setPos(x)
        self._cursor.setVisible(True)
        self._readout.setVisible(True)

    def _sentence(self, epoch: float, training: float, validation: float) -> str:
        lines = [
            self.tr("epoch {n}").format(n=f"{epoch:,.0f}"),
            self.tr("training {value}").format(value=self.format_value(training)),
        ]
        if math.isfinite(validation):
            lines.append(self.tr("validation {value}").format(value=self.format_value(validation)))
        return "\n".join(lines)

    def _hide_value(self) -> None:
        self._cursor.setVisible(False)
        self._readout.setVisible(False)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the read-out away with the cursor."""
        super().leaveEvent(event)
        self._hide_value()


def _nearest(epochs: FloatArray, epoch: float) -> int:
    """The index of the epoch nearest to ``epoch``; not every one need be there."""
    right = int(np.searchsorted(epochs, epoch))
    if right == 0 or right == len(epochs):
        return min(right, len(epochs) - 1)
    return right if epochs[right] - epoch < epoch - epochs[right - 1] else right - 1


def _leap(epochs: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7, 10, 15, ... that leaves room for more."""
    decade = 10.0 ** math.floor(math.log10(epochs))
    return next(decade * digit for digit in (1.5, 2, 3, 5, 7, 10) if decade * digit > epochs)


def finite_limits(*series: FloatArray) -> Limits | None:
    """The least and greatest value of all series that hold numbers; None where none does."""
    held = [s for s in series if len(s) and math.isfinite(s[0])]  # a series is finite throughout, or nowhere
    return Limits(min(float(s.min()) for s in held), max(float(s.max()) for s in held)) if held else None
