from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from driving import click, colours_in, find, pixels, type_over
from plotted import ODD_NAMES, clouds, finished, hint_of, made_up, show
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox, QToolButton
from sklearn.calibration import calibration_curve

from engine.hyperparameters import TrainingConfig
from engine.metrics import expected_calibration_error
from gui.image_export import find_format, render
from gui.plots.calibration import CalibrationPlot
from gui.run_view import RunState, RunView
from gui.session import Session
from gui.theme import DARK, LIGHT

Shown: TypeAlias = Callable[..., CalibrationPlot]
LONG = TrainingConfig(epochs=60, batch_size=0)


@pytest.fixture
def shown(qtbot) -> Shown:
    def shown(session: RunView, width: int = 620, height: int = 420) -> CalibrationPlot:
        plot = CalibrationPlot(session)
        show(qtbot, plot, width, height)
        plot.set_theme(LIGHT)
        QApplication.processEvents()
        return plot

    return shown


@pytest.fixture
def plot(shown: Shown) -> CalibrationPlot:
    """A plot of 200 validation rows of three classes."""
    return shown(finished(clouds(1000, 3), LONG))


def caption(plot: CalibrationPlot) -> str:
    return find(plot, "calibration_caption").text()


def choose(plot: CalibrationPlot, name: str, text: str) -> None:
    box = find(plot, f"calibration_{name}", QComboBox)
    box.setCurrentIndex(box.findText(text))


def validation(session: RunView) -> tuple[np.ndarray, np.ndarray]:
    predictions = session.predictions
    return predictions.y[~predictions.in_training], predictions.P[~predictions.in_training]


def readings(plot: CalibrationPlot) -> list[tuple[float, ...]]:
    """Everything that can be read along the diagram: low, high, mean, share and rows of each bin."""
    found = []
    for x in range(plot.content.width()):
        lines = plot.text_at(QPointF(x, plot.content.height() / 2)).splitlines()
        if len(lines) == 4:
            low, high = lines[0].removeprefix("probability ").split(" to ")
            mean, share = lines[1].removeprefix("mean probability "), lines[2].removeprefix("share that came true ")
            row = (*map(float, (low, high, mean, share)), float(lines[3].removesuffix(" rows").replace(",", "")))
            if row not in found:
                found.append(row)
    return found


class TestNumbers:
    def test_the_caption_has_the_expected_calibration_error(self, plot: CalibrationPlot) -> None:
        error = expected_calibration_error(*validation(plot.session), n_bins=10)
        assert caption(plot) == f"Expected calibration error, ECE: {error:.4f} in 10 bins; 200 validation rows."

    @pytest.mark.parametrize("equal_counts", [False, True])
    @pytest.mark.parametrize("label", [None, 2])
    def test_every_bin_can_be_read(self, plot: CalibrationPlot, equal_counts: bool, label: int | None) -> None:
        y, P = validation(plot.session)
        if equal_counts:
            click(find(plot, "calibration_equal_counts", QToolButton))
        if label is not None:
            choose(plot, "class", f"class {label}")
        p, happened = (P.max(axis=1), P.argmax(axis=1) == y) if label is None else (P[:, label], y == label)
        shares, means = calibration_curve(happened, p, n_bins=10, strategy="quantile" if equal_counts else "uniform")
        found = readings(plot)
        np.testing.assert_allclose([row[3] for row in found], shares, atol=6e-5)
        np.testing.assert_allclose([row[2] for row in found], means, atol=6e-5)
        for low, high, _, _, rows in found:
            assert rows == pytest.approx(((p > low) & (p <= high)).sum(), abs=2)  # the edges are rounded
        assert sum(row[4] for row in found) == 200
        assert np.ptp([row[4] for row in found]) <= 1 or not equal_counts

    @pytest.mark.parametrize("n_bins", [5, 50])
    def test_number_of_bins(self, plot: CalibrationPlot, n_bins: int, qtbot) -> None:
        qtbot.waitUntil(plot.isActiveWindow)
        type_over(find(plot, "calibration_bins", QSpinBox), f"{n_bins}")
        error = expected_calibration_error(*validation(plot.session), n_bins=n_bins)
        assert f"ECE: {error:.4f} in {n_bins} bins" in caption(plot)

    def test_the_part_is_chosen(self, plot: CalibrationPlot) -> None:
        choose(plot, "part", "Training")
        assert caption(plot).endswith("800 training rows.")
        assert sum(row[4] for row in readings(plot)) == 800

    def test_where_there_are_no_rows_none_are_read(self, plot: CalibrationPlot) -> None:
        """Of three classes the likeliest has at least a third."""
        left = plot.text_at(QPointF(plot.content.width() * 0.25, plot.content.height() / 2))
        assert left == "no rows with such a probability"
        assert plot.text_at(QPointF(2, 2)) == ""

    def test_follows_the_training(self, iris_session: Session, shown: Shown, qtbot) -> None:
        plot = shown(iris_session)
        iris_session.set_config(TrainingConfig(epochs=20))
        iris_session.train()
        qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)

        def shows_the_newest() -> bool:
            predictions = iris_session.predictions
            if predictions is None or predictions.theta is not iris_session.theta:
                return False
            return f"{expected_calibration_error(*validation(iris_session), n_bins=10):.4f}" in caption(plot)

        qtbot.waitUntil(shows_the_newest)


