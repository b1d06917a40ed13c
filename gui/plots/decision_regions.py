"""The plane of two features or components, coloured by what the classifier says there."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QComboBox, QMenu, QWidget

from engine.arrays import IntArray
from engine.decision_regions import FeaturePair, Projection, RegionGrid, Regions, Window
from engine.network import Network
from engine.softmax import softmax
from gui.loading import LoadedData
from gui.plots.class_style import class_colours
from gui.plots.graph import GraphPlot
from gui.plots.legend import LegendEntry
from gui.plots.markers import MarkersItem
from gui.run_view import RunState, RunView
from gui.theme import Theme

MOST_POINTS = 2000
# Cells a side while training and at rest, and how many logits either may cost.
_MOVING_SIDE, _MOVING_LOGITS = 128, 400_000
_RESTING_SIDE, _RESTING_LOGITS = 400, 1_500_000
# The same for hidden layers, in products: they are worked out while the window waits, so 10 ms and 40 ms at most.
_MOVING_PRODUCTS, _RESTING_PRODUCTS = 600_000_000, 2_400_000_000
_PRODUCTS_AN_ACTIVATION = 300
_PICK_RADIUS = 14.0
_STRONGEST = 0.72
_ZOOM_OUT = 20.0
_LARGEST_DRAWN = 1e100


class SmoothImageItem(pg.ImageItem):
    """An image whose cells flow into each other when they are drawn larger than a pixel."""

    def paint(self, painter: QPainter, *args: object) -> None:
        """Draw the image smoothed."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        super().paint(painter, *args)


