from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from driving import click, find, pixels, turn_wheel
from finished import blobs, finished
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from gui.image_export import find_format, render
from gui.plots.simplex import SimplexPlot
from gui.run_view import FinishedRunView, RunView
from gui.theme import LIGHT

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, math.sqrt(0.75)]])

Show = Callable[[RunView], SimplexPlot]


@pytest.fixture
def show(qtbot) -> Show:
    def show(view: RunView) -> SimplexPlot:
        plot = SimplexPlot(view)
        qtbot.addWidget(plot)
        plot.set_theme(LIGHT)
        plot.resize(700, 560)
        with qtbot.waitExposed(plot):
            plot.show()
        QApplication.processEvents()
        return plot

    return show


@pytest.fixture
def view(qapp) -> FinishedRunView:
    return finished(blobs(3, 60), epochs=8)


def pixel_of(plot: SimplexPlot, P: np.ndarray) -> QPoint:
    """Where probabilities (3,) lie on the screen."""
    x, y = P @ CORNERS
    return plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(x, y)))


def loneliest(plot: SimplexPlot, P: np.ndarray) -> int:
    spots = np.array([pixel_of(plot, row).toTuple() for row in P])
    distances = np.linalg.norm(spots[:, None] - spots[None], axis=2) + 1e9 * np.eye(len(spots))
    return int(distances.min(axis=1).argmax())


def text_under(plot: SimplexPlot, place: QPoint) -> str:
    return plot.text_at(plot.graph.mapToScene(place))


