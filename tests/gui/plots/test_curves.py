import threading
from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
import pytest
from driving import click, find, pixels, turn_wheel
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

import gui.training_thread
from engine.hyperparameters import TrainingConfig
from engine.training import train
from gui.main_window import MainWindow
from gui.plots.curves import CurvesPlot
from gui.run_view import RunState
from gui.session import Session

EPOCHS = 40


@pytest.fixture
def session(shared_session: Session) -> Session:
    return shared_session


@pytest.fixture
def window(window: MainWindow, session: Session, qtbot) -> MainWindow:
    """The shared window after 40 epochs on iris, plots as at the start."""
    session.set_config(TrainingConfig(epochs=EPOCHS))
    session.train()
    qtbot.waitUntil(lambda: session.state is RunState.ENDED)
    for name in ("cost", "accuracy"):
        plot = find(window, name, CurvesPlot)
        for button in plot.findChildren(QToolButton):
            if button.isCheckable() and button.isChecked():
                click(button)
        plot.reset_view()
    QApplication.processEvents()
    return window


@pytest.fixture
def cost(window: MainWindow) -> CurvesPlot:
    return find(window, "cost", CurvesPlot)


@pytest.fixture
def accuracy(window: MainWindow) -> CurvesPlot:
    return find(window, "accuracy", CurvesPlot)


def place_of(plot: CurvesPlot, x: float, y: float) -> QPoint:
    return plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(x, y)))


def hover(plot: CurvesPlot, x: float) -> str:
    """Rest the pointer over ``x``; what is read out there."""
    (left, right), (bottom, top) = plot.view.viewRange()
    assert left <= x <= right
    QTest.mouseMove(plot.graph.viewport(), place_of(plot, x, (bottom + top) / 2))
    QTest.qWait(40)
    shown = [i for i in plot.graph.scene().items() if isinstance(i, pg.TextItem) and i.isVisible()]
    return "\n".join(item.toPlainText() for item in shown)


