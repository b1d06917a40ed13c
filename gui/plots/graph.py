"""A plot with two axes, on pyqtgraph."""

from __future__ import annotations

import html

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen, QPicture
from PySide6.QtWidgets import QFrame, QGraphicsItem, QWidget

from gui.plots.axis import ReadableAxis
from gui.plots.base import Plot, empty_state
from gui.run_view import RunView
from gui.theme import Theme

_NO_ROOM = (0.0, 0.0)  # for labels, across each axis
_MOST_ROUNDS = 4


class GraphPlot(Plot):
    """A card that holds one pyqtgraph plot, themed and without pyqtgraph's own menus.

    The view follows the data until the user pans or zooms; a double click makes it follow again.
    """

    def __init__(self, session: RunView, key: str, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(session, key, title, parent)
        self.graph = pg.PlotWidget(axisItems={side: ReadableAxis(side) for side in ("left", "bottom")})
        self.graph.setFrameShape(QFrame.Shape.NoFrame)
        self.graph.setMinimumSize(120, 80)
        self.graph.setObjectName(f"{key}_graph")
        self.graph.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the card has it
        self.item = self.graph.getPlotItem()
        self.item.setMenuEnabled(False)
        self.item.hideButtons()
        self.item.layout.setContentsMargins(0, 8, 8, 0)  # room for half a tick label at both ends
        self.view = self.item.getViewBox()
        self.view.setMouseEnabled(True, True)
        self.view.disableAutoRange()
        self.view.sigRangeChangedManually.connect(self._hold_view)
        self.follows = True
        self._axis_names: dict[str, str] = {}
        self.view.sigResized.connect(lambda *_: self._fit_axis_names())
        self._hint = empty_state(self.graph, hint)
        self.set_content(self.graph)
        self.graph.viewport().installEventFilter(self)

    def pen(self, colour: str | QColor, width: float = 1.0) -> QPen:
        """A pen whose width is in logical pixels, whatever the scale of the axes."""
        pen = QPen(QColor(colour), width)
        pen.setCosmetic(True)
        return pen

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.graph.setBackground(QColor(theme.card))
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.92)
        # An axis is painted anew only when it changes: it is dearer than a curve. A picture needs it as lines and text.
        cache = QGraphicsItem.CacheMode.DeviceCoordinateCache
        for side in ("left", "bottom"):
            axis = self.item.getAxis(side)
            axis.setCacheMode(QGraphicsItem.CacheMode.NoCache if theme.for_paper else cache)
            axis.setTickFont(font)
            axis.setPen(pg.mkPen(theme.border, width=theme.line_scale))
            axis.setTextPen(pg.mkPen(theme.muted))
            axis.labelStyle = {"color": theme.muted, "font-size": f"{font.pointSizeF():.1f}pt"}
            axis.setLabel(axis.labelText)

    def name_axis(self, side: str, name: str) -> None:
        """Label the ``left`` or ``bottom`` axis; a name longer than the axis is shortened in its middle."""
        self._axis_names[side] = name
        self._fit_axis_names()

    def _fit_axis_names(self) -> None:
        for side, name in self._axis_names.items():
            axis = self.item.getAxis(side)
            room = axis.geometry().height() if side == "left" else axis.geometry().width()
            # pyqtgraph writes labels as HTML, and names come from files.
            fitted = html.escape(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, max(int(room), 40)))
            if axis.labelText != fitted:
                axis.setLabel(fitted)

    def show_hint(self, shown: bool, text: str = "") -> None:
        """Show or hide what stands in an empty plot; ``text`` takes the place of what it will show."""
        if text and shown:
            self._hint.setText(text)
        if self._hint.isHidden() is shown:
            self._hint.setVisible(shown)
            self._place_hint()

    def set_view(self, left: float, right: float, bottom: float, top: float) -> None:
        """Move the view, unless the user holds it; does nothing where it hardly moves."""
        if not self.follows:
            return
        (x0, x1), (y0, y1) = self.view.viewRange()
        dx, dy = (right - left) * 1e-3, (top - bottom) * 1e-3
        if abs(x0 - left) > dx or abs(x1 - right) > dx or abs(y0 - bottom) > dy or abs(y1 - top) > dy:
            self.view.setRange(xRange=(left, right), yRange=(bottom, top), padding=0)

    def reset_view(self) -> None:
        """Follow the data again."""
        self.follows = True
        self.redraw()

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Render the scene, whatever device the painter draws on."""
        source = QRectF(self.graph.rect())
        self.graph.scene().prepareForPaint()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(rect)
        self.graph.scene().render(painter, rect, source, Qt.AspectRatioMode.IgnoreAspectRatio)
        painter.restore()

    def content_layout(self) -> object:
        """The room that the axes take for their labels."""
        return [(axis.textWidth, axis.textHeight) for axis in self._axes()]

    def lay_out_content(self) -> None:
        """Give axes and view their places; pyqtgraph finds the room for labels only while it paints them."""
        # From one start: an axis keeps room for labels that it no longer has, and the picture would depend on them.
        self._give_room([_NO_ROOM for _ in self._axes()])
        painter = QPainter(picture := QPicture())
        for _ in range(_MOST_ROUNDS):
            before = self.content_layout()
            for axis in self._axes():
                axis.paint(painter, None, None)
            self._place_items()
            if self.content_layout() == before:
                break
        painter.end()
        del picture

    def restore_content_layout(self, layout: object) -> None:
        """Give the axes the room that they had."""
        if isinstance(layout, list):
            self._give_room(layout)

    def _axes(self) -> list[ReadableAxis]:
        return [axis for side in ("left", "bottom", "right", "top") if (axis := self.item.getAxis(side)).isVisible()]

    def _give_room(self, room: list[tuple[float, float]]) -> None:
        for axis, (width, height) in zip(self._axes(), room, strict=True):
            axis.textWidth, axis.textHeight = width, height
        self._place_items()

    def _place_items(self) -> None:
        for axis in self._axes():
            axis.setLabel(axis.labelText)  # measures axis and label anew
        self.item.layout.activate()
        self.graph.resizeEvent(None)  # after the axes, which say how small it may become
        self._fit_axis_names()
        for axis in self._axes():
            axis.resizeEvent(None)  # puts the label into the middle

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the data again on a double click; keep the hint in the middle."""
        if event.type() == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            self.reset_view()
            return True
        if event.type() == QEvent.Type.Resize:
            self._place_hint()
        return super().eventFilter(watched, event)

    def _place_hint(self) -> None:
        self._hint.setGeometry(self.graph.rect().adjusted(60, 10, -20, -40))

    def _hold_view(self) -> None:
        self.follows = False
