"""Paints a list of hard examples, as pictures in a grid or as rows of a table; on a screen and on paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from engine.analysis.hardest import Deviation
from engine.data.dataset import Dataset
from gui.plots.class_style import class_colours, marker_path
from gui.plots.coloured_image import colour_table, coloured_image
from gui.plots.hardest_ranking import HardExample, Ranking
from gui.plots.wording import loss_text, one_line
from gui.theme import Theme, blended

_PAD = 5.0
_PICTURE_SIDE, _PICTURE_SIDE_IN_LOW_ROOM, _LOW_ROOM = 64.0, 48.0, 250.0
_NARROWEST_PLACE, _WIDEST_PLACE = 78.0, 112.0  # of a picture with its caption
_MOST_NAMES_MEASURED = 100
_ARROW = " → "
_MARKER = 9.0
_LEAST_REMARK = 150.0
_NAME_SHARE, _LONGEST_NAME = 0.17, 150.0
_LONGEST_FEATURE = 28
_CHOSEN = 0.22
# Put together once: Python takes longer for it than Qt for the text.
_FLAGS = {
    side: int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
}


class _Column(NamedTuple):
    """A column of the table."""

    key: str
    title: str
    width: float
    align: Qt.AlignmentFlag
    left: float = 0.0


@dataclass(frozen=True, slots=True)
class ListLayout:
    """Where the examples lie: ``columns`` beside each other, ``rows`` beneath each other, all of one size.

    ``picture`` is the width and height of the picture of each, where there are any.
    """

    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    picture: tuple[float, float] = (0.0, 0.0)

    @property
    def page(self) -> int:
        """How many examples are in sight."""
        return self.columns * self.rows

    def place(self, slot: int) -> QRectF:
        """The place of the ``slot``-th example in sight."""
        row, column = divmod(slot, self.columns)
        return QRectF(self.left + column * self.width, self.top + row * self.height, self.width, self.height)

    def slot_at(self, point: QPointF) -> int | None:
        """Which of those in sight lies at ``point``."""
        column = math.floor((point.x() - self.left) / self.width)
        row = math.floor((point.y() - self.top) / self.height)
        inside = 0 <= column < self.columns and 0 <= row < self.rows
        return row * self.columns + column if inside else None


def lay_out(rect: QRectF, font: QFont, pictures: NDArray[np.uint8] | None, class_names: tuple[str, ...]) -> ListLayout:
    """As many places as ``rect`` has room for beneath a line of titles, at least one."""
    metrics = QFontMetricsF(font)
    line = metrics.height()
    top = rect.top() + line + _PAD
    if pictures is None:
        height = line + _PAD
        rows = max(int((rect.bottom() - top) / height), 1)
        return ListLayout(1, rows, max(rect.width(), 1.0), height, rect.left(), top)
    picture_width, picture_height = _picture_size(pictures, rect.height())
    height = picture_height + 2 * line + 2 * _PAD
    longest = max(class_names[:_MOST_NAMES_MEASURED], key=len)
    caption = 2 * metrics.horizontalAdvance(one_line(longest)) + metrics.horizontalAdvance(_ARROW)
    width = max(picture_width + 2 * _PAD, min(max(caption + 2 * _PAD, _NARROWEST_PLACE), _WIDEST_PLACE))
    columns = max(int(rect.width() / width), 1)
    rows = max(int((rect.bottom() - top) / height), 1)
    picture = (picture_width, picture_height)
    return ListLayout(columns, rows, max(rect.width() / columns, 1.0), height, rect.left(), top, picture)


def _picture_size(pictures: NDArray[np.uint8], room: float) -> tuple[float, float]:
    """Width and height on the screen: whole pixels for each of the picture's, as long as it is not a large one."""
    _, height, width = pictures.shape
    scale = (_PICTURE_SIDE if room >= _LOW_ROOM else _PICTURE_SIDE_IN_LOW_ROOM) / max(height, width)
    scale = float(round(scale)) if scale >= 1.0 else scale
    return scale * width, scale * height


