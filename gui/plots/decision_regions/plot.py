"""The plot itself: data laid out on two axes, pictures wished for and shown, examples chosen."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from engine.arrays import FloatArray, IntArray, RealArray
from engine.decision_regions import FeaturePair, Projection, Window, nearest_example
from engine.network import Network
from gui.loading import LoadedData
from gui.plots.decision_regions import key, readout
from gui.plots.decision_regions.controls import RegionControls
from gui.plots.decision_regions.density_layer import DensityLayer
from gui.plots.decision_regions.items import SegmentsItem, SmoothImageItem, flat_pen, put_image
from gui.plots.decision_regions.picture import LEVELS, Look, Picture, Wish, draw_picture
from gui.plots.decision_regions.resolution import Pace, points_a_side
from gui.plots.graph import GraphPlot
from gui.plots.legend import LegendEntry
from gui.plots.markers import MarkersItem
from gui.plots.one_at_a_time import OneAtATime
from gui.predictions import Predictions, predict
from gui.run_view import RunState, RunView
from gui.theme import Theme

MOST_POINTS = 2000
_PICK_RADIUS = 14.0
_STRONGEST, _STRONGEST_FLAT, _UNDER_DENSITY = 0.72, 0.5, 0.6
_BEYOND_VIEW = 0.02
_ZOOM_OUT = 20.0
_LARGEST_DRAWN = 1e100


class DecisionRegionsPlot(GraphPlot):
    """Each place in the colour of its likeliest class, the stronger the greater the probability; examples on top.

    Up to ``MOST_POINTS`` examples are markers. More are drawn as their density, with some of the wrong ones marked.
    """

    most_frames_per_second = 12.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "decision_regions",
            self.tr("Decision regions"),
            self.tr("Load a data set: its examples appear here, on the regions of the classes."),
            parent,
        )
        self._projection: Projection | None = None
        self._columns: FloatArray = np.empty((2, 0))
        self._shown: IntArray = np.empty(0, dtype=np.int64)
        self._inputs: RealArray = np.empty((0, 0), dtype=np.float32)
        self._drawable = False
        self._broken = False
        self._pointer: QPointF | None = None
        self._wished: Wish | None = None
        self._picture: Picture | None = None
        self._too_fine = False
        self._pictures = OneAtATime(session, "decision_regions")
        self._image, self._density = SmoothImageItem(axisOrder="row-major"), DensityLayer(session)
        self._contours = [SegmentsItem() for _ in LEVELS]
        self._borders = SegmentsItem()
        self._markers = MarkersItem()
        self._readout, self._note = readout.ReadOut(), readout.ReadOut()
        self._layers = (self._image, self._density.item, *self._contours, self._borders, self._markers)
        for item in (*self._layers, self._note, self._readout):
            self.item.addItem(item, ignoreBounds=True)
        self._controls = RegionControls(self)
        self._controls.axes_changed.connect(self._change_axes)
        self._controls.look_changed.connect(self._change_look)
        session.example_changed.connect(self._meet_example)
        session.predicted.connect(self.refresh)
        self.graph.scene().sigMouseClicked.connect(self._pick)
        self.graph.scene().sigMouseMoved.connect(self._read_at)
        self.view.sigRangeChanged.connect(self._meet_view)
        self.view.sigResized.connect(lambda *_: self.refresh())
        self.take_data()

    @property
    def busy(self) -> bool:
        """Whether what is shown is about to be replaced."""
        return self._pictures.busy or self._density.busy

    # Drawing

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        self._markers.set_ink(theme.text, theme.card, theme.warning)
        self._borders.set_pen(flat_pen(QColor(theme.text), 1.7))
        for item, ink in zip(self._contours, key.LEVEL_INK, strict=True):
            colour = QColor(theme.text)
            colour.setAlphaF(ink)
            item.set_pen(flat_pen(colour, 0.9))
        self._readout.set_theme(theme)
        self._note.set_theme(theme)

    def legend_entries(self) -> list[LegendEntry]:
        """The classes, the mark of wrong ones, and the lines that are drawn."""
        loaded = self.session.loaded
        if loaded is None:
            return []
        dense = self._is_dense(loaded)
        return key.legend_entries(loaded.dataset.class_names, self._look(dense), self.theme, dense=dense)

    def redraw(self) -> None:
        """Ask for the plane and the markers as the newest weights have them."""
        loaded = self.session.loaded
        if loaded is None or self._projection is None or not self._drawable:
            return
        wish = self._wish(loaded, self._projection)
        if wish is None:
            return
        if self.theme.for_paper:
            self._draw_for_paper(loaded, wish)
            return
        self._bring_back()
        if self._is_dense(loaded):
            self._density.draw(wish.window, self.view, self.theme)
        if not wish.is_like(self._wished):
            self._wished = wish
            self._pictures.ask(partial(draw_picture, wish), self._take)

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Render the plane without what the pointer reads."""
        self._readout.setVisible(False)
        super().paint_content(painter, rect)

    def extend_menu(self, menu: QMenu) -> None:
        """The choices, and the way back from a zoom."""
        menu.setToolTipsVisible(True)
        self._controls.extend_menu(menu)
        menu.addSeparator()
        menu.addAction(self.tr("Show all")).triggered.connect(self.reset_view)

    def reset_view(self) -> None:
        """Show all examples again."""
        self.follows = True
        self._frame_points()
        self.redraw()

    def _wish(self, loaded: LoadedData, projection: Projection) -> Wish | None:
        network, theta = self.session.network, self.session.theta
        if network is None or theta is None:
            return None
        dense = self._is_dense(loaded)
        return Wish(
            network=network,
            theta=theta,
            projection=projection,
            window=self._window(),
            side=points_a_side(network, self._pace()),
            look=self._look(dense),
            examples=self._shown,
            inputs=self._inputs,
            predictions=self._predictions(loaded, network, theta) if dense else None,
        )

    def _look(self, dense: bool) -> Look:
        strongest = _STRONGEST_FLAT if self._controls.flat else _STRONGEST
        return Look(
            flat=self._controls.flat,
            strongest=strongest * _UNDER_DENSITY if dense else strongest,
            borders=self._controls.borders,
            contours=self._controls.contours,
        )

    def _predictions(self, loaded: LoadedData, network: Network, theta: RealArray) -> Predictions | None:
        """What is known about all examples; a picture for paper cannot wait for it."""
        self.session.ask_predictions()
        found = self.session.predictions
        if self.theme.for_paper and (found is None or found.theta is not theta):
            return predict(loaded, network, theta)
        return found

    def _draw_for_paper(self, loaded: LoadedData, wish: Wish) -> None:
        """Draw finely and at once: a picture file cannot wait."""
        self._too_fine = True
        with np.errstate(all="ignore"):
            self._show(loaded, draw_picture(wish))
        if self._is_dense(loaded):
            self._density.draw(wish.window, self.view, self.theme)

    def _bring_back(self) -> None:
        """Show again what was on the screen before a picture for paper, which is too fine to stay."""
        if self._too_fine and self.session.loaded is not None:
            self._too_fine = False
            self._density.bring_back()
            if self._picture is not None:
                self._show(self.session.loaded, self._picture)

    def _take(self, picture: Picture) -> None:
        """Show a picture for the screen, unless the axes have changed meanwhile."""
        if self.session.loaded is not None and picture.wish.projection is self._projection:
            self._picture = picture
            self._show(self.session.loaded, picture)

    def _show(self, loaded: LoadedData, picture: Picture) -> None:
        """Hand a picture over to the items."""
        wish = picture.wish
        self._broken = picture.broken
        self._say_what_is_missing()
        put_image(self._image, picture.rgba, wish.window)
        self._borders.set_segments(picture.borders, wish.window)
        for item, segments in zip(self._contours, picture.contours, strict=True):
            item.set_segments(segments, wish.window)
        marked = picture.marked
        if self._is_dense(loaded):
            self._place_markers(loaded, marked.examples)
        if picture.broken:
            self._markers.set_unknown()
        else:
            self._markers.set_predictions(marked.predicted, marked.strength)
        self._read()

    def _window(self) -> Window:
        """The view and a little more, so that lines reach its rim."""
        (left, right), (bottom, top) = self.view.viewRange()
        return Window(left, bottom, right, top).widened(_BEYOND_VIEW)

    def _pace(self) -> Pace:
        if self.theme.for_paper:
            return Pace.PAPER
        return Pace.MOVING if self.session.state is RunState.RUNNING else Pace.RESTING

    # Data and projection

    def take_data(self) -> None:
        """Offer the features of another data set and choose the examples to draw."""
        loaded = self.session.loaded
        self.show_hint(loaded is None)
        if loaded is None:
            return
        self._controls.offer(loaded.dataset.feature_names)
        dense = self._is_dense(loaded)
        self._shown = np.arange(0 if dense else loaded.dataset.n_examples)
        self._inputs = _short(loaded.data.X_all[self._shown])
        self._markers.set_only_crosses(dense)
        self._lay_out(loaded)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow card has no room for every control."""
        super().resizeEvent(event)
        self._controls.fit()

    def _is_dense(self, loaded: LoadedData) -> bool:
        return loaded.dataset.n_examples > MOST_POINTS

    def _change_axes(self) -> None:
        if self.session.loaded is not None:
            self._lay_out(self.session.loaded)
            self.redraw()

    def _change_look(self) -> None:
        self.update_legend()
        self.redraw()

    def _meet_example(self) -> None:
        """Mark the chosen example; where the plane runs through it, move the plane."""
        loaded = self.session.loaded
        if loaded is not None and isinstance(self._projection, FeaturePair) and self._projection.example is not None:
            self._projection = self._feature_pair(loaded)
            self.refresh()
        self._mark_chosen()

    def _feature_pair(self, loaded: LoadedData) -> FeaturePair:
        example = self.session.example if self._controls.holds_example else None
        if example is not None and example >= loaded.dataset.n_examples:
            example = None
        return FeaturePair(loaded.data, self._controls.x.currentIndex(), self._controls.y.currentIndex(), example)

    def _lay_out(self, loaded: LoadedData) -> None:
        """Lay the examples out on the chosen axes."""
        self._pictures.forget()
        self._wished, self._picture, self._broken = None, None, False
        self._projection = self._feature_pair(loaded) if self._controls.features else loaded.components
        for side, name in zip(("bottom", "left"), self._projection.axis_names, strict=True):
            self.name_axis(side, name)
        self._columns = np.ascontiguousarray(self._projection.coordinates.T)
        self._density.lay_out(loaded.dataset, self._columns)
        self._place_markers(loaded, self._shown)
        self._mark_chosen()
        self.follows = True
        self._frame_points()

    def _place_markers(self, loaded: LoadedData, examples: IntArray) -> None:
        self._markers.set_points(self._columns[:, examples].T, loaded.dataset.y[examples], loaded.dataset.n_classes)

    def _frame_points(self) -> None:
        """Show all examples, or say why they cannot be shown."""
        low, high = self._columns.min(axis=1), self._columns.max(axis=1)
        self._drawable = bool(np.abs([low, high]).max() < _LARGEST_DRAWN)
        for item in self._layers:
            item.setVisible(self._drawable)
        self._density.item.setVisible(self._drawable and len(self._shown) == 0)
        self._say_what_is_missing()
        if self._drawable:
            span = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
            (left, bottom), (right, top) = low - 0.06 * span, high + 0.06 * span
            x, y = _ZOOM_OUT * span
            self.view.setLimits(xMin=left - x, xMax=right + x, yMin=bottom - y, yMax=top + y)
            self.view.setRange(xRange=(left, right), yRange=(bottom, top), padding=0)

    def _say_what_is_missing(self) -> None:
        self.show_hint(not self._drawable, self.tr("The numbers are too large to draw. Switch Standardise on."))
        if self._drawable and self._broken:
            text = self.tr("The training has diverged: its weights give no probabilities, so there are no regions.")
            self._note.show_text(text, self.view)
        else:
            self._note.setVisible(False)

    def _meet_view(self) -> None:
        self._say_what_is_missing()
        if not self.follows and self.isVisible():
            self.redraw()

    # The pointer and the chosen example

    def leaveEvent(self, event: QEvent) -> None:
        """Take the read-out away with the pointer."""
        super().leaveEvent(event)
        self._pointer = None
        self._readout.setVisible(False)

    def _read_at(self, scene_position: QPointF) -> None:
        inside = self.view.sceneBoundingRect().contains(scene_position)
        self._pointer = scene_position if inside else None
        self._read()

    def _read(self) -> None:
        """Read out the exact values under the pointer."""
        projection = self._projection if self._drawable else None
        if self._pointer is None or projection is None:
            self._readout.setVisible(False)
            return
        place = self.view.mapSceneToView(self._pointer)
        near = readout.Near((place.x(), place.y()), self.view.viewPixelSize())
        straight = self._picture.straight if self._picture is not None and self._controls.borders else None
        columns = self._columns if len(self._shown) else None
        self._readout.show_away_from(
            place, readout.describe(self.session, projection, near, straight, columns), self.view
        )

    def _mark_chosen(self) -> None:
        if self.session.example < self._columns.shape[1]:
            x, y = self._columns[:, self.session.example]
            self._markers.set_chosen((float(x), float(y)))

    def _pick(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        """Choose the example nearest to a left click."""
        if event.button() != Qt.MouseButton.LeftButton or self._columns.shape[1] == 0:
            return
        click = self.view.mapSceneToView(event.scenePos())
        nearest, distance = nearest_example(self._columns, click.x(), click.y(), self.view.viewPixelSize())
        if distance <= _PICK_RADIUS:
            self.session.choose_example(nearest)


def _short(X: FloatArray) -> RealArray:
    """``X`` in 32 bits, which are enough for colours, unless its numbers are too large for them."""
    with np.errstate(over="ignore"):
        short = X.astype(np.float32)
    return short if np.isfinite(short).all() else X