class TestPicture:
    def test_a_class_has_its_colour_and_its_name(self, plot: CalibrationPlot) -> None:
        before = pixels(plot.content)
        choose(plot, "class", "class 1")
        assert plot.legend_entries()[0].label == "class 1"
        assert caption(plot).startswith("Calibration error of the class: ")
        assert not np.array_equal(pixels(plot.content), before)

    @pytest.mark.parametrize("key", ["png_1x", "svg", "pdf"])
    def test_is_made_on_white_whatever_the_theme(self, plot: CalibrationPlot, key: str) -> None:
        plot.set_theme(DARK)
        content = render(plot, find_format(key))
        assert len(content) > 2000
        if key == "svg":
            assert "share that came true" in content.decode()
            assert "Expected calibration error" in content.decode()

    def test_small_cards_keep_their_controls_in_the_menu(self, shown: Shown) -> None:
        plot = shown(finished(clouds(1000, 3), LONG), 300, 200)
        assert not find(plot, "calibration_bins").isVisible()
        plot.content.customContextMenuRequested.emit(plot.content.rect().center())
        menu = QApplication.activePopupWidget()
        by_text = {action.text(): action for action in menu.actions()}
        by_text["Equal counts in every bin"].trigger()
        next(action for action in by_text["Bins"].menu().actions() if action.text() == "20").trigger()
        menu.close()
        assert find(plot, "calibration_equal_counts", QToolButton).isChecked()
        assert "in 20 bins" in caption(plot)
        assert len(readings(plot)) > 15


class TestBadInput:
    def test_no_data(self, session: Session, shown: Shown) -> None:
        plot = shown(session)
        assert hint_of(plot).startswith("Load data: ")
        assert plot.text_at(QPointF(200, 200)) == ""
        assert plot.legend_entries() == []

    def test_probabilities_that_are_no_numbers(self, shown: Shown) -> None:
        plot = shown(finished(clouds(60, 3), weight=np.nan))
        assert hint_of(plot) == "The training has diverged: its probabilities are not numbers any more."

    def test_all_probabilities_alike(self, shown: Shown) -> None:
        """Untrained: every row has the same, and bins of equal counts have no width."""
        plot = shown(finished(made_up(np.ones((30, 2)), [0, 1] * 15)))
        click(find(plot, "calibration_equal_counts", QToolButton))
        plot.resize(700, 500)
        assert [row[4] for row in readings(plot)] == [6.0]
        assert colours_in(pixels(plot.content)) > 5

    def test_one_row(self, shown: Shown) -> None:
        plot = shown(finished(made_up([[1.0], [2.0], [3.0]], [0, 1, 0], validation_share=0.3)))
        assert caption(plot).endswith("1 validation rows.")
        assert len(readings(plot)) == 1

    def test_a_class_without_examples(self, shown: Shown) -> None:
        plot = shown(finished(made_up(np.random.default_rng(0).normal(size=(41, 2)), [0, 1] * 20 + [2])))
        choose(plot, "class", "class 2")
        assert caption(plot).endswith("There are no examples of the class among them.")

    def test_odd_names(self, shown: Shown) -> None:
        plot = shown(finished(clouds(140, 7, ODD_NAMES)))
        box = find(plot, "calibration_class", QComboBox)
        for index in range(1, box.count()):
            box.setCurrentIndex(index)
            assert len(plot.legend_entries()[0].label) < 40
            assert render(plot, find_format("svg"))

    def test_a_thousand_classes(self, shown: Shown) -> None:
        plot = shown(finished(clouds(3000, 1000), TrainingConfig(epochs=1, batch_size=0)))
        assert find(plot, "calibration_class", QComboBox).count() == 1001
        assert "600 validation rows" in caption(plot)
