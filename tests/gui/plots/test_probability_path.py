from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
import pytest
from driving import click, find, pixels
from finished import blobs, finished
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

import gui.plots.example_history
from engine.hyperparameters import TrainingConfig
from gui.plots.class_style import class_colours
from gui.plots.example_history import ExampleHistory
from gui.plots.probability_path import ProbabilityPathPlot
from gui.run_view import FinishedRunView, RunState, RunView
from gui.session import Session
from gui.theme import LIGHT

Show = Callable[[RunView], ProbabilityPathPlot]


@pytest.fixture
def show(qtbot) -> Show:
    def show(view: RunView) -> ProbabilityPathPlot:
        plot = ProbabilityPathPlot(view)
        qtbot.addWidget(plot)
        plot.set_theme(LIGHT)
        plot.resize(640, 420)
        with qtbot.waitExposed(plot):
            plot.show()
        plot.refresh()
        QApplication.processEvents()
        return plot

    return show


@pytest.fixture
def view(qapp) -> FinishedRunView:
    return finished(blobs(3, 60), batch_size=16)


def place_of(plot: ProbabilityPathPlot, x: float, y: float = 0.5) -> QPoint:
    return plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(x, y)))


def hover(plot: ProbabilityPathPlot, x: float) -> list[str]:
    """Rest the pointer over ``x``; the lines that are read out there."""
    QTest.mouseMove(plot.graph.viewport(), place_of(plot, x))
    QTest.qWait(40)
    shown = [i for i in plot.graph.scene().items() if isinstance(i, pg.TextItem) and i.isVisible()]
    return "\n".join(item.toPlainText() for item in shown).splitlines()


def values_of(lines: list[str]) -> dict[str, float]:
    pairs = (line.rsplit(None, 1) for line in lines[1:])
    return {name.removesuffix(" ✓"): float(value.replace("−", "-")) for name, value in pairs}


def softmax_of(view: RunView, theta: np.ndarray) -> list[float]:
    """Probabilities of the chosen example by the text book, without hidden layers."""
    x = view.loaded.data.X_all[view.example]
    C, D = view.loaded.dataset.n_classes, len(x)
    z = [sum(float(theta[c * D + d]) * x[d] for d in range(D)) + float(theta[C * D + c]) for c in range(C)]
    total = sum(math.exp(value) for value in z)
    return [math.exp(value) / total for value in z]


@pytest.mark.parametrize("index", [0, 7, -1])
def test_what_is_read_out_is_the_softmax_of_the_kept_weights(view: FinishedRunView, show: Show, index: int) -> None:
    view.choose_example(11)
    plot = show(view)
    moment = view.history.moments[index]
    epoch = moment.step / view.history.steps_per_epoch
    lines = hover(plot, epoch or 0.03)  # the axis itself is no part of the view
    assert lines[0] == f"epoch {epoch:.6g}, step {moment.step}"
    expected = softmax_of(view, moment.theta)
    found = values_of(lines)
    assert [found[f"class {c}"] for c in range(3)] == pytest.approx(expected, rel=1e-5)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert [line for line in lines if "✓" in line] == [line for line in lines if line.startswith("class 2 ✓")]


def test_another_example_has_another_path(view: FinishedRunView, show: Show) -> None:
    plot = show(view)
    before = hover(plot, 5.0)
    view.choose_example(1)
    assert hover(plot, 5.0) != before
    assert "example 2" in plot.item.getAxis("left").labelText


def test_of_many_classes_those_that_mattered_have_a_curve(show: Show) -> None:
    view = finished(blobs(26, 260), epochs=5)
    view.choose_example(25)
    plot = show(view)
    lines = hover(plot, 3.0)
    found = values_of(lines)
    assert len(found) == 9
    assert "18 others" in found
    assert any(line.startswith("class 25 ✓") for line in lines)
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-4)
    P = np.array([softmax_of(view, moment.theta) for moment in view.history.moments])
    peaks = np.delete(P.max(axis=0), 25)
    highest = {f"class {c}" for c in np.argsort(-peaks)[:7]}
    assert highest <= set(found)


