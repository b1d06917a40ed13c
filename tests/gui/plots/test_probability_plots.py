"""What every plot of probabilities has in common: it meets bad data, small windows and foreign names."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from driving import colours_in, pixels
from finished import blobs, finished, loaded_from
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QWidget

from engine.hyperparameters import TrainingConfig
from gui.image_export import find_format, paint, render
from gui.plots.base import Plot
from gui.plots.class_probabilities import ClassProbabilitiesPlot
from gui.plots.confidence import ConfidencePlot
from gui.plots.painted import PaintedPlot
from gui.plots.probabilities import ProbabilitiesPlot
from gui.plots.probability_path import ProbabilityPathPlot
from gui.plots.simplex import SimplexPlot
from gui.run_view import RunState, RunView
from gui.session import Session
from gui.theme import DARK, LIGHT

PLOTS = (ProbabilitiesPlot, ProbabilityPathPlot, ClassProbabilitiesPlot, ConfidencePlot, SimplexPlot)
NAMES = ("", "한국어 이름", "עברית", "😀😀", "<b>bold</b>", "x" * 200)

Show = Callable[..., Plot]


@pytest.fixture(params=PLOTS, ids=lambda plot: plot.__name__)
def kind(request: pytest.FixtureRequest) -> type[Plot]:
    return request.param


@pytest.fixture
def show(qtbot, kind: type[Plot]) -> Show:
    def show(view: RunView, width: int = 520, height: int = 360) -> Plot:
        plot = kind(view)
        qtbot.addWidget(plot)
        plot.set_theme(LIGHT)
        plot.resize(width, height)
        with qtbot.waitExposed(plot):
            plot.show()
        plot.refresh()
        return plot

    return show


def svg_of(plot: Plot) -> str:
    return render(plot, find_format("svg")).decode()


def hints(plot: Plot) -> str:
    return " ".join(label.text() for label in plot.content.findChildren(QLabel) if label.isVisible())


@cache
def view_of(n_classes: int, n_examples: int, epochs: int = 30) -> RunView:
    """One training for all plots."""
    return finished(blobs(n_classes, n_examples), epochs=epochs)


@pytest.fixture
def trained(qapp) -> RunView:
    return view_of(4, 120)


def test_without_data_it_says_what_it_will_show(session: Session, show: Show) -> None:
    assert len(hints(show(session))) > 30


def test_with_a_training_it_shows_it_at_any_size(trained: RunView, show: Show) -> None:
    plot = show(trained)
    for size in ((200, 150), (300, 200), (900, 500)):
        plot.resize(*size)
        assert hints(plot) == ""
        assert colours_in(pixels(plot.content)) > 20


def test_every_format_holds_a_picture(trained: RunView, show: Show) -> None:
    plot = show(trained)
    assert colours_in(pixels(paint(plot, 1.0))) > 20
    svg = svg_of(plot)
    assert plot.title in svg
    assert ("class 1" in svg) is not isinstance(plot, ConfidencePlot)  # which names no class
    pdf = render(plot, find_format("pdf"))
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 4000


def test_the_theme_changes_the_screen_but_not_the_picture(trained: RunView, show: Show) -> None:
    plot = show(trained)
    bright, picture = pixels(plot.content), pixels(paint(plot, 1.0))
    plot.set_theme(DARK)
    assert not np.array_equal(pixels(plot.content), bright)
    assert np.abs(pixels(paint(plot, 1.0)).astype(int) - picture).mean() < 1


@pytest.mark.parametrize("n_classes", [2, 26, 1000])
def test_any_number_of_classes(n_classes: int, show: Show) -> None:
    plot = show(view_of(n_classes, 2 * n_classes + 10, epochs=1))
    assert hints(plot) == ""
    assert colours_in(pixels(plot.content)) > 5


@pytest.mark.parametrize(
    ("X", "y", "share"),
    [
        ([[1.0, 2.0]] * 2, [0, 1], 0.0),
        ([[5.0, 5.0]] * 12, [0, 1, 2] * 4, 0.25),
        ([[0.0, 1.0], [2.0, 1.0]], [0, 2], 0.0),
    ],
    ids=["an example of each class", "all the same", "a class without examples"],
)
def test_degenerate_data(show: Show, X: list[list[float]], y: list[int], share: float) -> None:
    plot = show(finished(loaded_from(X, y, ("a", "b", "c")[: max(y) + 1], share), epochs=3))
    assert colours_in(pixels(plot.content)) > 2


def test_after_a_divergence_no_nonsense_is_drawn(show: Show) -> None:
    plot = show(finished(blobs(3, 30), diverged=True))
    if isinstance(plot, ProbabilitiesPlot):
        assert "–" in svg_of(plot)
    else:
        assert "no numbers" in hints(plot)
    assert "nan" not in svg_of(plot).lower()


def test_foreign_names_are_shown_to_the_letter(show: Show) -> None:
    plot = show(finished(blobs(len(NAMES), 60, class_names=NAMES)))
    svg = svg_of(plot)
    assert "x" * 200 not in svg
    assert ("한국어" in svg) is not isinstance(plot, ConfidencePlot)


def test_other_data_replaces_the_old(qtbot, iris_session: Session, show: Show) -> None:
    plot = show(iris_session)
    iris_session.set_config(TrainingConfig(epochs=3))
    iris_session.train()
    iris_session.choose_example(140)
    qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
    qtbot.waitUntil(lambda: hints(plot) == "")
    assert ("virginica" in svg_of(plot)) is not isinstance(plot, ConfidencePlot)
    with qtbot.waitSignal(iris_session.data_changed):
        iris_session.open_entry("breast_cancer")
    assert "virginica" not in svg_of(plot)
    iris_session.step()
    qtbot.waitUntil(lambda: hints(plot) == "")
    assert ("benign" in svg_of(plot)) is not isinstance(plot, ConfidencePlot)


def test_every_control_explains_itself(trained: RunView, show: Show) -> None:
    plot = show(trained)
    controls: list[QWidget] = [*plot.findChildren(QComboBox), *plot.findChildren(QAbstractButton)]
    for control in controls:
        if not control.isVisible() or control.objectName().startswith("qt_"):
            continue
        assert control.objectName()
        assert control.accessibleName()
        assert control.toolTip()


@pytest.mark.parametrize("kind", [kind for kind in PLOTS if issubclass(kind, PaintedPlot)], indirect=True)
def test_what_lies_under_the_pointer_never_fails(trained: RunView, show: Show) -> None:
    plot = show(trained, 300, 200)
    size = plot.content.size()
    texts = {
        plot.text_at(QPointF(x, y)) for x in range(-5, size.width() + 5, 9) for y in range(-5, size.height() + 5, 9)
    }
    assert len(texts) > 4
    assert not any("nan" in text for text in texts)
