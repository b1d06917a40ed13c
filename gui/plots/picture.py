"""A plot laid out and dressed for its picture, and afterwards as it was, without a frame on the screen in between."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.pictures.options import AS_SHOWN, PictureOptions
from gui.plots.legend import Legend
from gui.theme import DARK, PAPER, Theme

if TYPE_CHECKING:
    from gui.plots.base import Plot

_MARGIN = 12.0
_MOST_OF_LEGEND = 0.3  # of the height of a picture of given size
_HIDDEN = QSize(640, 400)  # what the content of a plot is given that is not on the screen, as behind a tab
_THEMES = {"light": PAPER, "transparent": PAPER, "dark": replace(DARK, for_paper=True)}


class PlotPicture:
    """Title, legend and content of a plot that ``picture_of`` has made ready."""

    def __init__(self, plot: Plot, options: PictureOptions, size: QSizeF, content_size: QSize) -> None:
        self.size = size
        self.content_size = content_size
        self._plot = plot
        self._options = options
        self._height = size.height() if options.size is not None else None

    @property
    def transparent(self) -> bool:
        """Whether nothing is painted where the plot leaves the ground free."""
        return self._options.theme == "transparent"

    def paint(self, painter: QPainter) -> None:
        """Paint the picture; its background too, unless that is to stay transparent."""
        plot, size, theme = self._plot, self.size, self._plot.theme
        width = size.width() - 2 * _MARGIN
        if not self.transparent:
            painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(theme.card))
        font = plot.font()
        title_height = _title_height(font)
        painter.setFont(_title_font(font))
        painter.setPen(QColor(theme.text))
        title = painter.fontMetrics().elidedText(plot.image_title, Qt.TextElideMode.ElideRight, int(width))
        painter.drawText(QRectF(_MARGIN, _MARGIN, width, title_height), title)
        painter.setFont(font)
        if self._options.legend:
            legend_rect = QRectF(_MARGIN, _MARGIN + title_height, width, size.height())
            _legend(plot, font, self._height).paint(painter, legend_rect, theme)
        top = _MARGIN + _band_height(plot, self._options, font, width, self._height)
        plot.paint_content(painter, QRectF(_MARGIN, top, self.content_size.width(), self.content_size.height()))


@contextmanager
def picture_of(
    plot: Plot,
    options: PictureOptions = AS_SHOWN,
    scale: float = 1.0,
    *,
    line_scale: float | None = None,
    at_once: bool = True,
) -> Iterator[PlotPicture]:
    """Give ``plot`` the size, colours and letters of its picture for as long as the context lasts.

    A logical pixel of the picture is ``scale`` pixels wide, and ``line_scale`` ones, where that is given, as it will be
    painted. What the plot asks the session for is done ``at_once``, so that the picture is complete; for a look that
    must not wait it comes later, or not at all. Raises SettingError where the size does not fit. No event may be
    processed within; the screen shows nothing of it.
    """
    if at_once and not plot.is_seen:  # what nobody sees is not kept up to date, its legend neither
        with plot.session.working_at_once():
            plot.redraw()
    picture_font = _font_for(plot, options)
    picture = PlotPicture(plot, options, *_sizes(plot, options, scale, picture_font))
    content = plot.content
    theme, font, updates = plot.theme, _own_font(plot), plot.updatesEnabled()
    size, least, layout = content.size(), content.minimumSize(), plot.content_layout()
    plot.setUpdatesEnabled(False)
    try:
        if options.font_size is not None:
            plot.setFont(picture_font)
        _dress(plot, replace(_THEMES[options.theme], line_scale=line_scale or scale))
        content.setMinimumSize(0, 0)
        _resize(content, picture.content_size)
        plot.lay_out_content()
        with plot.session.working_at_once() if at_once else nullcontext():
            plot.redraw()
        yield picture
    finally:
        if options.font_size is not None:
            plot.setFont(font)
        _dress(plot, theme)
        content.setMinimumSize(least)
        _resize(content, size)
        plot.restore_content_layout(layout)
        plot.redraw()
        plot.setUpdatesEnabled(updates)


def _dress(plot: Plot, theme: Theme) -> None:
    plot.theme = theme
    plot.apply_theme(theme)
    plot.update_legend()


def _own_font(plot: Plot) -> QFont:
    """The font that was set for the plot itself; else one that sets nothing."""
    return QFont(plot.font()) if plot.testAttribute(Qt.WidgetAttribute.WA_SetFont) else QFont()


def _resized(font: QFont, points: float) -> QFont:
    resized = QFont(font)
    resized.setPointSizeF(points)
    return resized


def picture_size(plot: Plot, options: PictureOptions = AS_SHOWN, scale: float = 1.0) -> QSizeF:
    """The size of the picture in logical pixels, ``scale`` pixels wide each; SettingError where that does not fit."""
    return _sizes(plot, options, scale, _font_for(plot, options))[0]


def _sizes(plot: Plot, options: PictureOptions, scale: float, font: QFont) -> tuple[QSizeF, QSize]:
    """The size of the picture in logical pixels, and that of the content in it."""
    plot.update_legend()  # one that was never shown has none yet
    if options.size is None:
        content = plot.content.size() if plot.is_seen else _HIDDEN
        band = _band_height(plot, options, font, content.width(), None)
        return QSizeF(content.width() + 2 * _MARGIN, content.height() + band + 2 * _MARGIN), content
    width, height = options.size.logical(scale)
    inner = width - 2 * _MARGIN
    band = _band_height(plot, options, font, inner, height)
    return QSizeF(width, height), QSizeF(inner, height - band - 2 * _MARGIN).toSize()


def _resize(content: QWidget, size: QSize) -> None:
    if content.size() == size:
        return
    content.resize(size)
    if not content.isVisible():  # Qt would tell it only when it is shown
        _tell_size(content)


def _tell_size(widget: QWidget) -> None:
    QCoreApplication.sendEvent(widget, QResizeEvent(widget.size(), widget.size()))
    for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        _tell_size(child)


def _font_for(plot: Plot, options: PictureOptions) -> QFont:
    return plot.font() if options.font_size is None else _resized(plot.font(), options.font_size)


def _title_font(font: QFont) -> QFont:
    title = _resized(font, font.pointSizeF() * 1.15)
    title.setBold(True)
    return title


def _title_height(font: QFont) -> float:
    return 2.1 * QFontMetrics(font).height()


def _band_height(plot: Plot, options: PictureOptions, font: QFont, width: float, height: float | None) -> float:
    legend = _legend(plot, font, height).height(width) if options.legend else 0.0
    return _title_height(font) + legend + 4


def _legend(plot: Plot, font: QFont, height: float | None) -> Legend:
    """The legend, which in a picture of given height may not take more than its share."""
    share = math.inf if height is None else _MOST_OF_LEGEND * height
    return plot.legend_bar.legend(for_paper=True, font=font, most_height=share)