def test_the_actual_class_is_drawn_thicker(view: FinishedRunView, show: Show) -> None:
    view.choose_example(11)
    picture = pixels(show(view).graph).astype(int)
    counts = []
    for colour in class_colours(3):
        near = np.abs(picture - np.array(colour.getRgb()[:3])).sum(axis=2) < 40
        counts.append(near[:, 250:].sum())
    assert counts[2] > 1.5 * max(counts[:2])


def test_the_chosen_moment_is_a_line(view: FinishedRunView, show: Show) -> None:
    plot = show(view)
    moment = view.history.moments[6]
    x = place_of(plot, moment.step / view.history.steps_per_epoch).x()
    before = pixels(plot.graph.viewport())
    view.choose_moment(moment)
    QApplication.processEvents()
    changed = (pixels(plot.graph.viewport()) != before).any(axis=2)
    columns = np.flatnonzero(changed[60:-80].mean(axis=0) > 0.9)
    assert len(columns)
    assert np.abs(columns - x).max() <= 2
    assert "chosen moment" in [entry.label for entry in plot.legend_entries()]


def test_log_x_leaves_the_start_out_and_shows_the_first_steps_wider(view: FinishedRunView, show: Show) -> None:
    plot = show(view)
    width = place_of(plot, 2.0).x() - place_of(plot, 1.0).x()
    click(find(plot, "probability_path_log_x", QToolButton))
    assert place_of(plot, math.log10(2.0)).x() - place_of(plot, 0.0).x() > 2 * width
    assert re.match(r"epoch (?!0,)", hover(plot, plot.view.viewRange()[0][0] + 0.01)[0])
    click(find(plot, "probability_path_log_x", QToolButton))
    assert hover(plot, 0.03)[0].startswith("epoch 0,")


def test_a_training_under_way_is_followed(qtbot, iris_session: Session, show: Show) -> None:
    plot = show(iris_session)
    iris_session.set_config(TrainingConfig(epochs=20))
    iris_session.train()
    qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
    last = iris_session.history.moments[-1]
    qtbot.waitUntil(lambda: hover(plot, 20.0)[:1] == [f"epoch 20, step {last.step:,}"])
    found = values_of(hover(plot, 20.0))
    assert list(found.values()) == pytest.approx(sorted(softmax_of(iris_session, last.theta), reverse=True), rel=1e-4)


class TestExampleHistory:
    def test_each_moment_is_looked_at_once_in_small_portions(
        self, view: FinishedRunView, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        looked: list[object] = []
        ask, probabilities_of = view.ask, gui.plots.example_history.probabilities_of

        def noted_ask(key, work, done) -> None:
            asked.append(key)
            ask(key, work, done)

        def noted(network, theta, x):
            looked.append(theta)
            return probabilities_of(network, theta, x)

        monkeypatch.setattr(view, "ask", noted_ask)
        monkeypatch.setattr(gui.plots.example_history, "probabilities_of", noted)
        monkeypatch.setattr(gui.plots.example_history, "_SECONDS_AT_A_TIME", 0.0)
        history = ExampleHistory(view, "path", lambda: None)
        history.bring_up()
        history.bring_up()
        moments = view.history.moments
        assert history.moments == list(moments)
        assert [id(theta) for theta in looked] == [id(moment.theta) for moment in reversed(moments)]
        assert asked == ["path"] * len(moments)
        np.testing.assert_allclose(history.P, [softmax_of(view, moment.theta) for moment in moments], rtol=1e-6)

    def test_a_result_for_an_example_that_is_no_longer_chosen_is_not_taken(
        self, view: FinishedRunView, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = []
        monkeypatch.setattr(view, "ask", lambda key, work, done: waiting.append((work, done)))
        history = ExampleHistory(view, "path", lambda: None)
        history.bring_up()
        view.choose_example(5)
        history.bring_up()
        (old_work, old_done), (work, done) = waiting
        done(work())
        old_done(old_work())
        assert history.P[-1].tolist() == pytest.approx(softmax_of(view, view.history.moments[-1].theta))

    def test_moments_that_are_no_longer_kept_are_let_go(
        self, view: FinishedRunView, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        history = ExampleHistory(view, "path", lambda: None)
        history.bring_up()
        fewer = view.history.moments[::2]
        newest = type(fewer[-1])(10**6, 10**3, fewer[-1].theta)
        monkeypatch.setattr(type(view.history), "moments", (*fewer, newest))
        history.bring_up()
        assert history.moments == [*fewer, newest]