def deviation_text(dataset: Dataset, example: int, deviation: Deviation) -> str:
    """``petal width 2.5, +2.1 SD``."""
    name = one_line(dataset.feature_names[deviation.feature], _LONGEST_FEATURE)
    value = f"{dataset.X[example, deviation.feature]:.4g}"
    sign = "+" if deviation.deviations > 0 else "−"
    return QCoreApplication.translate("HardestExamples", "{name} {value}, {sign}{deviations} SD").format(
        name=name, value=value.replace("-", "−"), sign=sign, deviations=f"{abs(deviation.deviations):.1f}"
    )


class HardestPainter:
    """Paints the part of a ranking that is in sight; one use."""

    def __init__(self, painter: QPainter, layout: ListLayout, dataset: Dataset, theme: Theme, font: QFont) -> None:
        self._painter = painter
        self._layout = layout
        self._dataset = dataset
        self._theme = theme
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._line = self._metrics.height()

    def paint(self, ranking: Ranking, first: int, chosen: int | None) -> None:
        """Paint from example number ``first`` of the ranking on; the ``chosen`` example is marked."""
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setFont(self._font)
        shown = ranking.examples[first : first + self._layout.page]
        for slot, hard in enumerate(shown):
            if hard.example == chosen:
                self._mark(self._layout.place(slot))
        if ranking.pictures is None:
            self._paint_table(shown)
        else:
            self._paint_grid(shown, ranking.pictures[first : first + self._layout.page])

    def _mark(self, place: QRectF) -> None:
        frame = place.adjusted(1, 1, -1, -1)
        self._painter.setPen(QPen(QColor(self._theme.accent), 1.6))
        self._painter.setBrush(blended(self._theme.accent, self._theme.card, _CHOSEN))
        self._painter.drawRoundedRect(frame, 3, 3)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def _ink(self, hard: HardExample) -> QColor:
        return QColor(self._theme.text if hard.actual != hard.predicted else self._theme.muted)

    # A grid of pictures

    def _paint_grid(self, shown: list[HardExample], pictures: NDArray[np.uint8]) -> None:
        layout = self._layout
        self._painter.setPen(QColor(self._theme.muted))
        title = QCoreApplication.translate("HardestExamples", "actual → predicted class, loss in nats; worst first")
        titles = QRectF(layout.left, layout.top - self._line - _PAD, layout.width * layout.columns, self._line)
        self._write(titles, title, Qt.AlignmentFlag.AlignLeft)
        table = self._greys()
        width, height = layout.picture
        for slot, hard in enumerate(shown):
            place = layout.place(slot)
            frame = QRectF(round(place.center().x() - width / 2), round(place.top() + _PAD), width, height)
            self._paint_picture(frame, pictures[slot], table)
            self._painter.setPen(self._ink(hard))
            caption = QRectF(place.left() + 2, frame.bottom() + 2, place.width() - 4, self._line)
            self._write(caption, self._arrow(hard, caption.width()), Qt.AlignmentFlag.AlignHCenter)
            self._painter.setPen(QColor(self._theme.muted))
            self._write(caption.translated(0, self._line - 1), loss_text(hard.loss, 2), Qt.AlignmentFlag.AlignHCenter)

    def _paint_picture(self, frame: QRectF, picture: NDArray[np.uint8], table: NDArray[np.uint32]) -> None:
        image = coloured_image(picture, table)
        if self._theme.for_paper:  # programs that show a picture file would blur its few pixels
            times = max(round(4 * frame.width() / image.width()), 1)
            image = image.scaled(image.size() * times)
        shrinks = frame.width() < image.width()
        self._painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks and not self._theme.for_paper)
        self._painter.drawImage(frame, image)
        self._painter.setPen(QPen(QColor(self._theme.border), 1.0))
        self._painter.drawRect(frame)

    def _greys(self) -> NDArray[np.uint32]:
        """From the ground to the ink."""
        ground, ink = (
            np.array([colour.red(), colour.green(), colour.blue(), 255.0])
            for colour in (QColor(self._theme.card), QColor(self._theme.text))
        )
        shares = np.linspace(0.0, 1.0, 256)[:, np.newaxis]
        return colour_table(np.rint(ground + shares * (ink - ground)).astype(np.uint8))

    def _arrow(self, hard: HardExample, width: float) -> str:
        """``actual → predicted``; where there is too little room, the longer name is shortened first."""
        names = [one_line(self._dataset.class_names[label]) for label in (hard.actual, hard.predicted)]
        widths = [self._metrics.horizontalAdvance(name) for name in names]
        room = width - self._metrics.horizontalAdvance(_ARROW)
        actual, predicted = (
            self._metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(room / 2, room - other))
            for name, other in zip(names, reversed(widths), strict=True)
        )
        return f"{actual}{_ARROW}{predicted}"

    # A table

    def _paint_table(self, shown: list[HardExample]) -> None:
        columns = self._table_columns(shown)
        self._painter.setPen(QColor(self._theme.muted))
        top = self._layout.top - self._line - _PAD
        for column in columns:
            self._write(QRectF(column.left, top, column.width, self._line), column.title, column.align)
        colours = class_colours(self._dataset.n_classes)
        for slot, hard in enumerate(shown):
            place = self._layout.place(slot)
            texts = self._texts(hard)
            labels = {"actual": hard.actual, "predicted": hard.predicted}
            for column in columns:
                field = QRectF(column.left, place.top(), column.width, place.height())
                if column.key in labels:
                    label = labels[column.key]
                    self._paint_marker(QPointF(field.left() + _MARKER / 2, field.center().y()), label, colours[label])
                    field.setLeft(field.left() + _MARKER + _PAD)
                self._painter.setPen(self._ink(hard))
                self._write(field, texts[column.key], column.align)

    def _texts(self, hard: HardExample) -> dict[str, str]:
        names = self._dataset.class_names
        return {
            "row": f"{int(self._dataset.rows[hard.example]) + 1:,}",
            "loss": loss_text(hard.loss, 4),
            "actual": one_line(names[hard.actual]),
            "actual_probability": f"{hard.actual_probability:.4f}",
            "predicted": one_line(names[hard.predicted]),
            "predicted_probability": f"{hard.predicted_probability:.4f}",
            "unusual": "; ".join(deviation_text(self._dataset, hard.example, far) for far in hard.unusual) or "–",
        }

    def _table_columns(self, shown: list[HardExample]) -> list[_Column]:
        """The columns that find room; the last one takes what is left."""
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        advance = self._metrics.horizontalAdvance
        names = {one_line(self._dataset.class_names[label]) for hard in shown for label in hard[1:3]}
        actual = QCoreApplication.translate("HardestExamples", "actual")
        predicted = QCoreApplication.translate("HardestExamples", "predicted")
        unusual = QCoreApplication.translate("HardestExamples", "farthest from the mean of its class, in its SD")
        whole = self._layout.width
        name = min(max(map(advance, (*names, predicted))), _NAME_SHARE * whole, _LONGEST_NAME) + _MARKER + _PAD
        number = advance("0.0000") + 1
        columns = [
            _Column("row", QCoreApplication.translate("HardestExamples", "row"), advance("00,000"), right),
            _Column("loss", QCoreApplication.translate("HardestExamples", "loss"), advance("00.0000"), right),
            _Column("actual", actual, name, left),
            _Column("actual_probability", "ŷ", number, right),
            _Column("predicted", predicted, name, left),
            _Column("predicted_probability", "ŷ", number, right),
            _Column("unusual", unusual, _LEAST_REMARK, left),
        ]
        for key in ("unusual", "actual_probability", "predicted_probability", "row"):
            if sum(column.width + 2 * _PAD for column in columns) > whole:
                columns = [column for column in columns if column.key != key]
        x, placed = self._layout.left + _PAD, []
        for column in columns:
            placed.append(column._replace(left=x))
            x += column.width + 2 * _PAD
        if placed[-1].key == "unusual":
            placed[-1] = placed[-1]._replace(width=self._layout.left + whole - _PAD - placed[-1].left)
        return placed

    def _paint_marker(self, centre: QPointF, label: int, colour: QColor) -> None:
        self._painter.save()
        self._painter.translate(centre)
        self._painter.scale(_MARKER, _MARKER)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(colour)
        self._painter.drawPath(marker_path(label))
        self._painter.restore()

    def _write(self, place: QRectF, text: str, align: Qt.AlignmentFlag) -> None:
        fitted = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        self._painter.drawText(place, _FLAGS[align], fitted)
