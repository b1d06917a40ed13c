from __future__ import annotations

import re

import numpy as np
import pytest
from driving import click, find, pixels
from finished import blobs, finished
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QComboBox, QToolButton

from gui.plots.confidence import ConfidencePlot
from gui.run_view import FinishedRunView
from gui.theme import LIGHT


@pytest.fixture
def view(qapp) -> FinishedRunView:
    return finished(blobs(3, 300), epochs=15)


@pytest.fixture
def plot(qtbot, view: FinishedRunView) -> ConfidencePlot:
    plot = ConfidencePlot(view)
    qtbot.addWidget(plot)
    plot.set_theme(LIGHT)
    plot.resize(640, 420)
    with qtbot.waitExposed(plot):
        plot.show()
    choose_part(plot, "all")
    return plot


def choose_part(plot: ConfidencePlot, part: str) -> None:
    box = find(plot, "confidence_part", QComboBox)
    box.setCurrentIndex(box.findData(part))
    QApplication.processEvents()


def bins_of(plot: ConfidencePlot) -> dict[tuple[float, float], tuple[int, int]]:
    """What is read out along the axis: limits of the probability to counts of right and wrong ones."""
    found = {}
    for x in range(plot.content.width()):
        text = plot.text_at(QPointF(x, plot.content.height() / 2))
        if text:
            low, high = map(float, re.search(r"([\d.]+) to ([\d.]+)", text).groups())
            right, wrong = (int(re.search(rf"{word}: ([\d,]+)", text)[1]) for word in ("right", "wrong"))
            found[low, high] = (right, wrong)
    return found


@pytest.mark.parametrize("part", ["training", "validation", "all"])
def test_counts_are_those_of_a_plain_loop(view: FinishedRunView, plot: ConfidencePlot, part: str) -> None:
    choose_part(plot, part)
    predictions = view.predictions
    bins = bins_of(plot)
    assert len(bins) == 20
    width = (1 - 1 / 3) / 20
    expected = [[0, 0] for _ in range(20)]
    for row, y, trains in zip(predictions.P.tolist(), predictions.y, predictions.in_training, strict=True):
        if part == "all" or trains == (part == "training"):
            b = min(int((max(row) - 1 / 3) / width), 19)
            expected[b][0 if row.index(max(row)) == y else 1] += 1
    assert [list(counts) for _, counts in sorted(bins.items())] == expected


def test_the_caption_says_accuracy_and_mean_confidence(view: FinishedRunView, plot: ConfidencePlot) -> None:
    predictions = view.predictions
    accuracy = float(np.mean(predictions.predicted == predictions.y))
    confidence = float(predictions.P.max(axis=1).mean(dtype=float))
    text = plot.content.accessibleDescription()
    assert text.startswith(f"300 examples: accuracy {100 * accuracy:.2f} %, mean confidence {100 * confidence:.2f} %")
    assert ("under" if confidence < accuracy else "over") + "confident" in text


def coloured_rows(plot: ConfidencePlot, red: bool) -> int:
    """How many pixels are orange, or blue."""
    picture = pixels(plot.content).astype(int)
    warmth = picture[..., 0] - picture[..., 2]
    return int((warmth > 80).sum() if red else (warmth < -80).sum())


def test_wrong_answers_take_more_room_on_a_logarithmic_axis(plot: ConfidencePlot) -> None:
    right, wrong = coloured_rows(plot, red=False), coloured_rows(plot, red=True)
    assert right > 1000
    assert wrong > 0
    click(find(plot, "confidence_log_y", QToolButton))
    QApplication.processEvents()
    assert coloured_rows(plot, red=True) / coloured_rows(plot, red=False) > 1.3 * wrong / right


def test_beside_the_bars_nothing_is_read_out(plot: ConfidencePlot) -> None:
    assert plot.text_at(QPointF(2, 50)) == ""
    assert plot.text_at(QPointF(plot.content.width() / 2, plot.content.height() - 2)) == ""
