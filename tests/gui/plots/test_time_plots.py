"""The plots over time as a person uses them: options, smoothing, marks, J*, other measures, and ill records."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pyqtgraph as pg
import pytest
from driving import click, colours_in, find, pixels
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QSlider, QToolTip, QWidget
from sklearn.metrics import f1_score, top_k_accuracy_score
from trainings import cost_of, scikit_learns

import gui.plots.true_minimum
from engine.arrays import FloatArray
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.progress import EpochRecord, Progress
from engine.stopping import StopReason
from gui.image_export import find_format, render
from gui.plots.accuracy import AccuracyPlot
from gui.plots.cost import CostPlot
from gui.plots.curves import CurvesPlot
from gui.plots.norms import NormsPlot
from gui.run_view import FinishedRunView, RunState
from gui.session import Session
from gui.theme import DARK, LIGHT

P = TypeVar("P", bound=CurvesPlot)


@pytest.fixture
def show(qtbot) -> Iterator[Callable[..., CurvesPlot]]:
    """A function that shows a plot of a session."""
    plots: list[QWidget] = []

    def show(kind: type[P], session: object, width: int = 520, height: int = 340) -> P:
        plot = kind(session)
        plots.append(plot)
        plot.set_theme(LIGHT)
        plot.resize(width, height)
        with qtbot.waitExposed(plot):
            plot.show()
        return plot

    yield show
    for plot in plots:
        plot.close()
        plot.deleteLater()


@pytest.fixture
def train(iris_session: Session, qtbot) -> Callable[..., History]:
    """A function that trains on iris to the end."""

    def train(**settings: object) -> History:
        iris_session.set_config(TrainingConfig(**{"epochs": 40, "l2": 1e-2} | settings))
        iris_session.train()
        qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
        return iris_session.history

    return train


def choose(plot: CurvesPlot, name: str) -> None:
    """Open the options and click an entry."""
    click(plot.options)
    menu = find(plot, f"{plot.key}_options_menu", QMenu)
    action = next(action for action in menu.actions() if action.objectName() == name)
    assert action.isEnabled(), action.toolTip()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    menu.close()


def entry(plot: CurvesPlot, name: str) -> tuple[str, bool, str]:
    """Text, whether it can be chosen, and the tooltip of an option."""
    action = next(one for one in plot.options.entries.actions() if one.objectName() == name)
    return action.text(), action.isEnabled(), action.toolTip()


def labels(plot: CurvesPlot) -> list[str]:
    return [one.label for one in plot.legend_entries()]


def lines_of(plot: CurvesPlot) -> list[tuple[FloatArray, FloatArray]]:
    """What is drawn, from the uppermost curve down."""
    curves = sorted((one for one in plot.item.items if isinstance(one, pg.PlotCurveItem)), key=lambda c: -c.zValue())
    return [(x, y) for x, y in (curve.getData() for curve in curves) if x is not None and len(x)]


def read_out(plot: CurvesPlot, x: float) -> list[str]:
    QTest.qWait(25)  # pyqtgraph lets a hundred moves a second through; the axes find their widths meanwhile
    (_, _), (bottom, top) = plot.view.viewRange()
    place = plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(x, (bottom + top) / 2)))
    QTest.mouseMove(plot.graph.viewport(), place)
    QApplication.processEvents()
    shown = [i for i in plot.graph.scene().items() if isinstance(i, pg.TextItem) and i.isVisible()]
    return [line for item in shown for line in item.toPlainText().splitlines()]


def tip_at(plot: CurvesPlot, x: float) -> str:
    """Rest the pointer over the line at ``x``."""
    (_, _), (bottom, top) = plot.view.viewRange()
    viewport = plot.graph.viewport()
    place: QPoint = plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(x, bottom + 0.37 * (top - bottom))))
    QApplication.sendEvent(viewport, QHelpEvent(QHelpEvent.Type.ToolTip, place, viewport.mapToGlobal(place)))
    text = QToolTip.text()
    QToolTip.hideText()
    return text


class TestOptions:
    def test_over_steps_and_back(self, train, show, iris_session: Session) -> None:
        history = train(batch_size=30)
        plot = show(CostPlot, iris_session)
        assert plot.view.viewRange()[0] == pytest.approx([0, 40])
        choose(plot, "cost_in_steps")
        assert plot.view.viewRange()[0] == pytest.approx([0, 160])
        assert plot.item.getAxis("bottom").labelText == "step"
        when, training, _ = read_out(plot, 68.4)
        assert when == "step 68 (epoch 17)"
        assert training == f"training {history.epochs.train_cost[17]:.6g}"
        choose(plot, "cost_in_epochs")

    def test_smoothing_by_keys(self, train, show, iris_session: Session) -> None:
        history = train()
        plot = show(CostPlot, iris_session)
        before = labels(plot)
        click(plot.options)
        slider = find(plot.options.entries, "cost_smoothing_slider", QSlider)
        slider.setFocus()
        for _ in range(4):
            QTest.keyClick(slider, Qt.Key.Key_Right)
        plot.options.entries.close()
        assert slider.accessibleName() == "Smoothing: over 10 points"
        assert labels(plot) == [*before[:2], "before smoothing", *before[2:]]
        expected, average, weight = [], 0.0, 0.0
        for cost in history.epochs.train_cost:
            average, weight = 0.9 * average + 0.1 * cost, 0.9 * weight + 0.1
            expected.append(average / weight)
        np.testing.assert_allclose(lines_of(plot)[0][1], expected, rtol=1e-9)
        raw = [y for _, y in lines_of(plot)[2:]]
        assert any(len(y) == 41 and np.array_equal(y, history.epochs.train_cost) for y in raw)
        assert read_out(plot, 20.0)[1] == f"training {history.epochs.train_cost[20]:.6g}, smoothed {expected[20]:.6g}"

    def test_the_context_menu_has_the_same_entries_and_what_a_narrow_header_hides(
        self, train, show, iris_session: Session
    ) -> None:
        train()
        plot = show(NormsPlot, iris_session, 300, 200)
        assert not find(plot, "norms_log_x").isVisible()
        menu = QMenu(plot)
        plot.extend_menu(menu)
        texts = [action.text() for action in menu.actions()]
        assert {"Over steps", "Mark what happened", "Logarithmic vertical axis", "Show all"} <= set(texts)
        menu.deleteLater()

    def test_every_control_says_what_it_is(self, show, iris_session: Session) -> None:
        for kind in (CostPlot, AccuracyPlot, NormsPlot):
            plot = show(kind, iris_session)
            for action in plot.options.entries.actions():
                assert action.isSeparator() or (action.objectName() and action.toolTip())
            for button in (plot.options, *plot.findChildren(QComboBox)):
                assert button.objectName()
                assert button.accessibleName()
                assert button.toolTip()


class TestMarks:
    def test_a_changed_setting_is_marked_where_it_was_changed(self, show, iris_session: Session, qtbot) -> None:
        session = iris_session
        plot = show(CostPlot, session)
        session.set_config(TrainingConfig(epochs=10_000, learning_rate=0.05, batch_size=0))
        for _ in range(8):
            session.step()
        qtbot.waitUntil(lambda: session.history.latest is not None and session.history.latest.step == 8)
        session.set_config(replace(session.config, learning_rate=0.2, l2=0.5))
        session.step()
        qtbot.waitUntil(lambda: session.history.latest.step == 9)
        session.stop()
        qtbot.waitUntil(lambda: "end" in labels(plot))
        assert "setting changed" in labels(plot)
        tip = tip_at(plot, 8.0)
        assert tip.startswith("Changed at epoch 8\n")
        assert "Learning rate: 0.05 → 0.2" in tip
        assert "0.5" in tip
        choose(plot, "cost_marks")
        assert "setting changed" not in labels(plot)

    def test_the_best_check_and_why_it_ended(self, train, show, iris_session: Session) -> None:
        history = train(patience=3, learning_rate=0.5, batch_size=1, epochs=200, l2=0.0)
        assert history.latest.stop_reason is StopReason.NO_IMPROVEMENT
        plot = show(CostPlot, iris_session)
        best = int(np.argmin(history.epochs.validation_cost))
        assert f"{history.epochs.validation_cost[best]:.6g} at epoch {best}" in tip_at(plot, best)
        last = history.latest.step / history.steps_per_epoch
        assert StopReason.NO_IMPROVEMENT.sentence in tip_at(plot, last)

    def test_the_moment_that_is_shown(self, train, show, iris_session: Session) -> None:
        history = train()
        plots = [show(kind, iris_session) for kind in (CostPlot, AccuracyPlot, NormsPlot)]
        moment = history.moments[len(history.moments) // 3]
        iris_session.choose_moment(moment)
        for plot in plots:
            assert "moment shown" in labels(plot)
            assert f"step {moment.step:,}" in tip_at(plot, moment.step / history.steps_per_epoch)
        iris_session.choose_moment(None)
        assert all("moment shown" not in labels(plot) for plot in plots)

    def test_a_line_to_compare_with_explains_itself(self, train, show, iris_session: Session) -> None:
        train()
        plot = show(CostPlot, iris_session)
        viewport = plot.graph.viewport()
        place = plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(18.0, math.log(3))))
        QApplication.sendEvent(viewport, QHelpEvent(QHelpEvent.Type.ToolTip, place, viewport.mapToGlobal(place)))
        assert "ln C = 1.09861: the cost of holding all 3 classes equally likely" in QToolTip.text()
        QToolTip.hideText()
        choose(plot, "cost_levels")
        assert "ln C" not in labels(plot)


class TestTrueMinimum:
    def test_found_drawn_and_taken_as_ground(self, train, show, iris_session: Session, qtbot) -> None:
        history = train(l2=0.05, optimizer="gradient_descent", batch_size=0, learning_rate=0.5, epochs=200)
        plot = show(CostPlot, iris_session)
        assert not entry(plot, "cost_above_minimum")[1]
        choose(plot, "cost_find_minimum")
        qtbot.waitUntil(lambda: "J*" in labels(plot))
        data = iris_session.loaded.data
        minimum = cost_of(scikit_learns(data, 0.05), data, iris_session.config)
        assert entry(plot, "cost_find_minimum")[0] == f"True minimum J* = {minimum:.6g}"
        choose(plot, "cost_above_minimum")
        assert plot.item.getAxis("left").logMode
        assert labels(plot)[0] == "training"
        assert not {"validation", "ln C", "J*"} & set(labels(plot))
        (_, above), *_ = lines_of(plot)
        np.testing.assert_allclose(10**above, history.epochs.train_cost - minimum, rtol=1e-6, atol=1e-8)
        choose(plot, "cost_above_minimum")
        assert not plot.item.getAxis("left").logMode
        assert "J*" in labels(plot)

    def test_forgotten_with_another_cost_or_other_data(self, show, iris_session: Session, qtbot) -> None:
        plot = show(CostPlot, iris_session)
        session = iris_session
        for change in (
            lambda: session.set_config(replace(session.config, l2=0.3)),
            lambda: session.set_config(replace(session.config, label_smoothing=0.1)),
            lambda: session.open_entry("wine"),
        ):
            choose(plot, "cost_find_minimum")
            qtbot.waitUntil(lambda: plot.search.found is not None)
            choose(plot, "cost_above_minimum")
            change()
            qtbot.waitUntil(lambda: plot.search.found is None)
            assert entry(plot, "cost_above_minimum")[1] is False
            assert not plot.item.getAxis("left").logMode

    def test_settings_that_do_not_matter_leave_it(self, show, iris_session: Session, qtbot) -> None:
        plot = show(CostPlot, iris_session)
        choose(plot, "cost_find_minimum")
        qtbot.waitUntil(lambda: plot.search.found is not None)
        iris_session.set_config(replace(iris_session.config, learning_rate=0.7, optimizer="adam"))
        assert plot.search.found is not None

    @pytest.mark.parametrize(
        ("settings", "reason"), [({"hidden_layers": (4,)}, "many minima"), ({"l1": 0.1}, "without L1 penalty")]
    )
    def test_not_offered_where_there_is_none_to_find(self, show, iris_session: Session, settings, reason) -> None:
        plot = show(CostPlot, iris_session)
        iris_session.set_config(TrainingConfig(**settings))
        _, can, tip = entry(plot, "cost_find_minimum")
        assert not can
        assert reason in tip

    def test_not_offered_without_data(self, show, session: Session) -> None:
        assert entry(show(CostPlot, session), "cost_find_minimum")[1:] == (False, "Load a data set first.")

    @pytest.fixture
    def endless(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A search that never ends by itself."""
        real = gui.plots.true_minimum.true_minimum

        def search(*args: object, **settings: object) -> Iterator[object]:
            *_, last = real(*args, **settings)
            while True:
                time.sleep(0.005)
                yield replace(last)

        monkeypatch.setattr(gui.plots.true_minimum, "true_minimum", search)

    def test_it_says_how_far_it_is_and_can_be_ended(self, show, iris_session: Session, endless, qtbot) -> None:
        plot = show(CostPlot, iris_session, 300, 220)
        choose(plot, "cost_find_minimum")
        said = find(plot, "cost_minimum_progress")
        qtbot.waitUntil(lambda: said.text().startswith("J* ≤ "))
        iris_session.set_config(TrainingConfig(epochs=3))  # other work goes on, the search too
        asked: list[int] = []
        iris_session.ask("test", lambda: 7, asked.append)
        qtbot.waitUntil(lambda: asked == [7])
        assert plot.search.searching
        started = time.perf_counter()
        click(find(plot, "cost_minimum_cancel"))
        assert not said.isVisible()
        qtbot.waitUntil(lambda: "stream job" not in {thread.name for thread in threading.enumerate()}, timeout=200)
        assert time.perf_counter() - started < 0.2
        assert entry(plot, "cost_find_minimum")[:2] == ("Find the true minimum J*", True)

    @pytest.mark.parametrize("end", ["close", "data", "cost"])
    def test_it_ends_with_what_it_is_about(self, show, iris_session: Session, endless, qtbot, end: str) -> None:
        plot = show(CostPlot, iris_session)
        choose(plot, "cost_find_minimum")
        qtbot.waitUntil(lambda: plot.search.so_far is not None)
        if end == "close":
            plot.close()
        elif end == "data":
            iris_session.open_entry("wine")
            qtbot.waitSignal(iris_session.data_changed).wait()
        else:
            iris_session.set_config(replace(iris_session.config, l2=0.7))
        qtbot.waitUntil(lambda: "stream job" not in {thread.name for thread in threading.enumerate()})
        assert not plot.search.searching


