from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from driving import click, find
from plotted import clouds, finished, hint_of, hover, show
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QComboBox, QToolButton

from engine.analysis import LearningPoint, learning_curve
from engine.hyperparameters import TrainingConfig
from gui.image_export import find_format, render
from gui.plots.learning_curve import LearningCurvePlot
from gui.run_view import FinishedRunView, RunView
from gui.session import Session
from gui.theme import LIGHT

Shown: TypeAlias = Callable[..., LearningCurvePlot]
SHORT = TrainingConfig(epochs=4)
ENDLESS = TrainingConfig(epochs=1_000_000)


@pytest.fixture
def shown(qtbot) -> Shown:
    def shown(session: RunView, width: int = 620, height: int = 420) -> LearningCurvePlot:
        plot = LearningCurvePlot(session)
        show(qtbot, plot, width, height)
        plot.set_theme(LIGHT)
        QApplication.processEvents()
        return plot

    return shown


@pytest.fixture
def computed(iris_session: Session, shown: Shown, qtbot) -> LearningCurvePlot:
    """The curve of four epochs on iris."""
    iris_session.set_config(SHORT)
    plot = shown(iris_session)
    compute(plot)
    qtbot.waitUntil(lambda: button(plot).text() == "Compute")
    return plot


def button(plot: LearningCurvePlot) -> QToolButton:
    return find(plot, "learning_curve_compute", QToolButton)


def compute(plot: LearningCurvePlot) -> None:
    assert button(plot).text() == "Compute"
    click(button(plot))


def caption(plot: LearningCurvePlot) -> str:
    return find(plot, "learning_curve_caption").text()


def works() -> bool:
    return any(thread.name == "stream job" for thread in threading.enumerate())


def expected_points(session: RunView, config: TrainingConfig) -> list[LearningPoint]:
    return [p.point for p in learning_curve(session.loaded.data, config) if p.point is not None]


def read(plot: LearningCurvePlot, n_rows: int) -> list[str]:
    """What is read out, line by line, near the point of so many rows."""
    _, (bottom, top) = plot.view.viewRange()
    first, *lines = hover(plot, np.log10(1.04 * n_rows), (bottom + top) / 2).splitlines()
    assert first == f"{n_rows} training rows"
    return lines


class TestComputing:
    def test_every_point_is_what_the_engine_finds(self, computed: LearningCurvePlot) -> None:
        for point in expected_points(computed.session, SHORT):
            assert read(computed, point.n_rows) == [
                f"training {point.train_cost:.6g}",
                f"validation {point.validation_cost:.6g}",
                "epochs 4",
            ]
        assert caption(computed).startswith("Each subset is stratified and part of the next; at most 4 epochs each.")

    def test_accuracy(self, computed: LearningCurvePlot) -> None:
        box = find(computed, "learning_curve_measure", QComboBox)
        box.setCurrentIndex(box.findText("Accuracy"))
        assert computed.item.getAxis("left").labelText == "accuracy (%)"
        last = expected_points(computed.session, SHORT)[-1]
        assert read(computed, 120)[:2] == [
            f"training {100 * last.train_accuracy:.2f} %",
            f"validation {100 * last.validation_accuracy:.2f} %",
        ]
        _, (low, high) = computed.view.viewRange()
        assert low < 100 * last.validation_accuracy < high
        assert high > 100

    def test_points_come_one_by_one_and_are_counted(self, iris_session: Session, shown: Shown, qtbot) -> None:
        iris_session.set_config(TrainingConfig(epochs=1500))
        plot = shown(iris_session)
        assert hint_of(plot).startswith("Press Compute: ")
        compute(plot)
        qtbot.waitUntil(lambda: caption(plot).startswith("3 of 8: 14 rows, epoch "), timeout=20_000)
        assert button(plot).text() == "Cancel"
        assert read(plot, 6)[-1] == read(plot, 9)[-1] == "epochs 1,500"
        assert hint_of(plot) == ""

    def test_the_training_is_not_disturbed(self, computed: LearningCurvePlot) -> None:
        assert computed.session.history is None

    def test_without_validation_rows(self, shown: Shown, qtbot) -> None:
        plot = shown(finished(clouds(60, 3, validation_share=0.0)))
        compute(plot)
        qtbot.waitUntil(lambda: button(plot).text() == "Compute")
        assert [entry.label for entry in plot.legend_entries() if entry.colour is not None] == ["training"]
        assert "No rows are held back to validate." in caption(plot)
        assert [line.split()[0] for line in read(plot, 60)] == ["training", "epochs"]


