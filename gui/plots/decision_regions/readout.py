"""What the plot says about the place under the pointer."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QPointF
from PySide6.QtGui import QColor

from engine.arrays import FloatArray, RealArray
from engine.decision_regions import Projection, StraightBorders, nearest_example
from engine.softmax import softmax
from gui.run_view import RunView
from gui.theme import Theme

_LONGEST_NAME = 24
_MOST_CLASSES = 3
_MARGIN = 4.0
_REACH = 6.0  # pixels


class ReadOut(pg.TextItem):
    """A small box in a corner of a view."""

    def __init__(self) -> None:
        super().__init__(anchor=(0, 0))
        self.setZValue(20)
        self.setVisible(False)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.setColor(theme.text)
        ground = QColor(theme.card)
        ground.setAlphaF(0.88)
        self.fill = pg.mkBrush(ground)
        self.border = pg.mkPen(theme.border)

    def show_away_from(self, pointer: QPointF, text: str, view: pg.ViewBox) -> None:
        """Show ``text`` at the top of ``view`` on the side where the ``pointer``, in its coordinates, is not."""
        (left, right), _ = view.viewRange()
        self.show_text(text, view, on_the_left=pointer.x() > (left + right) / 2, at_the_top=True)

    def show_text(self, text: str, view: pg.ViewBox, *, on_the_left: bool = True, at_the_top: bool = False) -> None:
        """Show ``text`` in a corner of ``view``."""
        (left, right), (bottom, top) = view.viewRange()
        dx, dy = view.viewPixelSize()
        self.setPlainText(text)
        self.setTextWidth(-1)
        room = view.width() - 2 * _MARGIN
        if self.textItem.boundingRect().width() > room:
            self.setTextWidth(room)
        self.setAnchor((0 if on_the_left else 1, 0 if at_the_top else 1))
        self.setPos(
            left + _MARGIN * dx if on_the_left else right - _MARGIN * dx,
            top - _MARGIN * dy if at_the_top else bottom + _MARGIN * dy,
        )
        self.setVisible(True)


class Near(NamedTuple):
    """A place (x, y), and what a pixel is in x and in y."""

    point: tuple[float, float]
    unit: tuple[float, float]


def describe(
    session: RunView,
    projection: Projection,
    near: Near,
    straight: StraightBorders | None,
    columns: FloatArray | None,
) -> str:
    """Everything known about a place: coordinates, probabilities, the border and the example that it is on.

    ``straight`` borders and the coordinates (2, N) of the examples are None where none are drawn.
    """
    loaded, network, theta = session.loaded, session.network, session.theta
    if loaded is None or network is None or theta is None:
        return ""
    names = loaded.dataset.class_names
    with np.errstate(all="ignore"):
        probabilities = softmax(network.logits(theta, projection.lift(np.array([near.point]))))[0]
    lines = [
        describe_place(projection.short_names, near.point),
        describe_probabilities(names, probabilities),
    ]
    if straight is not None and (which := nearest_border(straight, near)) is not None:
        lines.append(describe_border(straight, which, projection.short_names, names))
    if columns is not None:
        index, distance = nearest_example(columns, *near.point, near.unit)
        if distance <= _REACH:
            lines.append(describe_example(index, names[loaded.dataset.y[index]]))
    return "\n".join(line for line in lines if line)


def describe_place(names: tuple[str, str], point: tuple[float, float]) -> str:
    """The coordinates in the units of the axes."""
    return ", ".join(f"{shortened(name)} = {number(value)}" for name, value in zip(names, point, strict=True))


def describe_probabilities(class_names: tuple[str, ...], probabilities: RealArray) -> str:
    """The likeliest classes with their probabilities (C,); "" where those are no numbers."""
    if not np.isfinite(probabilities).all():
        return ""
    first = np.argsort(-probabilities, kind="stable")[:_MOST_CLASSES]
    return ", ".join(f"{shortened(class_names[c])} {probabilities[c]:.4f}" for c in first)


def describe_example(index: int, actual: str) -> str:
    """Which example the pointer rests on."""
    text = QCoreApplication.translate("DecisionRegionsPlot", "example {n}, actual class {name}")
    return text.format(n=f"{index + 1:,}", name=shortened(actual))


def describe_border(straight: StraightBorders, which: int, names: tuple[str, str], class_names: tuple[str, ...]) -> str:
    """A border with its equation, as in ``a | b: 2.31 · length + 0.87 · width = 5.02``."""
    a, b, c = (float(v) for v in straight.equations[which])
    one, other = (shortened(class_names[k]) for k in straight.classes[which])
    terms = [(w, shortened(name)) for w, name in zip((a, b), names, strict=True) if w != 0.0]
    left = ""
    for weight, name in terms:
        sign = "−" if weight < 0 else "+"
        left += f" {sign} " if left else ("−" if weight < 0 else "")
        left += f"{number(abs(weight))} · {name}"
    return f"{one} | {other}: {left} = {number(c)}"


def nearest_border(straight: StraightBorders, near: Near) -> int | None:
    """The border within reach of a place; None where there is none."""
    if len(straight.ends) == 0:
        return None
    start = (straight.ends[:, 0] - near.point) / near.unit
    way = (straight.ends[:, 1] - straight.ends[:, 0]) / near.unit
    length = np.maximum(np.einsum("ki,ki->k", way, way), np.finfo(float).tiny)
    share = np.clip(-np.einsum("ki,ki->k", start, way) / length, 0.0, 1.0)
    away: FloatArray = np.linalg.norm(start + share[:, np.newaxis] * way, axis=1)
    nearest = int(away.argmin())
    return nearest if away[nearest] <= _REACH else None


def number(value: float) -> str:
    """Four significant digits, with a true minus sign."""
    return f"{value:.4g}".replace("-", "−") if math.isfinite(value) else "–"


def shortened(name: str) -> str:
    """A name from a file, short enough for a line, and on one line."""
    name = " ".join(name.split())
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
