"""The probabilities of all examples as places in the triangle of three classes."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QSignalBlocker, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QComboBox, QMenu, QToolTip, QWidget

from engine.analysis.simplex import place, shares
from engine.arrays import FloatArray, IntArray, RealArray
from gui.loading import LoadedData
from gui.plain_text import plain_tooltip
from gui.plots.class_style import class_colours
from gui.plots.curve_item import CurveItem
from gui.plots.digits import elided, exact
from gui.plots.example_history import ExampleHistory
from gui.plots.graph import GraphPlot
from gui.plots.legend import LegendEntry
from gui.plots.markers import MarkersItem
from gui.plots.simplex_ground import LANES, Corner, SimplexGround
from gui.predictions import Predictions
from gui.run_view import RunView
from gui.theme import Theme

MOST_POINTS = 2000
_PICK_RADIUS = 14.0
_FAINT = 0.2
_GOLDEN = 0.6180339887498949


class SimplexPlot(GraphPlot):
    """A corner for each class, a point for each example; the nearer to a corner, the likelier is its class."""

    most_frames_per_second = 10.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "simplex",
            self.tr("Probability simplex"),
            self.tr("Load a data set: its examples appear here, each where its probabilities put it."),
            parent,
        )
        self.short_title = self.tr("Simplex")
        for side in ("left", "bottom"):
            self.item.hideAxis(side)
        self.view.setAspectLocked(True)
        self.view.setLimits(xMin=-4, xMax=5, yMin=-4, yMax=5, minXRange=1e-7, minYRange=1e-7)
        self._ground = SimplexGround()
        self._path = CurveItem()
        self._path.setSegmentedLineMode("off")
        self._others, self._points = MarkersItem(), MarkersItem()
        self._others.setOpacity(_FAINT)
        for item in (self._ground, self._others, self._path, self._points):
            self.item.addItem(item, ignoreBounds=True)
        self._history = ExampleHistory(session, "simplex_path", self.refresh)
        self._examples: IntArray = np.empty(0, dtype=np.int64)
        self._rows: IntArray = np.empty(0, dtype=np.int64)
        self._places: FloatArray = np.empty((0, 2))
        self._offered: tuple[str, ...] = ()
        corners = (
            ("simplex_left", self.tr("Class at the left corner")),
            ("simplex_right", self.tr("Class at the right corner")),
            ("simplex_top", self.tr("Class at the top corner")),
        )
        self._boxes = [self._combo(corner, name, tip) for corner, (name, tip) in enumerate(corners)]
        self._classes: list[int] = []
        session.predicted.connect(self.refresh)
        session.example_changed.connect(self.refresh)
        self.graph.scene().sigMouseClicked.connect(self._pick)
        self.view.sigResized.connect(lambda *_: self._frame())
        self.take_data()

    # Drawing

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        self._ground.set_look(theme, self.font())
        self._path.setPen(self.pen(theme.text, 1.1))
        for markers in (self._points, self._others):
            markers.set_ink(theme.text, theme.card)

    def take_data(self) -> None:
        """Offer the classes of another data set."""
        loaded = self.session.loaded
        if loaded is None:
            return
        names = loaded.dataset.class_names
        if names != self._offered:
            self._offered = names
            self._classes = list(range(min(len(names), 3)))
            for number, box in enumerate(self._boxes):
                with QSignalBlocker(box):
                    box.clear()
                    box.addItems(list(names))
                    box.setCurrentIndex(min(number, len(names) - 1))
                box.setVisible(len(names) > 3)
        self._examples = np.empty(0, dtype=np.int64)
        self._clear()
        self.follows = True

    def redraw(self) -> None:
        """Put every example where the newest probabilities say."""
        self.session.ask_predictions()
        self._history.bring_up()
        loaded, predictions = self.session.loaded, self.session.predictions
        if loaded is None:
            self.show_hint(True)
            return
        if predictions is None:
            return
        self._choose_rows(predictions)
        P = predictions.P[self._rows[:, np.newaxis], self._classes]
        places = self._in_plane(P, predictions.y[self._rows], self._rows)
        placed: NDArray[np.bool_] = np.isfinite(places[:, 0])
        diverged = not placed.any()
        self.show_hint(diverged, self.tr("The training diverged: its probabilities are no numbers."))
        self._rows, self._places = self._rows[placed], places[placed]
        self._show_points(predictions, loaded)
        self._show_chosen()
        self._show_path(loaded)
        note = "" if diverged else self._note(loaded, placed)
        self.content.setAccessibleDescription(note)
        self._ground.show_classes([] if diverged else self._corners(loaded), note)
        self._frame()

    def legend_entries(self) -> list[LegendEntry]:
        """The classes at the corners."""
        loaded = self.session.loaded
        if loaded is None:
            return []
        entries = [LegendEntry(corner.name, corner.colour, marker=corner.label) for corner in self._corners(loaded)]
        return [*entries, LegendEntry(self.tr("outline: actual class; filled: wrong, in the colour of the answer"))]

    def extend_menu(self, menu: QMenu) -> None:
        """The way back from a zoom."""
        menu.addAction(self.tr("Show all")).triggered.connect(self.reset_view)

    def _choose_rows(self, predictions: Predictions) -> None:
        """The rows to draw: all or evenly spread ones, and that of the chosen example."""
        self._examples = predictions.examples
        n, chosen = len(self._examples), self._row_of_chosen()
        rows = np.arange(n) if n <= MOST_POINTS else np.linspace(0, n - 1, MOST_POINTS).astype(np.int64)
        self._rows = rows if chosen is None else np.union1d(rows, [chosen])

    def _row_of_chosen(self) -> int | None:
        row = int(np.searchsorted(self._examples, self.session.example))
        return row if row < len(self._examples) and self._examples[row] == self.session.example else None

    def _in_plane(self, P: RealArray, y: IntArray, rows: IntArray) -> FloatArray:
        """Places (K, 2) of probabilities P (K, 3) or (K, 2); then one actual class lies above the line, one beneath."""
        found = place(shares(P))
        if len(self._classes) == 2:
            # Multiples of the golden ratio spread any number of points evenly, and each keeps its place.
            found[:, 1] = np.where(y == 0, 1.0, -1.0) * LANES * (0.12 + 0.76 * ((rows * _GOLDEN) % 1.0))
        return found

    def _show_points(self, predictions: Predictions, loaded: LoadedData) -> None:
        y, predicted = predictions.y[self._rows], predictions.predicted[self._rows]
        among = np.isin(y, self._classes)
        for markers, which in ((self._points, among), (self._others, ~among)):
            markers.set_points(self._places[which], y[which], loaded.dataset.n_classes)
        self._points.set_predictions(predicted[among], (predicted != y)[among].astype(np.float64))

    def _show_chosen(self) -> None:
        row = self._row_of_chosen()
        found = self._places[self._rows == row] if row is not None else self._places[:0]
        self._points.set_chosen((float(found[0, 0]), float(found[0, 1])) if len(found) else None)

    def _show_path(self, loaded: LoadedData) -> None:
        P = self._history.P
        if len(P) == 0:
            self._path.setData([], [])
            return
        y, row = np.full(len(P), loaded.dataset.y[self.session.example]), self._row_of_chosen()
        places = self._in_plane(P[:, self._classes], y, np.full(len(P), row if row is not None else 0))
        self._path.setData(places[:, 0], places[:, 1], connect="finite")

    def _clear(self) -> None:
        empty = np.empty(0, dtype=np.int64)
        self._rows, self._places = empty, np.empty((0, 2))
        for markers in (self._points, self._others):
            markers.set_points(self._places, empty, 2)
            markers.set_chosen(None)
        self._path.setData([], [])
        self._ground.show_classes([], "")

    def _corners(self, loaded: LoadedData) -> list[Corner]:
        names = loaded.dataset.class_names
        colours = class_colours(len(names))
        return [Corner(names[c], c, colours[c]) for c in self._classes]

    def _note(self, loaded: LoadedData, placed: NDArray[np.bool_]) -> str:
        names = loaded.dataset.class_names
        notes = []
        if len(names) == 2:
            text = self.tr("Above the line: actual class {first}; below: {second}.")
            notes.append(text.format(first=elided(names[0], 20), second=elided(names[1], 20)))
        if len(names) > 3:
            notes.append(
                self.tr("ŷ of these three classes, divided by their sum; examples of other classes are faint.")
            )
        N = loaded.dataset.n_examples
        if len(placed) < N:
            shown = f"{min(len(placed), MOST_POINTS):,}"  # beside them the chosen one
            notes.append(self.tr("{n} of {all} examples, evenly spread.").format(n=shown, all=f"{N:,}"))
        lost = int((~placed).sum())
        if lost:
            notes.append(self.tr("{n} have no place, for ŷ of these classes is 0 or no number.").format(n=f"{lost:,}"))
        return " ".join(notes)

    def _frame(self) -> None:
        """Show the whole triangle, unless the user holds the view."""
        if self.follows:
            found = self._ground.view_for(self.view.width(), self.view.height())
            self.set_view(found.left(), found.right(), found.top(), found.bottom())

    # Choosing

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Read out the example that the pointer rests on."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.text_at(self.graph.mapToScene(event.pos()))
            QToolTip.showText(event.globalPos(), plain_tooltip(text), self.graph)
            return True
        return super().eventFilter(watched, event)

    def text_at(self, scene_position: QPointF) -> str:
        """The example nearest to a place of the scene, with its exact probabilities; "" where none is near."""
        loaded, predictions, nearest = self.session.loaded, self.session.predictions, self._nearest(scene_position)
        if loaded is None or predictions is None or nearest is None or predictions.examples is not self._examples:
            return ""
        names = loaded.dataset.class_names
        actual, predicted = int(predictions.y[nearest]), int(predictions.predicted[nearest])
        lines = [
            self.tr("example {n}").format(n=f"{int(predictions.examples[nearest]) + 1:,}"),
            self.tr("actual class {name}").format(name=names[actual]),
            self.tr("predicted {name}").format(name=names[predicted]),
            *(f"ŷ {names[c]} = {exact(float(str(predictions.P[nearest, c])))}" for c in self._classes),
        ]
        return "\n".join(lines)

    def _pick(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        """Choose the example nearest to a left click."""
        if event.button() == Qt.MouseButton.LeftButton:
            nearest = self._nearest(event.scenePos())
            if nearest is not None:
                self.session.choose_example(int(self._examples[nearest]))

    def _nearest(self, scene_position: QPointF) -> int | None:
        """The row of the predictions that is drawn nearest to a place of the scene."""
        if len(self._places) == 0:
            return None
        point = self.view.mapSceneToView(scene_position)
        dx, dy = self.view.viewPixelSize()
        offsets = (self._places - (point.x(), point.y())) / (dx, dy)
        distances = np.hypot(offsets[:, 0], offsets[:, 1])
        nearest = int(distances.argmin())
        return int(self._rows[nearest]) if distances[nearest] <= _PICK_RADIUS else None

    def _take_class(self, corner: int, chosen: int) -> None:
        """Put a class at a corner; where it stood at another one, the two change places."""
        if chosen in self._classes:
            other = self._classes.index(chosen)
            self._classes[other] = self._classes[corner]
            with QSignalBlocker(self._boxes[other]):
                self._boxes[other].setCurrentIndex(self._classes[other])
        self._classes[corner] = chosen
        self.update_legend()
        self.redraw()

    def _combo(self, corner: int, name: str, tip: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setToolTip(tip)
        box.setAccessibleName(tip)
        box.setMaximumWidth(110)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(2)
        box.setVisible(False)
        box.currentIndexChanged.connect(lambda index: self._take_class(corner, index))
        self.add_control(box)
        return box