def click_at(plot: SimplexPlot, place: QPoint) -> None:
    # The scene takes two presses close in time and place for a double click, which means something else.
    QTest.qWait(QApplication.doubleClickInterval() // 40)
    click(plot.graph.viewport(), place)


def test_each_example_lies_where_its_probabilities_put_it(view: FinishedRunView, show: Show) -> None:
    plot = show(view)
    predictions = view.predictions
    lone = loneliest(plot, predictions.P)
    lines = text_under(plot, pixel_of(plot, predictions.P[lone])).splitlines()
    assert lines[0] == f"example {lone + 1}"
    assert lines[1] == f"actual class class {predictions.y[lone]}"
    assert lines[2] == f"predicted class {predictions.P[lone].argmax()}"
    assert [np.float32(line.rsplit(" ", 1)[1].replace("−", "-")) for line in lines[3:]] == list(predictions.P[lone])


def test_a_click_chooses_and_the_chosen_one_is_ringed(view: FinishedRunView, show: Show) -> None:
    plot = show(view)
    lone = loneliest(plot, view.predictions.P)
    place = pixel_of(plot, view.predictions.P[lone])

    def dark_pixels_around() -> int:
        part = pixels(plot.graph)[place.y() - 13 : place.y() + 14, place.x() - 13 : place.x() + 14]
        return int((part.sum(axis=2) < 200).sum())

    before = dark_pixels_around()
    click_at(plot, place)
    QApplication.processEvents()
    assert view.example == lone
    assert dark_pixels_around() > before + 20


def test_a_click_beside_all_points_chooses_none(view: FinishedRunView, show: Show) -> None:
    plot = show(view)
    click_at(plot, QPoint(8, 8))
    assert view.example == 0
    assert text_under(plot, QPoint(8, 8)) == ""


def test_the_regions_have_the_tint_of_their_class(view: FinishedRunView, show: Show) -> None:
    plot = show(view)
    tints = []
    for c in range(3):
        place = pixel_of(plot, np.where(np.arange(3) == c, 0.8, 0.1))
        box = pixels(plot.graph)[place.y() - 4 : place.y() + 5, place.x() - 4 : place.x() + 5].reshape(-1, 3)
        tints.append(np.median(box, axis=0))
    assert len({tuple(tint) for tint in tints}) == 3
    assert tints[0][2] > tints[0][0]  # class 0 is blue, class 1 orange
    assert tints[1][0] > tints[1][2]


def test_a_corner_can_be_looked_at_closely(view: FinishedRunView, show: Show) -> None:
    plot = show(view)
    before = plot.view.viewRange()
    corner = pixel_of(plot, np.array([1.0, 0.0, 0.0]))
    turn_wheel(plot.graph.viewport(), corner, 20)
    closer = plot.view.viewRange()
    assert closer[0][1] - closer[0][0] < 0.1 * (before[0][1] - before[0][0])
    plot.refresh()
    assert plot.view.viewRange() == closer
    QTest.mouseDClick(plot.graph.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert np.allclose(plot.view.viewRange(), before)


def test_the_path_of_the_chosen_example_starts_at_the_middle(show: Show) -> None:
    view = finished(blobs(3, 60), epochs=30, initialization="zeros")
    plot = show(view)
    view.choose_example(int(view.predictions.P.max(axis=1).argmax()))
    QApplication.processEvents()
    first, last = np.full(3, 1 / 3), view.predictions.P[view.example]
    for share in (0.02, 0.97):
        place = pixel_of(plot, first + share * (last - first))
        part = pixels(plot.graph)[place.y() - 12 : place.y() + 13, place.x() - 12 : place.x() + 13]
        assert (part.sum(axis=2) < 300).any()


class TestManyClasses:
    @pytest.fixture
    def view(self, qapp) -> FinishedRunView:
        return finished(blobs(5, 80), epochs=8)

    def choose(self, plot: SimplexPlot, *classes: int) -> None:
        for name, c in zip(("simplex_left", "simplex_right", "simplex_top"), classes, strict=True):
            find(plot, name, QComboBox).setCurrentIndex(c)
        QApplication.processEvents()

    def chosen(self, plot: SimplexPlot) -> list[int]:
        return [find(plot, f"simplex_{corner}", QComboBox).currentIndex() for corner in ("left", "right", "top")]

    def test_three_classes_share_what_they_have(self, view: FinishedRunView, show: Show) -> None:
        plot = show(view)
        self.choose(plot, 4, 1, 3)
        three = view.predictions.P[:, [4, 1, 3]].astype(float)
        three /= three.sum(axis=1, keepdims=True)
        lone = loneliest(plot, three)
        lines = text_under(plot, pixel_of(plot, three[lone])).splitlines()
        assert lines[0] == f"example {lone + 1}"
        assert [line.split(" = ")[0] for line in lines[3:]] == ["ŷ class 4", "ŷ class 1", "ŷ class 3"]
        assert "divided by their sum" in plot.content.accessibleDescription()
        assert [entry.label for entry in plot.legend_entries()][:3] == ["class 4", "class 1", "class 3"]

    def test_no_class_stands_at_two_corners(self, view: FinishedRunView, show: Show) -> None:
        plot = show(view)
        assert self.chosen(plot) == [0, 1, 2]
        find(plot, "simplex_left", QComboBox).setCurrentIndex(2)
        assert self.chosen(plot) == [2, 1, 0]

    def test_with_three_classes_there_is_nothing_to_choose(self, show: Show) -> None:
        plot = show(finished(blobs(3, 30), epochs=1))
        assert not find(plot, "simplex_left", QComboBox).isVisible()


def test_two_classes_lie_on_a_line_one_above_one_below(show: Show) -> None:
    view = finished(blobs(2, 40), epochs=5)
    plot = show(view)
    predictions = view.predictions
    seen = {}
    viewport = plot.graph.viewport()
    for x in range(0, viewport.width(), 8):
        for y in range(0, viewport.height(), 8):
            text = text_under(plot, QPoint(x, y))
            if text:
                seen.setdefault(int(text.split()[1]) - 1, []).append((x, y))
    assert len(seen) > 20
    height = {example: np.mean(spots, axis=0)[1] for example, spots in seen.items()}
    upper = [h for example, h in height.items() if predictions.y[example] == 0]
    lower = [h for example, h in height.items() if predictions.y[example] == 1]
    assert max(upper) < min(lower)
    assert "Above the line: actual class class 0" in plot.content.accessibleDescription()


def test_of_very_many_examples_some_stand_for_all_with_the_chosen_one(show: Show) -> None:
    view = finished(blobs(3, 4500), epochs=2)
    view.choose_example(1234)
    plot = show(view)
    assert "2,000 of 4,500 examples" in render(plot, find_format("svg")).decode()
    click_at(plot, pixel_of(plot, view.predictions.P[1234]))
    assert view.example in np.flatnonzero(
        np.abs(view.predictions.P @ CORNERS - view.predictions.P[1234] @ CORNERS).max(axis=1) < 0.05
    )