class TestHover:
    @pytest.mark.parametrize("epoch", [0, 1, 17, EPOCHS])
    def test_exact_cost(self, session: Session, cost: CurvesPlot, epoch: int) -> None:
        series = session.history.epochs
        text = hover(cost, epoch + (0.3 if epoch == 0 else -0.3))
        assert text.splitlines() == [
            f"epoch {epoch}",
            f"training {series.train_cost[epoch]:.6g}",
            f"validation {series.validation_cost[epoch]:.6g}",
        ]

    def test_what_is_read_out_is_what_the_engine_computes(self, session: Session, cost: CurvesPlot) -> None:
        records = [r for progress in train(session.loaded.data, session.config) for r in progress.epochs]
        assert f"training {records[23].train_cost:.6g}" in hover(cost, 23.0)

    def test_exact_accuracy_in_percent(self, session: Session, accuracy: CurvesPlot) -> None:
        value = 100 * session.history.epochs.train_accuracy[25]
        assert f"training {value:.2f} %" in hover(accuracy, 25.0)

    def test_nearest_epoch(self, cost: CurvesPlot) -> None:
        assert hover(cost, 9.6).startswith("epoch 10\n")

    def test_where_not_every_epoch_was_checked_the_nearest_check_is_read_out(
        self, session: Session, cost: CurvesPlot, qtbot
    ) -> None:
        session.set_config(TrainingConfig(epochs=EPOCHS, check_every=15))
        session.train()
        qtbot.waitUntil(lambda: session.state is RunState.ENDED)
        QApplication.processEvents()
        series = session.history.epochs
        assert series.epoch.tolist() == [0, 15, 30, 40]
        for x, index in (
            (0.2, 0),
            (7.2, 0),
            (7.8, 1),
            (15.0, 1),
            (22.0, 1),
            (23.0, 2),
            (34.7, 2),
            (35.4, 3),
            (39.8, 3),
        ):
            assert hover(cost, x).splitlines() == [
                f"epoch {series.epoch[index]:.0f}",
                f"training {series.train_cost[index]:.6g}",
                f"validation {series.validation_cost[index]:.6g}",
            ]

    def test_the_nearest_check_on_a_logarithmic_axis(
        self, window: MainWindow, session: Session, cost: CurvesPlot, qtbot
    ) -> None:
        session.set_config(TrainingConfig(epochs=EPOCHS, check_every=15))
        session.train()
        qtbot.waitUntil(lambda: session.state is RunState.ENDED)
        click(find(window, "cost_log_x", QToolButton))
        for epoch, nearest in ((14, 15), (20, 15), (26, 30), (39, 40)):
            assert hover(cost, float(np.log10(epoch))).startswith(f"epoch {nearest}\n")

    def test_on_a_logarithmic_axis(self, window: MainWindow, session: Session, cost: CurvesPlot) -> None:
        click(find(window, "cost_log_x", QToolButton))
        text = hover(cost, float(np.log10(20)))
        assert text.splitlines()[:2] == ["epoch 20", f"training {session.history.epochs.train_cost[20]:.6g}"]

    def test_nothing_is_read_out_before_training(self, session: Session, cost: CurvesPlot) -> None:
        session.reset()
        assert hover(cost, 0.5) == ""

    def test_before_the_first_report_of_the_engine(
        self, session: Session, cost: CurvesPlot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        release = threading.Event()

        def held(*args: object) -> Iterator[object]:
            release.wait(5)
            return train(*args)

        monkeypatch.setattr(gui.training_thread, "train", held)
        session.reset()
        session.train()
        try:
            hover(cost, 0.5)
            cost.grab()
        finally:
            release.set()
            session.reset()

    def test_goes_with_the_pointer(self, cost: CurvesPlot) -> None:
        assert hover(cost, 5.0) != ""
        QTest.mouseMove(cost.graph.viewport(), QPoint(3, 3))
        QTest.qWait(40)
        assert not [i for i in cost.graph.scene().items() if isinstance(i, pg.TextItem) and i.isVisible()]


class TestAxes:
    @pytest.mark.parametrize(
        ("name", "axis"), [("cost_log_x", "bottom"), ("cost_log_y", "left"), ("accuracy_log_x", "bottom")]
    )
    def test_log_button_and_back(self, window: MainWindow, name: str, axis: str) -> None:
        plot = find(window, name.split("_")[0], CurvesPlot)
        button = find(window, name, QToolButton)
        before, range_before = pixels(plot.graph), plot.view.viewRange()
        click(button)
        assert button.isChecked()
        assert plot.item.getAxis(axis).logMode
        QApplication.processEvents()
        assert not np.array_equal(pixels(plot.graph), before)
        click(button)
        QApplication.processEvents()
        assert np.allclose(plot.view.viewRange(), range_before)
        assert np.array_equal(pixels(plot.graph), before)

    def test_the_curve_stays_in_view(self, window: MainWindow, session: Session, cost: CurvesPlot) -> None:
        series = session.history.epochs
        for log in ((), ("cost_log_y",), ("cost_log_x",)):
            for name in log:
                click(find(window, name, QToolButton))
            (left, right), (bottom, top) = cost.view.viewRange()
            x = np.log10(np.maximum(series.epoch, 1)) if "cost_log_x" in log else series.epoch
            y = np.log10(series.train_cost) if log else series.train_cost
            assert left <= x.min()
            assert x.max() <= right
            assert bottom <= y.min()
            assert y.max() <= top


class TestZoom:
    @pytest.mark.parametrize("turns", [[2], [10] * 15, [-10] * 15], ids=["in", "far in", "far out"])
    def test_wheel_and_back(self, cost: CurvesPlot, turns: list[int]) -> None:
        range_before, viewport = cost.view.viewRange(), cost.graph.viewport()
        for notches in turns:
            turn_wheel(viewport, viewport.rect().center(), notches)
        cost.grab()
        zoomed = np.array(cost.view.viewRange())
        assert np.isfinite(zoomed).all()
        assert bool(np.ptp(zoomed[0]) < np.ptp(range_before[0])) is (turns[0] > 0)
        QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=viewport.rect().center())
        QApplication.processEvents()
        assert np.allclose(cost.view.viewRange(), range_before)

    @pytest.mark.parametrize("turns", [[10] * 15, [-10] * 15], ids=["far in", "far out"])
    def test_on_logarithmic_axes(self, window: MainWindow, cost: CurvesPlot, turns: list[int]) -> None:
        for name in ("cost_log_x", "cost_log_y"):
            click(find(window, name, QToolButton))
        viewport = cost.graph.viewport()
        for notches in turns:
            turn_wheel(viewport, viewport.rect().center(), notches)
        cost.grab()
        assert np.isfinite(cost.view.viewRange()).all()
        QTest.mouseMove(viewport, viewport.rect().center())  # what is read out there is not the question
        QTest.qWait(40)

    def test_a_zoomed_view_stays_while_training_goes_on(self, session: Session, cost: CurvesPlot, qtbot) -> None:
        session.reset()
        session.set_config(TrainingConfig(epochs=1_000_000))
        session.train()
        qtbot.waitUntil(lambda: session.history.latest is not None and session.history.latest.epoch > 3)
        viewport = cost.graph.viewport()
        turn_wheel(viewport, viewport.rect().center(), 3)
        held, epoch = cost.view.viewRange(), session.history.latest.epoch
        qtbot.waitUntil(lambda: session.history.latest.epoch > epoch + 50)
        assert cost.view.viewRange() == held
        session.stop()


def test_legend_names_all_that_is_there(session: Session, cost: CurvesPlot, qtbot) -> None:
    levels, marks = ["ln C", "class shares"], ["best check", "end"]
    assert [entry.label for entry in cost.legend_entries()] == ["training", "validation", "each batch", *levels, *marks]
    session.set_config(TrainingConfig(epochs=2, batch_size=0))
    session.train()
    qtbot.waitUntil(lambda: session.state is RunState.ENDED)
    assert [entry.label for entry in cost.legend_entries()] == ["training", "validation", *levels, *marks]