class TestEnding:
    @pytest.fixture
    def computing(self, iris_session: Session, shown: Shown, qtbot) -> LearningCurvePlot:
        iris_session.set_config(ENDLESS)
        plot = shown(iris_session)
        compute(plot)
        qtbot.waitUntil(lambda: caption(plot).startswith("1 of 8: 6 rows, epoch "))
        assert works()
        return plot

    def test_cancel(self, computing: LearningCurvePlot) -> None:
        click(button(computing))
        assert not works()
        assert button(computing).text() == "Compute"
        assert caption(computing) == "Cancelled."

    def test_other_data(self, computing: LearningCurvePlot, qtbot) -> None:
        with qtbot.waitSignal(computing.session.data_changed):
            computing.session.open_entry("wine")
        assert not works()
        assert caption(computing) == ""
        assert hint_of(computing).startswith("Press Compute: ")

    def test_the_window_is_closing(self, computing: LearningCurvePlot) -> None:
        computing.session.close()
        assert not works()

    def test_the_plot_is_deleted(self, iris_session: Session, qtbot) -> None:
        iris_session.set_config(ENDLESS)
        plot = LearningCurvePlot(iris_session)
        plot.show()
        compute(plot)
        qtbot.waitUntil(lambda: caption(plot) != "")
        plot.close()
        plot.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qtbot.waitUntil(lambda: not works())

    def test_again(self, computing: LearningCurvePlot, qtbot) -> None:
        click(button(computing))
        computing.session.set_config(SHORT)
        compute(computing)
        qtbot.waitUntil(lambda: button(computing).text() == "Compute")
        assert read(computing, 6)[-1] == read(computing, 120)[-1] == "epochs 4"


class TestSaying:
    def test_settings_that_have_changed_since(self, computed: LearningCurvePlot) -> None:
        assert "have changed" not in caption(computed)
        computed.session.set_config(TrainingConfig(epochs=5))
        assert "The settings have changed since" in caption(computed)

    def test_settings_that_cannot_train(self, shown: Shown, qtbot) -> None:
        trained = finished(clouds(60, 3, validation_share=0.0))
        config = TrainingConfig(patience=3, batch_size=0)
        plot = shown(FinishedRunView(trained.loaded, config, trained.history))
        compute(plot)
        qtbot.waitUntil(lambda: "Early stopping needs validation rows" in hint_of(plot))
        assert button(plot).text() == "Compute"

    def test_divergence(self, iris_session: Session, shown: Shown, qtbot) -> None:
        iris_session.set_config(
            TrainingConfig(epochs=50, learning_rate=1e6, optimizer="gradient_descent", l2=1.0, batch_size=0)
        )
        plot = shown(iris_session)
        compute(plot)
        qtbot.waitUntil(lambda: "8 of the trainings diverged." in caption(plot))
        assert read(plot, 120)[-1].endswith(", then diverged")

    def test_no_data(self, session: Session, shown: Shown) -> None:
        plot = shown(session)
        assert hint_of(plot).startswith("Press Compute: ")
        assert not button(plot).isEnabled()


class TestPicture:
    @pytest.mark.parametrize("key", ["png_1x", "svg", "pdf"])
    def test_is_made(self, computed: LearningCurvePlot, key: str) -> None:
        content = render(computed, find_format(key))
        assert len(content) > 2000
        if key == "svg":
            assert "training rows N" in content.decode()

    def test_before_anything_is_computed(self, iris_session: Session, shown: Shown) -> None:
        assert render(shown(iris_session, 300, 200), find_format("png_1x"))