class TestMeasures:
    def test_top_k_and_macro_f1_of_every_moment(self, train, show, iris_session: Session, qtbot) -> None:
        history = train()
        plot = show(AccuracyPlot, iris_session)
        box = find(plot, "accuracy_measure", QComboBox)
        assert [box.itemText(i) for i in range(box.count())] == ["accuracy", "top 2", "top 3", "macro F1"]
        data, network = iris_session.loaded.data, iris_session.network
        logits = [network.logits(moment.theta, data.X_validation) for moment in history.moments]
        y = data.y_validation
        for name, key, expected in (
            ("top 2", Qt.Key.Key_Down, [top_k_accuracy_score(y, Z, k=2, labels=range(3)) for Z in logits]),
            (
                "macro F1",
                Qt.Key.Key_End,
                [f1_score(y, Z.argmax(axis=1), average="macro", zero_division=0) for Z in logits],
            ),
        ):
            QTest.keyClick(box, key)
            assert box.currentText() == name
            qtbot.waitUntil(lambda: len(lines_of(plot)) == 2 and len(lines_of(plot)[1][0]) == len(history.moments))
            x, drawn = lines_of(plot)[1]
            np.testing.assert_allclose(x * history.steps_per_epoch, [moment.step for moment in history.moments])
            np.testing.assert_allclose(drawn, 100 * np.array(expected), rtol=1e-12)
        assert read_out(plot, 40.0)[-1] == f"validation {100 * expected[-1]:.2f} %"

    def test_a_moment_is_looked_at_once_and_another_run_begins_anew(
        self, train, show, iris_session: Session, qtbot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counted: list[int] = []
        count = gui.plots.moment_scores.count_ranking
        monkeypatch.setattr(
            gui.plots.moment_scores, "count_ranking", lambda Z, y: counted.append(len(y)) or count(Z, y)
        )
        first = train(epochs=10)
        plot = show(AccuracyPlot, iris_session)
        box = find(plot, "accuracy_measure", QComboBox)
        box.setCurrentIndex(1)
        qtbot.waitUntil(lambda: len(lines_of(plot)) == 2 and len(lines_of(plot)[0][0]) == len(first.moments))
        assert len(counted) == 2 * len(first.moments)
        box.setCurrentIndex(0)
        box.setCurrentIndex(2)
        assert len(counted) == 2 * len(first.moments)
        second = train(epochs=4)
        qtbot.waitUntil(lambda: [len(x) for x, _ in lines_of(plot)] == [len(second.moments)] * 2)

    def test_no_request_takes_long(self, show, iris_session: Session, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
        """A wide network on many rows: what does not fit into one request goes on in the next."""
        from engine.network import Network
        from engine.progress import Moment
        from gui.plots.moment_scores import _Worker

        class Data:
            X_train, y_train = np.zeros((30_000, 784), dtype=np.float32), np.arange(30_000) % 10
            X_validation, y_validation = X_train[:0], y_train[:0]

        class Loaded:
            data = Data()

        network = Network(784, 10, (300,))
        worker = _Worker(Loaded(), network)
        moment = Moment(5, 0, np.zeros(network.n_parameters, dtype=np.float32))
        requests, found = [], {}
        while not found:
            started = time.perf_counter()
            found = worker.find_out([moment])
            requests.append(time.perf_counter() - started)
        assert 15_000 < found[5].training.n <= 20_000
        assert np.median(requests) < 0.05

    def test_the_measures_follow_the_number_of_classes(self, show, iris_session: Session, qtbot) -> None:
        plot = show(AccuracyPlot, iris_session)
        box = find(plot, "accuracy_measure", QComboBox)
        box.setCurrentIndex(2)
        with qtbot.waitSignal(iris_session.data_changed):
            iris_session.open_entry("digits")
        assert box.count() == 11
        assert box.currentText() == "top 3"
        with qtbot.waitSignal(iris_session.data_changed):
            iris_session.open_entry("breast_cancer")
        assert [box.itemText(i) for i in range(box.count())] == ["accuracy", "top 2", "macro F1"]
        assert box.currentText() == "accuracy"


class TestNorms:
    def test_each_quantity_of_the_record(self, train, show, iris_session: Session) -> None:
        history = train(schedule="exponential")
        plot = show(NormsPlot, iris_session)
        box = find(plot, "norms_quantity", QComboBox)
        for number, key in enumerate(("gradient_norm", "step_size", "weight_norm", "learning_rate")):
            box.setCurrentIndex(number)
            log = plot.item.getAxis("left").logMode
            assert log is (number < 2)
            values = getattr(history.epochs, key)
            (_, y), *_ = lines_of(plot)
            kept = np.isfinite(y)
            np.testing.assert_allclose((10**y if log else y)[kept], values[np.isfinite(values)], rtol=1e-12)
            assert labels(plot)[0] == box.currentText()
        assert read_out(plot, 30.0)[1] == f"learning rate {values[30]:.6g}"

    def test_the_kind_of_axis_is_remembered_for_each(self, train, show, iris_session: Session) -> None:
        train()
        plot = show(NormsPlot, iris_session)
        box = find(plot, "norms_quantity", QComboBox)
        click(find(plot, "norms_log_y"))
        box.setCurrentIndex(1)
        assert plot.item.getAxis("left").logMode
        box.setCurrentIndex(0)
        assert not plot.item.getAxis("left").logMode

    def test_an_optimizer_without_a_learning_rate_is_said_so(self, train, show, iris_session: Session) -> None:
        train(optimizer="lbfgs", epochs=5)
        plot = show(NormsPlot, iris_session)
        find(plot, "norms_quantity", QComboBox).setCurrentIndex(3)
        assert "has no learning rate" in plot._hint.text()
        assert plot._hint.isVisible()


def recorded(records: list[EpochRecord], session: Session, reason: StopReason | None) -> FinishedRunView:
    """A run that is over, with these checks."""
    history = History(4)
    theta = session.newest_theta
    costs = np.array([record.train_cost for record in records])
    history.append(
        Progress(
            step=4 * len(records),
            epoch=len(records),
            examples=0,
            batch_costs=costs,
            epochs=tuple(records),
            theta=theta,
            seconds=1.0,
            stop_reason=reason,
            record=records[-1],
        )
    )
    return FinishedRunView(session.loaded, session.config, history)


NAN = math.nan
ILL: dict[str, list[EpochRecord]] = {
    "one check": [EpochRecord(0, 1.1, 0.3, 1.0, 0.3, NAN, NAN, NAN, 0.0)],
    "nothing but NaN": [EpochRecord(e, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN) for e in range(6)],
    "NaN from the third on": [
        EpochRecord(e, *([1.0, 0.5] if e < 3 else [NAN, NAN]) * 2, 0.1, 1.0, 0.1, 1.0) for e in range(6)
    ],
    "zeros": [EpochRecord(e, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0) for e in range(900)],
    "no validation": [EpochRecord(e, 1.0 / (e + 1), 0.5, NAN, NAN, 0.1, 1.0, 0.1, e) for e in range(6)],
    "huge and infinite": [
        EpochRecord(e, 1e300 * 10**e, 0.1, 1e308, 0.1, 1e6, math.inf, 1e200, 1e300) for e in range(6)
    ],
    "constant": [EpochRecord(e, 0.7, 1.0, 0.7, 1.0, 0.1, 0.3, 0.1, 2.0) for e in range(3000)],
}


@pytest.mark.parametrize("kind", [CostPlot, AccuracyPlot, NormsPlot])
def test_an_ill_record_is_drawn_as_far_as_it_goes(show, iris_session: Session, kind) -> None:
    for records in ILL.values():
        plot = show(kind, recorded(records, iris_session, StopReason.DIVERGED), 300, 200)
        choosers = plot.findChildren(QComboBox)
        for number in range(choosers[0].count() if choosers else 1):
            for box in choosers:
                box.setCurrentIndex(number)
            for axis in plot._buttons:
                plot.set_log(axis, not plot._log[axis])
            plot._smoothing.set_value(5)
            assert np.isfinite(plot.view.viewRange()).all()
            plot.graph.viewport().repaint()
        assert colours_in(pixels(plot.graph)) > 1
        read_out(plot, sum(plot.view.viewRange()[0]) / 2)
        plot.set_theme(DARK)
        plot.view.setRange(xRange=(-0.2, 0.2), yRange=(-1, 1))
        plot.grab()
        plot.hide()


@pytest.mark.parametrize("kind", [CostPlot, AccuracyPlot, NormsPlot])
def test_pictures(train, show, iris_session: Session, kind) -> None:
    train(epochs=10)
    plot = show(kind, iris_session)
    iris_session.choose_moment(iris_session.history.moments[3])
    for key in ("png_2x", "svg", "pdf"):
        assert len(render(plot, find_format(key))) > 3000
    text = render(plot, find_format("svg")).decode()
    for word in (*labels(plot), "finished", "moment"):
        assert word in text