class DecisionRegionsPlot(GraphPlot):
    """Each place in the colour of its likeliest class, the stronger the greater the probability."""

    most_frames_per_second = 15.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "decision_regions",
            self.tr("Decision regions"),
            self.tr("Load a data set: its examples appear here, on the regions of the classes."),
            parent,
        )
        self._projection: Projection | None = None
        self._grid: RegionGrid | None = None
        self._window = Window(0.0, 0.0, 1.0, 1.0)
        self._shown = np.empty(0, dtype=np.int64)
        self._offered: tuple[str, ...] = ()
        self._image = SmoothImageItem(axisOrder="row-major")
        self._markers = MarkersItem()
        for item in (self._image, self._markers):
            self.item.addItem(item, ignoreBounds=True)
        self._axes_box = self._combo("axes", self.tr("What the two axes are"))
        self._x_box = self._combo("x_feature", self.tr("Feature on the horizontal axis"))
        self._y_box = self._combo("y_feature", self.tr("Feature on the vertical axis"))
        self._axes_box.addItem(self.tr("Components"), "components")
        self._axes_box.addItem(self.tr("Features"), "features")
        for box in (self._axes_box, self._x_box, self._y_box):
            box.currentIndexChanged.connect(self._change_projection)
        session.example_changed.connect(self._mark_chosen)
        self.graph.scene().sigMouseClicked.connect(self._pick)
        self.view.sigRangeChanged.connect(self._forget_grid)
        self.take_data()

    # Drawing

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        self._markers.set_ink(theme.text, theme.card)

    def legend_entries(self) -> list[LegendEntry]:
        """The classes with their markers."""
        loaded = self.session.loaded
        if loaded is None:
            return []
        names = loaded.dataset.class_names
        colours = class_colours(len(names))
        classes = [
            LegendEntry(name, colour, marker=i) for i, (name, colour) in enumerate(zip(names, colours, strict=True))
        ]
        return [*classes, LegendEntry(self.tr("outline: actual class, filling: predicted class"))]

    def redraw(self) -> None:
        """Colour the plane and the markers by the newest weights."""
        network, theta = self.session.network, self.session.theta
        if self._projection is None or network is None or theta is None:
            return
        side = self._side(network)
        if self._grid is None or self._grid.width != side:
            self._grid, self._window = self._make_grid(self._projection, side)
        regions = self._grid.regions(network, theta)
        self._image.setImage(self._coloured(regions, network.n_classes), autoLevels=False, levels=None)
        left, bottom, right, top = self._window
        self._image.setRect(QRectF(left, bottom, right - left, top - bottom))
        self._colour_markers()

    def extend_menu(self, menu: QMenu) -> None:
        """The way back from a zoom."""
        menu.addAction(self.tr("Show all")).triggered.connect(self.reset_view)

    def reset_view(self) -> None:
        """Show all examples again."""
        self.follows = True
        self._frame_points()
        self.redraw()

    def _coloured(self, regions: Regions, n_classes: int) -> NDArray[np.uint8]:
        """RGBA (H, W, 4): alpha grows from 0 at probability 1/C, where nothing is predicted, so that paper shows."""
        colours = class_colours(n_classes)
        table = np.array([[c.red(), c.green(), c.blue(), 0] for c in colours], dtype=np.uint8)
        rgba = table[regions.winner]
        least = 1.0 / len(colours)
        strength = (np.nan_to_num(regions.probability) - least) / (1.0 - least)
        rgba[..., 3] = 255 * _STRONGEST * strength.clip(0.0, 1.0)
        return rgba

    def _colour_markers(self) -> None:
        loaded, network, theta = self.session.loaded, self.session.network, self.session.theta
        if loaded is None or network is None or theta is None:
            return
        with np.errstate(over="ignore", invalid="ignore"):
            P = softmax(network.logits(theta, self._shown_inputs))
        predicted = P.argmax(axis=1)
        least = 1.0 / network.n_classes
        strength = (P[np.arange(len(predicted)), predicted] - least) / (1.0 - least)
        self._markers.set_predictions(predicted, strength)

    # Data and projection

    def take_data(self) -> None:
        """Offer the features of another data set and choose the examples to draw."""
        loaded = self.session.loaded
        self.show_hint(loaded is None)
        if loaded is None:
            return
        names = loaded.dataset.feature_names
        with QSignalBlocker(self._axes_box), QSignalBlocker(self._x_box), QSignalBlocker(self._y_box):
            if names != self._offered:
                self._offered = names
                for box, index in ((self._x_box, 0), (self._y_box, 1)):
                    box.clear()
                    box.addItems(list(names))
                    box.setCurrentIndex(min(index, len(names) - 1))
                self._axes_box.setCurrentIndex(1 if len(names) == 2 else 0)
            self._axes_box.setEnabled(len(names) > 1)
        self._shown = _at_most(loaded, MOST_POINTS)
        self._shown_inputs = loaded.data.X_all[self._shown]
        self._project(loaded)

    def _change_projection(self) -> None:
        if self.session.loaded is not None:
            self._project(self.session.loaded)
            self.redraw()

    def _project(self, loaded: LoadedData) -> None:
        """Lay the examples out on the chosen axes."""
        features = self._axes_box.currentData() == "features"
        for box in (self._x_box, self._y_box):
            box.setVisible(features)
        self._projection = (
            FeaturePair(loaded.data, self._x_box.currentIndex(), self._y_box.currentIndex())
            if features
            else loaded.components
        )
        for side, name in zip(("bottom", "left"), self._projection.axis_names, strict=True):
            self.name_axis(side, name)
        self._coordinates = self._projection.coordinates
        self._markers.set_points(
            self._coordinates[self._shown], loaded.dataset.y[self._shown], loaded.dataset.n_classes
        )
        self._mark_chosen()
        self.follows = True
        self._frame_points()

    def _frame_points(self) -> None:
        """Show all examples, or say why they cannot be shown."""
        low, high = self._coordinates.min(axis=0), self._coordinates.max(axis=0)
        drawable = bool(np.abs([low, high]).max() < _LARGEST_DRAWN)
        self._image.setVisible(drawable)
        self._markers.setVisible(drawable)
        self.show_hint(not drawable, self.tr("The numbers are too large to draw. Switch Standardise on."))
        if drawable:
            span = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
            (left, bottom), (right, top) = low - 0.06 * span, high + 0.06 * span
            x, y = _ZOOM_OUT * span
            self.view.setLimits(xMin=left - x, xMax=right + x, yMin=bottom - y, yMax=top + y)
            self.view.setRange(xRange=(left, right), yRange=(bottom, top), padding=0)
        self._forget_grid()

    def _forget_grid(self) -> None:
        self._grid = None
        if not self.follows:
            self.redraw()

    def _side(self, network: Network) -> int:
        """Coarse while the regions move, fine when there is time to look; never so fine that the window would wait."""
        moving = self.session.state is RunState.RUNNING and not self.theme.for_paper
        side, logits = (_MOVING_SIDE, _MOVING_LOGITS) if moving else (_RESTING_SIDE, _RESTING_LOGITS)
        side = min(side, math.isqrt(logits // network.n_classes))
        if network.hidden_layers and not self.theme.for_paper:
            products = _MOVING_PRODUCTS if moving else _RESTING_PRODUCTS
            side = min(side, math.isqrt(products // _products_a_point(network)))
        return max(2, side)

    def _make_grid(self, projection: Projection, side: int) -> tuple[RegionGrid, Window]:
        (left, right), (bottom, top) = self.view.viewRange()
        window = Window(left, bottom, right, top)
        return RegionGrid.over(projection, window, side, side), window

    # Choosing an example

    def _mark_chosen(self) -> None:
        if self._projection is not None and self.session.example < len(self._coordinates):
            x, y = self._coordinates[self.session.example]
            self._markers.set_chosen((float(x), float(y)))

    def _pick(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        """Choose the example nearest to a left click."""
        if event.button() != Qt.MouseButton.LeftButton or self._projection is None:
            return
        nearest = self._nearest(event.scenePos())
        if nearest is not None:
            self.session.choose_example(nearest)

    def _nearest(self, scene_position: QPointF) -> int | None:
        click = self.view.mapSceneToView(scene_position)
        dx, dy = self.view.viewPixelSize()
        offsets = (self._coordinates[self._shown] - (click.x(), click.y())) / (dx, dy)
        distances = np.hypot(offsets[:, 0], offsets[:, 1])
        nearest = int(distances.argmin())
        return int(self._shown[nearest]) if distances[nearest] <= _PICK_RADIUS else None

    def _combo(self, name: str, tip: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setToolTip(tip)
        box.setAccessibleName(tip)
        box.setMaximumWidth(130)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(7)
        self.add_control(box)
        return box


def _at_most(loaded: LoadedData, most: int) -> IntArray:
    """Indices of the examples to draw: all, or evenly spread ones."""
    n = loaded.dataset.n_examples
    return np.arange(n) if n <= most else np.linspace(0, n - 1, most).astype(np.int64)


def _products_a_point(network: Network) -> int:
    """What a point of the grid costs: the products behind the first layer, and each activation as many of them."""
    behind_first = sum(n_in * n_out for n_in, n_out in pairwise(network.sizes[1:]))
    return behind_first + _PRODUCTS_AN_ACTIVATION * sum(network.hidden_layers)
