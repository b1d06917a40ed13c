"""Curves over the epochs: what the plots of a training over time share."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSignalBlocker, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QToolTip, QWidget

from engine.arrays import FloatArray
from engine.history import History
from engine.smoothing import GrowingAverage
from gui.plain_text import plain_tooltip
from gui.plots.curve_item import CurveItem
from gui.plots.curve_values import (
    MOST_SMOOTHING,
    Curves,
    Limits,
    has_numbers,
    leap,
    nearest_to,
    span_of,
    thinned,
)
from gui.plots.graph import GraphPlot
from gui.plots.guides import Guide, GuidesItem
from gui.plots.legend import LegendEntry
from gui.plots.line_readout import LineReadout
from gui.plots.options import OptionsButton, SliderAction
from gui.plots.run_marks import RunMark, RunMarks, as_guide, legend_of
from gui.run_view import RunState, RunView
from gui.theme import Theme, blended

_SMALLEST = 1e-300
_LEAST_EPOCHS = 5.0
_LEAPS_A_DECADE = 4
_FAINT = 0.35


class CurvesPlot(GraphPlot):
    """A training and a validation curve over epochs or steps, with what happened in the run marked.

    Exact values under the cursor, logarithmic axes and smoothing on demand.
    """

    log_y_wanted = True

    def __init__(self, session: RunView, key: str, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(session, key, title, hint, parent)
        self._hint_text = hint
        self._log = {"bottom": False, "left": False}
        self._buttons: dict[str, QToolButton] = {}
        self._in_steps = False
        self._span = 1.0
        self._averages = GrowingAverage(1.0), GrowingAverage(1.0)
        self._marks_shown = True
        self._drawn: Curves | None = None
        self._smooth: Curves | None = None
        self._named: list[LegendEntry] = []
        self.run_marks = RunMarks(session)
        self._faint = self.curve(0.4, antialias=False), self.curve(0.3, antialias=False)
        self._solid = self.curve(2), self.curve(1)
        self._guides = GuidesItem()
        self.item.addItem(self._guides, ignoreBounds=True)
        self._readout = LineReadout(self.item)
        self.options = OptionsButton(key, self)
        self._add_options(key)
        self.add_control(self.options)
        self.name_axis("bottom", self.tr("epoch"))
        self._add_log_button("bottom", f"{key}_log_x", self.tr("log x"), self.tr("Logarithmic horizontal axis"))
        if self.log_y_wanted:
            self._add_log_button("left", f"{key}_log_y", self.tr("log y"), self.tr("Logarithmic vertical axis"))
        self.item.showGrid(x=True, y=True, alpha=0.16)
        self.view.setLimits(xMin=-1e12, xMax=1e12, yMin=-1e300, yMax=1e300)
        self.graph.scene().sigMouseMoved.connect(self._show_value_at)
        self.view.sigResized.connect(lambda *_: self.refresh())
        self.view.sigXRangeChanged.connect(lambda *_: None if self.follows else self.refresh())
        session.config_changed.connect(self.refresh)

    # What a curve plot implements

    def curves_of(self, history: History) -> Curves:
        """What to draw of ``history``."""
        raise NotImplementedError

    def format_value(self, value: float) -> str:
        """A value as the cursor reads it out."""
        raise NotImplementedError

    def y_limits(self, training: FloatArray, validation: FloatArray) -> Limits:
        """The range of y to show when the view follows the data."""
        raise NotImplementedError

    def levels(self) -> tuple[Guide, ...]:
        """Lines right across, at values of y; none by default."""
        return ()

    def rises(self) -> bool:
        """Whether there is more room for the labels of marks at the bottom."""
        return False

    def curve_names(self) -> tuple[str, str]:
        """What the two curves are called; the second "" where there is none."""
        loaded = self.session.loaded
        validates = loaded is not None and len(loaded.data.y_validation) > 0
        return self.tr("training"), self.tr("validation") if validates else ""

    def empty_text(self) -> str:
        """What stands in the plot where there is no curve."""
        return self._hint_text

    def add_chooser(self, chooser: QWidget) -> None:
        """Put what the plot shows at the left of the legend: the header of a narrow card has no room for it."""
        row = QHBoxLayout()
        row.setSpacing(12)
        self._layout.replaceWidget(self.legend_bar, chooser)
        self._layout.removeWidget(chooser)
        row.addWidget(chooser, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.legend_bar, 1, Qt.AlignmentFlag.AlignVCenter)
        self._layout.insertLayout(1, row)

    # Drawing

    def refresh(self) -> None:
        """Redraw when the plot can be seen; remember in any case what the run will not."""
        self.run_marks.note()
        super().refresh()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        for solid, faint, colour in zip(self._solid, self._faint, (theme.training, theme.validation), strict=True):
            solid.setPen(self.pen(colour, 2))
            # Opaque, because the strokes of a zigzag overlap and would add up.
            faint.setPen(self.pen(blended(colour, theme.card, _FAINT), 1))
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.86)
        self._guides.set_look(font, theme.card)
        self._readout.set_theme(theme, self.pen(theme.muted, 1))

    def legend_entries(self) -> list[LegendEntry]:
        """All curves, levels and marks."""
        levels = self.levels() if self._drawn is not None else ()
        named = [LegendEntry(level.label, QColor(level.colour), thin=True, style=level.style) for level in levels]
        return [*self.curve_entries(), *named, *legend_of(self.marks(), self.theme)]

    def curve_entries(self) -> list[LegendEntry]:
        """The curves, smoothed and not."""
        names = self.curve_names()
        entries = [
            LegendEntry(name, curve.opts["pen"].color()) for name, curve in zip(names, self._solid, strict=True) if name
        ]
        if self._span > 1.0:
            entries.append(LegendEntry(self.tr("before smoothing"), self._faint[0].opts["pen"].color(), thin=True))
        return entries

    def redraw(self) -> None:
        """Draw the history as it is now."""
        history = self.session.history
        curves = self.curves_of(history) if history is not None else None
        if curves is not None and not (has_numbers(curves.training) or has_numbers(curves.validation)):
            curves = None
        self._drawn = curves
        self.show_hint(curves is None, self.empty_text())
        if history is None or curves is None:
            self._clear()
        else:
            self._draw(history, curves)
        self._update_changed_legend()

    def unit(self, history: History | None = None) -> float:
        """How many units of the horizontal axis an epoch has."""
        history = history or self.session.history
        return float(history.steps_per_epoch) if self._in_steps and history is not None else 1.0

    def x_edges(self) -> FloatArray:
        """Epochs at the borders of the columns of pixels, two pixels each."""
        (left, right), _ = self.view.viewRange()
        return self._edges(left, right)

    def in_view(self, axis: str, values: FloatArray) -> FloatArray:
        """Values in the coordinates of the view: their logarithm on a logarithmic axis, far below without one."""
        if not self._log[axis]:
            return values
        with np.errstate(invalid="ignore"):
            return np.log10(np.maximum(values, _SMALLEST))

    def draw_line(self, curve: CurveItem, epoch: FloatArray, y: FloatArray) -> None:
        """Draw points that need no more thinning."""
        if self._log["bottom"]:
            epoch, y = epoch[epoch > 0], y[epoch > 0]
        curve.setData(self.in_view("bottom", epoch * self.unit()), self.in_view("left", y), connect="finite")

    def extend_menu(self, menu: QMenu) -> None:
        """The switches of the header, and the way back from a zoom."""
        self.options.add_to(menu)
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
        self._readout.hide()
        self.reset_view()

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Render the curves without the cursor."""
        self._readout.hide()
        super().paint_content(painter, rect)

    def curve(self, z: float, *, antialias: bool = True) -> CurveItem:
        """Another curve in this plot."""
        curve = CurveItem(antialias=antialias)
        curve.setZValue(z)
        self.item.addItem(curve, ignoreBounds=True)
        return curve

    def _draw(self, history: History, curves: Curves) -> None:
        last = max(float(curves.epoch[-1]), _LEAST_EPOCHS)
        if self.session.state is RunState.RUNNING:
            last = leap(last)
        left, right = self._x_range(last * self.unit(history))
        edges = self._edges(left, right)
        raw = [thinned(curves.epoch, y, edges) for y in (curves.training, curves.validation)]
        self._smooth = None
        shown = raw
        if self._span > 1.0:
            self._smooth = curves._replace(
                training=self._averages[0].of(curves.training), validation=self._averages[1].of(curves.validation)
            )
            shown = [thinned(curves.epoch, y, edges) for y in (self._smooth.training, self._smooth.validation)]
        self._follow(left, right, self.y_limits(raw[0][1], raw[1][1]))
        nothing = np.empty(0), np.empty(0)
        for solid, faint, line, behind in zip(self._solid, self._faint, shown, raw, strict=True):
            self.draw_line(solid, *line)
            self.draw_line(faint, *(behind if shown is not raw else nothing))
        self._place_guides(history)

    def _clear(self) -> None:
        for curve in (*self._solid, *self._faint):
            curve.setData([], [])
        self._smooth = None
        self._guides.show_guides((), ())
        self._readout.hide()
        last = max(float(self.session.config.epochs), _LEAST_EPOCHS)
        self._follow(*self._x_range(last * self.unit()), self.y_limits(np.empty(0), np.empty(0)))

    def _x_range(self, last: float) -> tuple[float, float]:
        """What the view spans, or will span, in its own coordinates."""
        if not self.follows:
            (left, right), _ = self.view.viewRange()
            return left, right
        return 0.0, math.log10(max(last, 1.1)) if self._log["bottom"] else last

    def _edges(self, left: float, right: float) -> FloatArray:
        edges = np.linspace(left, right, max(int(self.view.width() / 2), 50))
        with np.errstate(over="ignore"):
            return (10.0**edges if self._log["bottom"] else edges) / self.unit()

    def _follow(self, left: float, right: float, limits: Limits) -> None:
        """Move the view in leaps while training: a view that moves with every frame repaints its axes every frame."""
        low, high = (float(v) for v in self.in_view("left", np.array([limits.low, limits.high])))
        if self._log["left"]:
            low, high = math.floor(low * _LEAPS_A_DECADE) / _LEAPS_A_DECADE, high + 0.05
        margin = max((high - low) * 0.05, abs(high) * 1e-9, 1e-9)
        self.set_view(left, right, low - margin, high + margin)

    # Marks and levels

    def marks(self) -> tuple[RunMark, ...]:
        """What happened in the run, where that is to be shown."""
        return self.run_marks.marks() if self._marks_shown and self._drawn is not None else ()

    def _place_guides(self, history: History) -> None:
        unit = self.unit(history)
        marks = tuple(
            as_guide(mark, self._place("bottom", mark.epoch * unit), self.theme)
            for mark in self.marks()
            if mark.epoch > 0 or not self._log["bottom"]
        )
        levels = tuple(
            replace(level, place=self._place("left", level.place))
            for level in self.levels()
            if level.place > 0 or not self._log["left"]
        )
        self._guides.show_guides(levels, marks, at_bottom=self.rises())

    def _place(self, axis: str, value: float) -> float:
        return float(self.in_view(axis, np.array([value]))[0])

    def update_legend(self) -> None:
        """Show the entries as they are now."""
        self._named = self.legend_entries()
        self.legend_bar.show_entries(self._named, self.theme)

    def _update_changed_legend(self) -> None:
        if self.legend_entries() != self._named:
            self.update_legend()

    # Options

    def _add_options(self, key: str) -> None:
        self.options.add_choice(
            (
                (f"{key}_in_epochs", self.tr("Over epochs"), self.tr("An epoch is one pass over all training rows")),
                (f"{key}_in_steps", self.tr("Over steps"), self.tr("A step changes the weights once, from one batch")),
            ),
            lambda number: self._set_in_steps(number == 1),
        )
        self._smoothing = SliderAction(
            f"{key}_smoothing",
            self.tr("Exponential moving average of each curve: what happened long ago counts ever less"),
            MOST_SMOOTHING,
            self._describe_smoothing,
            self,
        )
        self._smoothing.value_changed.connect(self._set_smoothing)
        self.options.entries.addAction(self._smoothing)
        self.options.add_switch(
            f"{key}_marks",
            self.tr("Mark what happened"),
            self.tr("Lines where a setting was changed, at the best check, at the end, and at the moment shown"),
            True,
            self._show_marks,
        )

    def _describe_smoothing(self, value: int) -> str:
        if value == 0:
            return self.tr("Smoothing: off")
        return self.tr("Smoothing: over {n} points").format(n=f"{span_of(value):,.3g}")

    def _set_smoothing(self, value: int) -> None:
        self._span = span_of(value)
        self._averages = GrowingAverage(self._span), GrowingAverage(self._span)
        self._readout.hide()
        self.redraw()

    def _set_in_steps(self, on: bool) -> None:
        self._in_steps = on
        self.name_axis("bottom", self.tr("step") if on else self.tr("epoch"))
        self._readout.hide()
        self.reset_view()

    def _show_marks(self, on: bool) -> None:
        self._marks_shown = on
        self.redraw()

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

    # What is under the pointer

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Explain the line that the pointer rests on."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self._guides.tips_at(self.graph.mapToScene(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), plain_tooltip(text), self.graph)
            else:
                QToolTip.hideText()
            return True
        return super().eventFilter(watched, event)

    def _show_value_at(self, scene_position: QPointF) -> None:
        """Read out the exact values of the check nearest to the cursor."""
        curves = self._drawn
        if curves is None or not self.view.sceneBoundingRect().contains(scene_position):
            self._readout.hide()
            return
        point = self.view.mapSceneToView(scene_position)
        x = 10.0 ** min(point.x(), 300.0) if self._log["bottom"] else point.x()
        index = nearest_to(curves.epoch, x / self.unit())
        nearest = float(curves.epoch[index])
        text = "\n".join([self._when(nearest), *self.reading(curves, index)])
        place = self._place("bottom", max(nearest * self.unit(), 1.0 if self._log["bottom"] else 0.0))
        self._readout.show(place, text)

    def reading(self, curves: Curves, index: int) -> list[str]:
        """The values of one check, a line each; those after smoothing beside the exact ones."""
        lines = []
        smooth = self._smooth[1:] if self._smooth is not None else (None, None)
        for name, values, smoothed in zip(self.curve_names(), curves[1:], smooth, strict=True):
            if name and index < len(values) and math.isfinite(values[index]):
                text = self.tr("{name} {value}").format(name=name, value=self.format_value(float(values[index])))
                if smoothed is not None:
                    value = self.format_value(float(smoothed[index]))
                    text = self.tr("{text}, smoothed {value}").format(text=text, value=value)
                lines.append(text)
        return lines

    def _when(self, epoch: float) -> str:
        if self._in_steps:
            return self.tr("step {step} (epoch {n})").format(step=f"{epoch * self.unit():,.0f}", n=f"{epoch:,.6g}")
        return self.tr("epoch {n}").format(n=f"{epoch:,.0f}" if epoch.is_integer() else f"{epoch:,.2f}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the title have its room: what a narrow card does not show of the header is in its menus too."""
        super().resizeEvent(event)
        controls = [self._title, self.options, *self._buttons.values()]
        needed = sum(control.sizeHint().width() + self._header.spacing() for control in controls)
        margins = self._layout.contentsMargins()
        for button in self._buttons.values():
            button.setVisible(needed <= self.width() - margins.left() - margins.right())

    def leaveEvent(self, event: QEvent) -> None:
        """Take the read-out away with the cursor."""
        super().leaveEvent(event)
        self._readout.hide()
