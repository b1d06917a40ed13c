"""Curves in the unit square, one for each class against all others: what ROC and precision-recall plots share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from engine.analysis import ScoreCurve, ScoreCurves
from engine.arrays import FloatArray, IntArray
from gui.plots.caption import Caption
from gui.plots.choices import add_choices
from gui.plots.class_box import ClassBox, beside_number, short_name
from gui.plots.class_style import class_colours
from gui.plots.curve_item import CurveItem
from gui.plots.digest import Answer, Digest
from gui.plots.graph import GraphPlot
from gui.plots.legend import LegendEntry
from gui.plots.part import PartBox
from gui.plots.point_readout import PointReadout
from gui.run_view import RunView
from gui.theme import Theme, blended

MOST_COLOURED = 10
MOST_FAINT = 100
_FAINT_POINTS = 6000  # of all faint curves together
_MARGIN_X, _MARGIN_Y = 14.0, 9.0  # pixels: half a tick label, so that 0 and 1 are written too
_NARROW = 340  # pixels: a narrower card has no room for both choosers beside its title
_REACH = 40.0  # pixels from which the pointer reads a curve


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """A curve as it is drawn: the corners of its path, and the points that can be read."""

    name: str
    colour: QColor
    curve: ScoreCurve
    x: FloatArray
    y: FloatArray


class ScoreCurvesPlot(GraphPlot):
    """A curve a class, coloured up to ten classes, and the averages of all; exact values beside the pointer."""

    most_frames_per_second = 8.0

    def __init__(self, session: RunView, key: str, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(session, key, title, hint, parent)
        self._empty = hint
        self._pointer: QPointF | None = None
        self._drawn: list[_Drawn] = []
        self._entries: list[LegendEntry] = []
        self._reference, self._faint = self._curve(0), self._curve(1, antialias=False)
        self._classes = [self._curve(2) for _ in range(MOST_COLOURED)]
        self._macro, self._micro = self._curve(4), self._curve(3)
        self._micro.setSegmentedLineMode("off")  # a dash is longer than a segment
        self._readout = PointReadout(self.item)
        self.item.showGrid(x=True, y=True, alpha=0.16)
        self.view.setLimits(xMin=-0.2, xMax=1.2, yMin=-0.2, yMax=1.2, minXRange=1e-5, minYRange=1e-5)
        self.graph.scene().sigMouseMoved.connect(self._follow_pointer)
        self._chooser = ClassBox(
            session,
            f"{key}_classes",
            self.tr("Curves to show: every class against all others, their averages alone, or one class"),
            (("all", self.tr("All classes")), ("averages", self.tr("Averages"))),
            self.redraw,
            self,
        )
        self._part = PartBox(session, f"{key}_part", self.redraw, self)
        for control in (self._chooser, self._part):
            self.add_control(control)
        self._caption = Caption(self, f"{key}_caption")
        self._layout.addWidget(self._caption)
        self._digest: Digest[ScoreCurves] = Digest(session, key, self._part, self.refresh)
        session.predicted.connect(self.refresh)
        self.view.sigResized.connect(self._frame)

    # What a plot of score curves implements

    def curves_of(self, y: IntArray, P: NDArray[np.float32]) -> ScoreCurves:
        """The curves of all classes; called away from the GUI thread."""
        raise NotImplementedError

    def path_of(self, curve: ScoreCurve) -> tuple[FloatArray, FloatArray]:
        """The corners of the line through the points of ``curve``; straight lines by default."""
        return curve.x, curve.y

    def reference_of(self, curves: ScoreCurves, chosen: int | None) -> tuple[FloatArray, FloatArray, str]:
        """The line that guessing reaches, and its name."""
        raise NotImplementedError

    def read(self, x: float, y: float) -> str:
        """What the read-out says of the point (x, y), one value a line."""
        raise NotImplementedError

    def area_name(self) -> str:
        """What the number beside each name is."""
        raise NotImplementedError

    def missing(self, support: int, n_rows: int) -> str:
        """Why a class with so many of the rows has no curve."""
        return self.tr("no examples") if support == 0 else self.tr("no other class")

    # Drawing

    def take_data(self) -> None:
        """Offer the classes of another data set."""
        self._chooser.take_data()
        self.follows = True

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        self._faint.setPen(self.pen(blended(theme.muted, theme.card, 0.4), 1))
        reference = self.pen(theme.muted, 1.2)
        reference.setStyle(Qt.PenStyle.DotLine)
        self._reference.setPen(reference)
        self._macro.setPen(self.pen(theme.text, 2.6))
        micro = self.pen(theme.text, 2)
        micro.setCapStyle(Qt.PenCapStyle.FlatCap)  # a square one would fill the gaps
        micro.setDashPattern([3.0, 1.8])
        self._micro.setPen(micro)
        self._readout.use(theme)

    def legend_entries(self) -> list[LegendEntry]:
        """Averages, classes and the line of guessing, each with its area; on paper the caption too."""
        caption = [LegendEntry(self._caption.text())] if self._caption.text() else []
        return [*self._entries, *caption]

    def redraw(self) -> None:
        """Draw what is known of the newest weights."""
        answer = self._digest.ask(None, self.curves_of)
        curves = answer.result if answer is not None else None
        self.show_hint(curves is None, self._digest.sentence(self._empty))
        before = self._entries, self._caption.text()
        if answer is None or curves is None:
            self._clear()
        else:
            self._draw(answer, curves)
        if (self._entries, self._caption.text()) != before:
            self.update_legend()
        self._frame()
        if self._pointer is not None:
            self._read_out(self._pointer)

    def extend_menu(self, menu: QMenu) -> None:
        """The way back from a zoom, and the rows to look at, whose chooser a narrow card hides."""
        menu.addAction(self.tr("Show all")).triggered.connect(self.reset_view)
        add_choices(menu, self._part)

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Render the curves without the read-out."""
        self._readout.hide()
        super().paint_content(painter, rect)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low card has no room for the caption, a narrow one none for the second chooser."""
        super().resizeEvent(event)
        self._caption.make_way(self.height())
        self._part.setVisible(self.width() >= _NARROW)

    def _frame(self) -> None:
        """Show the whole square, unless the user holds the view."""
        mx, my = _MARGIN_X / max(self.view.width(), 100.0), _MARGIN_Y / max(self.view.height(), 60.0)
        self.set_view(-mx, 1 + mx, -my, 1 + my)

    def _curve(self, z: float, *, antialias: bool = True) -> CurveItem:
        curve = CurveItem(antialias=antialias)
        curve.setZValue(z)
        self.item.addItem(curve, ignoreBounds=True)
        return curve

    def _clear(self) -> None:
        for curve in (self._reference, self._faint, self._macro, self._micro, *self._classes):
            curve.setData([], [])
        self._drawn, self._entries = [], []
        self._caption.say("")
        self._readout.hide()

    def _draw(self, answer: Answer[ScoreCurves], curves: ScoreCurves) -> None:
        loaded = self.session.loaded
        if loaded is None:
            return
        names, colours = loaded.dataset.class_names, class_colours(len(curves.classes))
        coloured, faint = self._shown(len(curves.classes))
        drawn = [self._as_drawn(names[c], colours[c], curves.classes[c]) for c in coloured]
        for item, one in zip(self._classes, drawn, strict=False):
            item.setPen(self.pen(one.colour, 2))
            item.setData(one.x, one.y)
        for item in self._classes[len(drawn) :]:
            item.setData([], [])
        averages = [
            self._as_drawn(self.tr("macro average"), QColor(self.theme.text), curves.macro),
            self._as_drawn(self.tr("micro average"), QColor(self.theme.text), curves.micro),
        ]
        for item, one in zip((self._macro, self._micro), averages, strict=True):
            item.setData(one.x, one.y)
        x, y, reference = self.reference_of(curves, self._chooser.chosen_class)
        self._reference.setData(x, y)
        self._drawn = [*drawn, *averages, *self._draw_faint(faint, names, curves)]
        self._entries = self._entries_of(curves, coloured, faint, names, colours, reference)
        self._say(answer, curves, faint)

    def _shown(self, n_classes: int) -> tuple[list[int], list[int]]:
        """The classes that are coloured, and those that are drawn faintly."""
        chosen, every = self._chooser.chosen_class, range(n_classes)
        if chosen is None and self._chooser.currentData() == "averages":
            return [], []
        if chosen is None and n_classes <= MOST_COLOURED:
            return list(every), []
        others = [c for c in every if c != chosen]
        if len(others) > MOST_FAINT:
            others = [others[i] for i in np.linspace(0, len(others) - 1, MOST_FAINT).astype(int)]
        return ([chosen] if chosen is not None else []), others

    def _as_drawn(self, name: str, colour: QColor, curve: ScoreCurve) -> _Drawn:
        return _Drawn(short_name(name), colour, curve, *self.path_of(curve))

    def _draw_faint(self, faint: list[int], names: tuple[str, ...], curves: ScoreCurves) -> list[_Drawn]:
        """All faint curves as one item, with gaps between them."""
        colour = self._faint.opts["pen"].color()
        most = max(_FAINT_POINTS // max(len(faint), 1), 12)
        drawn = []
        for c in faint:
            curve = curves.classes[c]
            kept = np.unique(np.linspace(0, max(len(curve.x) - 1, 0), most).astype(int))[: len(curve.x)]
            thin = ScoreCurve(curve.x[kept], curve.y[kept], curve.thresholds[kept], curve.area)
            drawn.append(self._as_drawn(names[c], colour, thin))
        gap = np.array([math.nan])
        x, y = ([part for one in drawn for part in (getattr(one, axis), gap)] for axis in ("x", "y"))
        self._faint.setData(np.concatenate([gap, *x]), np.concatenate([gap, *y]), connect="finite")
        return drawn

    # Words

    def _entries_of(
        self,
        curves: ScoreCurves,
        coloured: list[int],
        faint: list[int],
        names: tuple[str, ...],
        colours: list[QColor],
        reference: str,
    ) -> list[LegendEntry]:
        n_rows = int(curves.support.sum())
        ink = QColor(self.theme.text)
        entries = [
            LegendEntry(self._with_area(self.tr("macro average"), curves.macro), ink),
            LegendEntry(self._with_area(self.tr("micro average"), curves.micro), ink, style=Qt.PenStyle.DashLine),
        ]
        for c in coloured:
            curve = curves.classes[c]
            label = self._with_area(names[c], curve)
            if math.isnan(curve.area):
                label = f"{beside_number(names[c])}: {self.missing(int(curves.support[c]), n_rows)}"
            entries.append(LegendEntry(label, colours[c]))
        if faint:
            text = self.tr("the other classes") if coloured else self.tr("each class")
            entries.append(LegendEntry(text, self._faint.opts["pen"].color(), thin=True))
        return [*entries, LegendEntry(reference, QColor(self.theme.muted), thin=True, style=Qt.PenStyle.DashLine)]

    def _with_area(self, name: str, curve: ScoreCurve) -> str:
        area = "–" if math.isnan(curve.area) else f"{curve.area:.4f}"
        return f"{beside_number(name)} {area}"

    def _say(self, answer: Answer[ScoreCurves], curves: ScoreCurves, faint: list[int]) -> None:
        C = len(curves.classes)
        sentences = [
            self.tr("{rows}. Beside each name: {area}.").format(rows=answer.rows, area=self.area_name()),
        ]
        without = sum(math.isnan(curve.area) for curve in curves.classes)
        if without and C > MOST_COLOURED:
            sentences.append(
                self.tr("{n} of {all} classes have no curve, for lack of examples.").format(
                    n=f"{without:,}", all=f"{C:,}"
                )
            )
        if len(faint) == MOST_FAINT < C - 1:
            sentences.append(
                self.tr("{n} of {all} classes are drawn faintly.").format(n=f"{MOST_FAINT:,}", all=f"{C:,}")
            )
        self._caption.say(" ".join(sentences))
        self.content.setAccessibleDescription("\n".join([*sentences, *(entry.label for entry in self._entries)]))

    # The pointer

    def leaveEvent(self, event: QEvent) -> None:
        """Take the read-out away with the pointer."""
        super().leaveEvent(event)
        self._pointer = None
        self._readout.hide()

    def _follow_pointer(self, scene_position: QPointF) -> None:
        self._pointer = scene_position if self.view.sceneBoundingRect().contains(scene_position) else None
        if self._pointer is None:
            self._readout.hide()
        else:
            self._read_out(self._pointer)

    def _read_out(self, scene_position: QPointF) -> None:
        """Read the point, of the curve nearest to the pointer, that is nearest to it along the curve."""
        point = self.view.mapSceneToView(scene_position)
        dx, dy = self.view.viewPixelSize()

        def in_pixels(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
            return (x - point.x()) / dx, (y - point.y()) / dy

        nearest = _nearest_path([in_pixels(one.x, one.y) for one in self._drawn])
        if nearest is None:
            self._readout.hide()
            return
        one = self._drawn[nearest]
        index = int(np.hypot(*in_pixels(one.curve.x, one.curve.y)).argmin())
        x, y, threshold = (float(part[index]) for part in one.curve[:3])
        lines = [one.name, *([] if math.isnan(threshold) else [self._threshold(threshold)]), self.read(x, y)]
        self._readout.show_at(x, y, "\n".join(lines), one.colour)

    def _threshold(self, threshold: float) -> str:
        if math.isinf(threshold):
            return self.tr("threshold above every probability")
        return self.tr("threshold {value}").format(value=f"{threshold:.4g}")


def _nearest_path(paths: list[tuple[FloatArray, FloatArray]]) -> int | None:
    """Which of the paths, in pixels about the origin, passes nearest to it; None where none is in reach."""
    distances = np.full(len(paths) + 1, math.inf)
    distances[-1] = _REACH
    for i, (x, y) in enumerate(paths):
        if len(x) > 1:
            along_x, along_y = np.diff(x), np.diff(y)
            squares = np.maximum(along_x**2 + along_y**2, 1e-12)
            share = np.clip(-(x[:-1] * along_x + y[:-1] * along_y) / squares, 0.0, 1.0)
            distances[i] = np.hypot(x[:-1] + share * along_x, y[:-1] + share * along_y).min()
    nearest = int(distances.argmin())
    return nearest if nearest < len(paths) else None
