from collections.abc import Callable, Iterator

import numpy as np
import pyqtgraph as pg
import pytest
from driving import pixels
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont

from gui.plots.curve_item import CurveItem
from gui.plots.guides import Guide, GuidesItem


@pytest.fixture
def graph(qapp) -> Iterator[pg.PlotWidget]:
    graph = pg.PlotWidget()
    graph.setBackground("white")
    graph.resize(400, 300)
    graph.hideAxis("left")
    graph.hideAxis("bottom")
    graph.show()
    yield graph
    graph.hide()
    graph.deleteLater()


@pytest.fixture
def guides(graph: pg.PlotWidget) -> GuidesItem:
    item = GuidesItem()
    item.set_look(QFont(), "#ffffff")
    graph.getPlotItem().addItem(item, ignoreBounds=True)
    graph.setRange(xRange=(0, 100), yRange=(0, 10), padding=0)
    return item


def mark(place: float, label: str = "", colour: str = "#ff0000") -> Guide:
    return Guide(place, label, f"tip of {label} at {place}", colour)


def red_columns(graph: pg.PlotWidget) -> np.ndarray:
    """Which columns of pixels are red for the most part."""
    picture = pixels(graph).astype(int)
    red = (picture[..., 0] > 150) & (picture[..., 1] < 200) & (picture[..., 2] < 200)
    return np.flatnonzero(red.mean(axis=0) > 0.6)


def test_lines_reach_from_border_to_border_wherever_the_view_goes(graph, guides) -> None:
    guides.show_guides((), (mark(50.0),))
    for bottom, top in ((0, 10), (1000, 2000), (-1e-5, 1e-5)):
        graph.setRange(yRange=(bottom, top), padding=0)
        assert len(red_columns(graph)) >= 1
    graph.setRange(xRange=(60, 100), padding=0)
    assert len(red_columns(graph)) == 0


def test_marks_side_by_side_are_drawn_as_one_and_all_explained(graph, guides) -> None:
    guides.show_guides((), tuple(mark(50 + i / 100, "x" * 400) for i in range(500)))
    assert 5 <= len(red_columns(graph)) <= 16  # of 20: a line in three pixels, two columns wide where it lies between
    place = graph.getViewBox().mapViewToScene(QPointF(50.0, 5.0))
    assert len(guides.tips_at(place).splitlines()) == 6


def test_labels_never_lie_on_each_other(graph, guides) -> None:
    levels = tuple(Guide(y, "a level", "", "#0000ff", Qt.PenStyle.DotLine) for y in (9.9, 9.9, 9.8, 5.0))
    guides.show_guides(levels, tuple(mark(x, f"mark {x}") for x in (1.0, 2.0, 3.0, 50.0, 99.0, 100.0)))
    graph.grab()
    placed = [one.label for one in guides._placed(guides.sceneTransform()) if one.label is not None]
    assert len(placed) >= 7
    view = graph.getViewBox().sceneBoundingRect()
    for number, label in enumerate(placed):
        assert view.contains(label)
        assert not any(label.intersects(other) for other in placed[:number])


def test_a_label_that_finds_no_room_is_left_to_the_tip(graph, guides) -> None:
    guides.show_guides((), (mark(50.0, "x" * 400),))
    graph.grab()
    place = graph.getViewBox().mapViewToScene(QPointF(50.0, 5.0))
    assert guides.tips_at(place).startswith("tip of xxx")
    assert len(red_columns(graph)) >= 1


@pytest.mark.parametrize("make", [np.arange, lambda n: np.repeat(np.arange(n // 2), 2)])
def test_a_band_covers_what_its_strokes_cover(graph, make: Callable[[int], np.ndarray]) -> None:
    """Long noisy lines are drawn as bars; every place that a stroke passes is painted, and nothing far from it."""
    n = 600
    x, y = make(n) / n * 100.0, np.random.default_rng(0).uniform(2, 8, n)
    y[100:110] = np.nan
    x = x / x.max() * 100.0
    pictures = []
    for antialias in (True, False):
        curve = CurveItem(antialias=antialias)
        curve.setPen(pg.mkPen("#ff0000", width=2 if antialias else 1))
        curve.setData(x, y, connect="finite")
        graph.getPlotItem().addItem(curve, ignoreBounds=True)
        graph.setRange(xRange=(0, 100), yRange=(0, 10), padding=0)
        pictures.append((pixels(graph)[..., 1] < 128).astype(int))
        curve.setVisible(False)
    bars, strokes = pictures
    assert widened(bars, 1)[strokes == 1].mean() > 0.99
    assert widened(strokes, 4)[bars == 1].mean() > 0.99


def widened(painted: np.ndarray, by: int) -> np.ndarray:
    """All places at most so many pixels from one that is painted."""
    around = range(-by, by + 1)
    grown = np.pad(painted, by)
    total = sum(np.roll(grown, (i, j), (0, 1)) for i in around for j in around)
    return total[by:-by, by:-by] > 0
