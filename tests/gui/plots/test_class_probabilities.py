from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from driving import find, pixels
from finished import blobs, finished, loaded_from
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QComboBox

from gui.image_export import find_format, render
from gui.plots.class_probabilities import ClassProbabilitiesPlot
from gui.plots.class_style import class_colours
from gui.run_view import RunView
from gui.theme import LIGHT

Show = Callable[[RunView], ClassProbabilitiesPlot]


@pytest.fixture
def show(qtbot) -> Show:
    def show(view: RunView, part: str = "all") -> ClassProbabilitiesPlot:
        plot = ClassProbabilitiesPlot(view)
        qtbot.addWidget(plot)
        plot.set_theme(LIGHT)
        plot.resize(640, 420)
        with qtbot.waitExposed(plot):
            plot.show()
        box = find(plot, "class_probabilities_part", QComboBox)
        box.setCurrentIndex(box.findData(part))
        QApplication.processEvents()
        return plot

    return show


def texts_of(plot: ClassProbabilitiesPlot, dx: int = 5, dy: int = 15) -> set[str]:
    """All that is read out at places so far apart."""
    size = plot.content.size()
    return {plot.text_at(QPointF(x, y)) for y in range(0, size.height(), dy) for x in range(100, size.width(), dx)}


def means_of(plot: ClassProbabilitiesPlot) -> dict[tuple[str, str], float]:
    """All that is read out anywhere: actual class and other class to the mean probability."""
    pattern = re.compile(r"actual class (.*): [\d,]+ examples\nmean probability of (.*): (\S+)")
    return {(m[1], m[2]): float(m[3].replace("−", "-")) for text in texts_of(plot) if (m := pattern.fullmatch(text))}


@pytest.mark.parametrize("part", ["training", "validation", "all"])
def test_values_are_the_means_of_a_plain_loop(show: Show, part: str) -> None:
    view = finished(blobs(3, 90), epochs=3)
    found = means_of(show(view, part))
    predictions = view.predictions
    assert len(found) == 9
    for actual in range(3):
        rows = [
            row
            for row, y, trains in zip(predictions.P, predictions.y, predictions.in_training, strict=True)
            if y == actual and (part == "all" or trains == (part == "training"))
        ]
        for c in range(3):
            mean = sum(float(row[c]) for row in rows) / len(rows)
            assert found[f"class {actual}", f"class {c}"] == pytest.approx(mean, rel=1e-12)


def test_lengths_of_the_pieces_are_the_means(show: Show) -> None:
    view = finished(blobs(3, 90), epochs=3)
    plot = show(view)
    means = means_of(plot)
    picture = pixels(plot.content).astype(int)
    colours = [np.array(colour.getRgb()[:3]) for colour in class_colours(3)]
    for actual in range(3):
        y = next(
            y for y in range(plot.content.height()) if f"actual class class {actual}:" in plot.text_at(QPointF(300, y))
        )
        row = picture[y + 17]  # the middle of a row
        lengths = [int((np.abs(row[150:] - colour).sum(axis=1) < 20).sum()) for colour in colours]
        expected = [means[f"class {actual}", f"class {c}"] for c in range(3)]
        np.testing.assert_allclose(np.array(lengths) / sum(lengths), expected, atol=0.02)


def test_a_class_without_examples_says_so(show: Show) -> None:
    rng = np.random.default_rng(0)
    loaded = loaded_from(rng.normal(size=(20, 2)), [0, 2] * 10, ("a", "absent", "c"), 0.0)
    plot = show(finished(loaded, epochs=2), "training")
    assert "no examples" in render(plot, find_format("svg")).decode()
    assert "actual class absent: 0 examples" in texts_of(plot)


def test_of_many_classes_the_largest_find_room_and_the_others_are_counted(show: Show) -> None:
    y = np.concatenate([np.arange(300), np.arange(50, 60)])
    X = np.random.default_rng(1).normal(size=(310, 3))
    plot = show(finished(loaded_from(X, y, tuple(f"class {c}" for c in range(300)), 0.0), epochs=1))
    svg = render(plot, find_format("svg")).decode()
    left_out = int(re.search(r"([\d,]+) more classes find no room", svg)[1])
    texts = texts_of(plot, 60, 7)
    shown = {m[1] for text in texts if (m := re.match(r"actual class class (\d+):", text))}
    assert len(shown) + left_out == 300
    assert {str(c) for c in range(50, 60)} <= shown
    assert any("other classes together" in text for text in texts)
