"""ROC and precision-recall plots."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from driving import colours_in, find, focus, pixels, press, turn_wheel
from plotted import ODD_NAMES, clouds, finished, hint_of, hover, made_up, show
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from sklearn import metrics as sk

import engine.analysis.score_curves
from engine.analysis import roc_curves
from engine.hyperparameters import TrainingConfig
from gui.image_export import find_format, render
from gui.plots.class_style import class_colours
from gui.plots.precision_recall import PrecisionRecallPlot
from gui.plots.roc import RocPlot
from gui.plots.score_curves import ScoreCurvesPlot
from gui.run_view import RunState, RunView
from gui.session import Session
from gui.theme import DARK, LIGHT

KINDS = [RocPlot, PrecisionRecallPlot]
Shown: TypeAlias = Callable[..., ScoreCurvesPlot]


@pytest.fixture
def shown(qtbot) -> Shown:
    def shown(kind: type[ScoreCurvesPlot], session: RunView, width: int = 620, height: int = 420) -> ScoreCurvesPlot:
        plot = kind(session)
        show(qtbot, plot, width, height)
        plot.set_theme(LIGHT)
        QApplication.processEvents()
        return plot

    return shown


@pytest.fixture
def trained(iris_session: Session, qtbot) -> Session:
    iris_session.set_config(TrainingConfig(epochs=2))
    iris_session.train()
    qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
    return iris_session


def labels(plot: ScoreCurvesPlot) -> list[str]:
    return [re.sub("[\u2068\u2069]", "", entry.label) for entry in plot.legend_entries() if entry.colour is not None]


def caption(plot: ScoreCurvesPlot) -> str:
    return find(plot, f"{plot.key}_caption").text()


def choose(plot: ScoreCurvesPlot, name: str, text: str) -> None:
    box = find(plot, f"{plot.key}_{name}", QComboBox)
    box.setCurrentIndex(box.findText(text))


def probabilities(session: RunView, *, training: bool) -> tuple[np.ndarray, np.ndarray]:
    """y (N,) and P (N, C) of a part, without any help from the plots."""
    data, network = session.loaded.data, session.network
    X, y = (data.X_train, data.y_train) if training else (data.X_validation, data.y_validation)
    z = network.logits(session.theta, X)
    t = np.exp(z - z.max(axis=1, keepdims=True))
    return y, t / t.sum(axis=1, keepdims=True)


def expected_areas(kind: type[ScoreCurvesPlot], y: np.ndarray, P: np.ndarray) -> list[str]:
    one_hot = np.eye(P.shape[1])[y]
    score = sk.roc_auc_score if kind is RocPlot else sk.average_precision_score
    areas = [score(one_hot, P, average="macro"), score(one_hot, P, average="micro"), *score(one_hot, P, average=None)]
    return [f"{area:.4f}" for area in areas]


@pytest.mark.parametrize("kind", KINDS)
class TestAreas:
    def test_are_scikit_learns_in_both_parts(self, kind, trained: Session, shown: Shown, qtbot) -> None:
        plot = shown(kind, trained)
        names = ["macro average", "micro average", "setosa", "versicolor", "virginica"]
        for part, rows in (("Validation", "30 validation rows"), ("Training", "120 training rows")):
            choose(plot, "part", part)
            qtbot.waitUntil(lambda rows=rows: caption(plot).startswith(rows))
            areas = expected_areas(kind, *probabilities(trained, training=part == "Training"))
            assert labels(plot)[:5] == [f"{name} {area}" for name, area in zip(names, areas, strict=True)]
        choose(plot, "part", "All rows")
        qtbot.waitUntil(lambda: caption(plot).startswith("150 rows, training and validation"))

    def test_follow_the_training_and_its_past(self, kind, iris_session: Session, shown: Shown, qtbot) -> None:
        plot = shown(kind, iris_session)
        qtbot.waitUntil(lambda: "macro average" in "".join(labels(plot)))
        iris_session.set_config(TrainingConfig(epochs=60))
        iris_session.train()
        qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)

        def areas_are_those_of_the_weights() -> bool:
            areas = expected_areas(kind, *probabilities(iris_session, training=False))
            return [label.split()[-1] for label in labels(plot)[:5]] == areas

        qtbot.waitUntil(areas_are_those_of_the_weights)
        newest = labels(plot)
        iris_session.choose_moment(iris_session.history.moments[1])
        qtbot.waitUntil(lambda: areas_are_those_of_the_weights() and labels(plot) != newest)

    def test_other_data(self, kind, trained: Session, shown: Shown, qtbot) -> None:
        plot = shown(kind, trained)
        choose(plot, "classes", "virginica")
        with qtbot.waitSignal(trained.data_changed):
            trained.open_entry("wine")
        qtbot.waitUntil(lambda: caption(plot).startswith("36 validation rows"))
        assert len(labels(plot)) == 2 + trained.loaded.dataset.n_classes + 1
        assert find(plot, f"{plot.key}_classes", QComboBox).currentText() == "All classes"

    def test_evenly_spread_rows_stand_for_very_many(self, kind, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine.analysis.score_curves, "MOST_ROWS", 50)
        plot = shown(kind, finished(clouds(300, 3)))
        assert caption(plot).startswith("50 of 60 validation rows, evenly spread")


class TestReadOut:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_reading_is_true(self, kind, shown: Shown) -> None:
        session = finished(clouds(400, 4))
        plot = shown(kind, session)
        y, P = probabilities(session, training=False)
        read = set()
        for x, height in np.random.default_rng(0).uniform(0.05, 0.95, (12, 2)):
            text = hover(plot, x, height)
            if not text or "average" in text or "above every" in text:
                continue
            name, threshold, *values = text.splitlines()
            c = int(name.split()[-1])
            p = P[:, c]
            met = [value for value in p if f"threshold {np.float32(value):.4g}" == threshold]
            readings = []
            for value in met:  # several probabilities may look alike
                hits, others = ((p >= value) & (y == c)).sum(), ((p >= value) & (y != c)).sum()
                recall, fall_out = hits / (y == c).sum(), others / (y != c).sum()
                other = (recall, fall_out) if kind is RocPlot else (hits / (hits + others), recall)
                readings.append([f"{number:.4f}" for number in other])
            assert [line.split()[-1] for line in values] in readings
            read.add(name)
        assert len(read) >= 2

    def test_nothing_far_from_all_curves_and_nothing_outside(self, trained: Session, shown: Shown, qtbot) -> None:
        plot = shown(RocPlot, trained, 1000, 800)
        qtbot.waitUntil(lambda: bool(labels(plot)))
        assert hover(plot, 0.95, 0.3) == ""
        assert hover(plot, 0.5, 1.0) != ""
        QTest.mouseMove(plot.graph.viewport(), plot.graph.viewport().rect().topLeft())
        QTest.qWait(40)
        assert hover(plot, 0.95, 0.3) == ""

    def test_averages_have_no_threshold_of_their_own(self, shown: Shown) -> None:
        session = finished(clouds(400, 4))
        plot = shown(RocPlot, session)
        choose(plot, "classes", "Averages")
        x, y = (part[len(part) // 2] for part in roc_curves(*probabilities(session, training=False)).macro[:2])
        text = hover(plot, x, y)
        assert text.split()[:2] in (["macro", "average"], ["micro", "average"])
        assert ("threshold" in text) is text.startswith("micro")


@pytest.mark.parametrize("kind", KINDS)
class TestChoosing:
    def test_averages_alone_or_one_class(self, kind, shown: Shown) -> None:
        plot = shown(kind, finished(clouds(200, 4)))
        colours = [np.array(colour.getRgb()[:3]) for colour in class_colours(4)]

        def seen() -> list[bool]:
            picture = pixels(plot.graph).reshape(-1, 3).astype(int)
            return [bool((np.abs(picture - colour).max(axis=1) < 12).sum() > 20) for colour in colours]

        assert seen() == [True] * 4
        assert len(labels(plot)) == 7
        choose(plot, "classes", "Averages")
        assert seen() == [False] * 4
        assert [label.split()[1] for label in labels(plot)[:2]] == ["average"] * 2
        assert len(labels(plot)) == 3
        choose(plot, "classes", "class 2")
        assert seen() == [False, False, True, False]
        assert "the other classes" in labels(plot)

    def test_by_keyboard(self, kind, shown: Shown, qtbot) -> None:
        plot = shown(kind, finished(clouds(200, 3)))
        box = find(plot, f"{plot.key}_classes", QComboBox)
        qtbot.waitUntil(plot.isActiveWindow)
        focus(box)
        press(plot, Qt.Key.Key_Down, times=2)
        assert box.currentText() == "class 0"
        assert "the other classes" in labels(plot)

    @pytest.mark.parametrize("n_classes", [11, 1000])
    def test_many_classes_are_faint(self, kind, n_classes: int, shown: Shown) -> None:
        plot = shown(kind, finished(clouds(3000, n_classes), TrainingConfig(epochs=1, batch_size=0)))
        assert [label.split()[0] for label in labels(plot)][:3] == ["macro", "micro", "each"]
        assert ("100 of 1,000 classes are drawn faintly" in caption(plot)) is (n_classes == 1000)
        choose(plot, "classes", "class 7")
        assert labels(plot)[2].startswith("class 7 ")
        assert colours_in(pixels(plot.graph)) > 5

    def test_a_narrow_card_offers_the_part_in_its_menu(self, kind, shown: Shown) -> None:
        plot = shown(kind, finished(clouds(200, 3)), 300, 200)
        assert not find(plot, f"{plot.key}_part").isVisible()
        plot.content.customContextMenuRequested.emit(plot.content.rect().center())
        menu = QApplication.activePopupWidget()
        action = next(action for action in menu.actions() if action.text() == "All rows")
        action.trigger()
        menu.close()
        assert caption(plot).startswith("200 rows")


@pytest.mark.parametrize("kind", KINDS)
class TestBadInput:
    def test_no_data(self, kind, session: Session, shown: Shown) -> None:
        plot = shown(kind, session)
        assert hint_of(plot).startswith("Load data: ")
        assert hover(plot, 0.5, 0.5) == ""

    def test_probabilities_that_are_no_numbers(self, kind, shown: Shown) -> None:
        plot = shown(kind, finished(clouds(60, 3), weight=np.nan))
        assert hint_of(plot) == "The training has diverged: its probabilities are not numbers any more."
        assert labels(plot) == []

    def test_a_class_that_is_in_no_row_of_the_part(self, kind, shown: Shown) -> None:
        X = np.random.default_rng(0).normal(size=(41, 2))
        plot = shown(kind, finished(made_up(X, [0, 1] * 20 + [2])))
        assert labels(plot)[4] == "class 2: no examples"
        assert "nan" not in "".join(labels(plot))

    def test_one_class_alone(self, kind, shown: Shown) -> None:
        plot = shown(kind, finished(made_up(np.eye(20), [0] * 20, ["only", "never"])))
        if kind is RocPlot:
            assert labels(plot)[2:4] == ["only: no other class", "never: no examples"]
            assert labels(plot)[0] == "macro average –"
        else:
            assert labels(plot)[2:4] == ["only 1.0000", "never: no examples"]

    def test_one_row_and_rows_all_alike(self, kind, shown: Shown) -> None:
        shown(kind, finished(made_up([[1.0], [1.0]], [0, 1], validation_share=0.0)))
        plot = shown(kind, finished(made_up(np.ones((30, 2)), [0, 1, 2] * 10)))
        if kind is RocPlot:
            assert [label.split()[-1] for label in labels(plot)[2:5]] == ["0.5000"] * 3

    def test_odd_names(self, kind, shown: Shown) -> None:
        plot = shown(kind, finished(clouds(140, 7, ODD_NAMES)))
        assert all(len(label) < 40 for label in labels(plot))
        assert "<b>bold</b>" in "".join(labels(plot))
        assert "(no name)" in "".join(labels(plot))
        assert "two lines" in "".join(labels(plot))
        assert all(render(plot, find_format(key)) for key in ("png_1x", "svg"))


@pytest.mark.parametrize("kind", KINDS)
class TestPicture:
    @pytest.mark.parametrize("key", ["svg", "pdf"])
    def test_is_made_on_white_whatever_the_theme(self, kind, key: str, shown: Shown) -> None:
        plot = shown(kind, finished(clouds(140, 3)), 300, 200)
        plot.set_theme(DARK)
        content = render(plot, find_format(key))
        assert len(content) > 2000
        if key == "svg":
            assert "28 validation rows" in content.decode()
        assert plot.theme is DARK

    def test_is_made_of_a_plot_that_was_never_shown(self, kind, qtbot) -> None:
        plot = kind(finished(clouds(140, 3)))
        qtbot.addWidget(plot)
        assert "macro average" in render(plot, find_format("svg")).decode()

    def test_zoom_and_back(self, kind, shown: Shown) -> None:
        plot = shown(kind, finished(clouds(140, 3)))
        before, viewport = plot.view.viewRange(), plot.graph.viewport()
        turn_wheel(viewport, viewport.rect().center(), 4)
        plot.redraw()
        assert np.ptp(plot.view.viewRange()[0]) < 0.9 * np.ptp(before[0])
        QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=viewport.rect().center())
        assert np.allclose(plot.view.viewRange(), before, atol=2e-3)  # the margin is in pixels, less than one off
