"""What the training thought of the chosen example, from its start to now."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSignalBlocker
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from engine.analysis.example_path import leading_classes
from engine.arrays import FloatArray, IntArray
from gui.loading import LoadedData
from gui.plots.class_style import class_colours
from gui.plots.curve_item import CurveItem
from gui.plots.example_history import ExampleHistory
from gui.plots.graph import GraphPlot
from gui.plots.legend import LegendEntry
from gui.run_view import RunState, RunView
from gui.theme import Theme

MOST_CLASSES = 8
_LEAST_EPOCHS = 1.0
_LEAPS_A_DECADE = 4
_NAME_LENGTH = 24


class ProbabilityPathPlot(GraphPlot):
    """A curve for each class that ever mattered, the actual class drawn thicker; the chosen moment is a line."""

    most_frames_per_second = 10.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "probability_path",
            self.tr("Probabilities over time"),
            self.tr("Train: how the probabilities of the chosen example move appears here."),
            parent,
        )
        self.short_title = self.tr("Over time")
        self._path = ExampleHistory(session, self.key, self.refresh)
        self._classes: IntArray = np.empty(0, dtype=np.int64)
        self._x: FloatArray = np.empty(0)
        self._lines: FloatArray = np.empty((0, 0))
        self._shown: tuple[object, ...] = ()
        self._log = False
        self._pointer = QPointF()
        self._curves = [self._curve(n) for n in range(MOST_CLASSES + 2)]
        self._moment_line = self._curve(0)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._readout = pg.TextItem(anchor=(0, 0))
        for item in (self._cursor, self._readout):
            item.setVisible(False)
            item.setZValue(20)
            self.item.addItem(item, ignoreBounds=True)
        self._log_button = self._make_log_button()
        self.add_control(self._log_button)
        self.name_axis("bottom", self.tr("epoch"))
        self.name_axis("left", self.tr("probability ŷ"))
        self.item.showGrid(x=True, y=True, alpha=0.16)
        self.view.setLimits(xMin=-1e7, xMax=1e7, yMin=-1.0, yMax=2.0)
        self.graph.scene().sigMouseMoved.connect(self._show_value_at)
        session.example_changed.connect(self.refresh)

    # Drawing

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        self._shown = ()  # pens and legend are chosen anew
        self._moment_line.setPen(self.pen(theme.text, 1.2))
        self._cursor.setPen(self.pen(theme.muted, 1))
        self._readout.setColor(theme.text)
        self._readout.fill = pg.mkBrush(theme.card)
        self._readout.border = pg.mkPen(theme.border)

    def take_data(self) -> None:
        """Forget the curves of another data set."""
        self._clear()

    def redraw(self) -> None:
        """Draw what is known of the chosen example; ask for the rest."""
        self._path.bring_up()
        session, loaded, history = self.session, self.session.loaded, self.session.history
        P = self._path.P
        finite = bool(np.isfinite(P).any())
        self._say_what_is_missing(bool(len(P)), finite)
        if loaded is None or history is None or not finite:
            self._clear()
            return
        actual = int(loaded.dataset.y[session.example])
        self._classes = leading_classes(P, actual, MOST_CLASSES)
        self._x = np.array([moment.step for moment in self._path.moments]) / history.steps_per_epoch
        self._lines = P[:, self._classes].T
        if len(self._classes) < P.shape[1]:
            self._lines = np.vstack([self._lines, np.clip(1.0 - self._lines.sum(axis=0), 0.0, 1.0)])
        self._dress(loaded, actual)
        self._follow()
        for n, curve in enumerate(self._curves):
            self._draw(curve, self._x, self._lines[n] if n < len(self._lines) else np.full_like(self._x, np.nan))
        moment = session.moment
        where = np.full(2, moment.step / history.steps_per_epoch if moment else np.nan)
        self._draw(self._moment_line, where, np.array([0.0, 1.0]))
        if self._readout.isVisible():
            self._show_value_at(self._pointer)

    def legend_entries(self) -> list[LegendEntry]:
        """The classes that have a curve, and what stands for all others."""
        loaded = self.session.loaded
        if loaded is None or len(self._lines) == 0:
            return []
        colours, actual = self._colours(loaded), int(loaded.dataset.y[self.session.example])
        entries = [
            LegendEntry(name, colour, thin=n >= len(self._classes) or self._classes[n] != actual)
            for n, (name, colour) in enumerate(zip(self._names(loaded, actual), colours, strict=True))
        ]
        if self.session.moment is not None:
            entries.append(LegendEntry(self.tr("chosen moment"), QColor(self.theme.text), thin=True))
        return entries

    def extend_menu(self, menu: QMenu) -> None:
        """The switch of the header, and the way back from a zoom."""
        action = menu.addAction(self._log_button.toolTip())
        action.setCheckable(True)
        action.setChecked(self._log)
        action.toggled.connect(self._log_button.setChecked)
        menu.addAction(self.tr("Show all")).triggered.connect(self.reset_view)

    def set_log(self, on: bool) -> None:
        """Make the axis of epochs logarithmic."""
        self._log = on
        self.item.getAxis("bottom").setLogMode(on)
        with QSignalBlocker(self._log_button):
            self._log_button.setChecked(on)
        self._hide_value()
        self.reset_view()

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Render the curves without the cursor."""
        self._hide_value()
        super().paint_content(painter, rect)

    def _say_what_is_missing(self, any_moment: bool, finite: bool) -> None:
        self.show_hint(
            not finite,
            self.tr("The training diverged: its probabilities are no numbers.")
            if any_moment
            else self.tr("Train: how the probabilities of the chosen example move appears here."),
        )

    def _dress(self, loaded: LoadedData, actual: int) -> None:
        """Choose pens and legend for the curves, where they are other ones than before."""
        shown = (loaded, self.session.example, self.session.moment is None, *self._classes.tolist())
        if shown == self._shown:
            return
        self._shown = shown
        for n, colour in enumerate(self._colours(loaded)):
            is_actual = n < len(self._classes) and self._classes[n] == actual
            self._curves[n].setPen(self.pen(colour, 3.4 if is_actual else 1.6))
            self._curves[n].setZValue(9 if is_actual else 2)
        self.name_axis("left", self.tr("ŷ of example {n}").format(n=f"{self.session.example + 1:,}"))
        self.update_legend()

    def _clear(self) -> None:
        self._x, self._lines, self._shown = np.empty(0), np.empty((0, 0)), ()
        for curve in (*self._curves, self._moment_line):
            curve.setData([], [])
        self._hide_value()
        self.update_legend()
        self._follow()

    def _draw(self, curve: CurveItem, x: FloatArray, y: FloatArray) -> None:
        if self._log:
            x, y = x[x > 0], y[x > 0]
        curve.setData(self._in_view(x), y, connect="finite")

    def _in_view(self, x: FloatArray) -> FloatArray:
        return np.log10(x) if self._log else x

    def _follow(self) -> None:
        """Move the view in leaps while training: a view that moves with every frame repaints its axes every frame."""
        after_start = self._x[self._x > 0]
        last = max(float(after_start[-1]), 1e-9) if len(after_start) else _LEAST_EPOCHS
        if self.session.state is RunState.RUNNING:
            last = 10.0 ** (math.ceil(math.log10(last) * _LEAPS_A_DECADE + 0.2) / _LEAPS_A_DECADE)
        first = float(after_start[0]) if len(after_start) else 0.1
        left = math.log10(min(first, last / 1.5)) if self._log else 0.0
        self.set_view(left, math.log10(last) if self._log else last, -0.02, 1.02)

    def _curve(self, z: float) -> CurveItem:
        curve = CurveItem()
        curve.setSegmentedLineMode("off")  # a few hundred points: one path is fast enough, and smooth
        curve.setZValue(z)
        self.item.addItem(curve, ignoreBounds=True)
        return curve

    def _make_log_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"{self.key}_log_x")
        button.setText(self.tr("log x"))
        button.setToolTip(self.tr("Logarithmic epoch axis"))
        button.setAccessibleName(button.toolTip())
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.toggled.connect(self.set_log)
        return button

    # Names and values

    def _names(self, loaded: LoadedData, actual: int) -> list[str]:
        names = [loaded.dataset.class_names[c] for c in self._classes.tolist()]
        names = [f"{name} ✓" if c == actual else name for name, c in zip(names, self._classes.tolist(), strict=True)]
        rest = loaded.dataset.n_classes - len(names)
        return [*names, self.tr("{n} others").format(n=f"{rest:,}")] if rest else names

    def _colours(self, loaded: LoadedData) -> list[QColor]:
        colours = class_colours(loaded.dataset.n_classes)
        found = [colours[c] for c in self._classes.tolist()]
        return found if len(found) == len(colours) else [*found, QColor(self.theme.muted)]

    def _show_value_at(self, scene_position: QPointF) -> None:
        """Read out the probabilities at the moment nearest to the cursor."""
        loaded, self._pointer = self.session.loaded, scene_position
        if loaded is None or len(self._x) == 0 or not self.view.sceneBoundingRect().contains(scene_position):
            self._hide_value()
            return
        wanted = self.view.mapSceneToView(scene_position).x()
        places = self._in_view(np.maximum(self._x, 1e-300))
        nearest = int(np.abs(places - wanted).argmin())
        self._readout.setText(self._sentence(loaded, nearest))
        (left, right), (_, top) = self.view.viewRange()
        x = min(max(float(places[nearest]), left), right)
        self._readout.setAnchor((0, 0) if x < (left + right) / 2 else (1, 0))
        self._readout.setPos(x, top)
        self._cursor.setPos(x)
        self._cursor.setVisible(True)
        self._readout.setVisible(True)

    def _sentence(self, loaded: LoadedData, index: int) -> str:
        step = self._path.moments[index].step
        lines = [self.tr("epoch {n}, step {step}").format(n=f"{self._x[index]:,.6g}", step=f"{step:,}")]
        names = self._names(loaded, int(loaded.dataset.y[self.session.example]))
        for n in np.argsort(-self._lines[:, index], kind="stable").tolist():
            name = names[n] if len(names[n]) <= _NAME_LENGTH else f"{names[n][: _NAME_LENGTH - 1]}…"
            lines.append(f"{name}  {self._lines[n, index]:.6g}".replace("e-", "e−"))
        return "\n".join(lines)

    def _hide_value(self) -> None:
        self._cursor.setVisible(False)
        self._readout.setVisible(False)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the read-out away with the cursor."""
        super().leaveEvent(event)
        self._hide_value()
