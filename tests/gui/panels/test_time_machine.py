from __future__ import annotations

import numpy as np
import pytest
from driving import click_button, find, focus, pixels, text_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider, QToolButton

from engine.hyperparameters import TrainingConfig
from engine.problem import evaluate
from gui.main_window import MainWindow
from gui.run_view import RunState
from gui.session import Session


@pytest.fixture
def session(shared_session: Session) -> Session:
    return shared_session


@pytest.fixture
def trained(window: MainWindow, session: Session, qtbot) -> MainWindow:
    session.set_config(TrainingConfig(epochs=40))
    session.train()
    qtbot.waitUntil(lambda: session.state is RunState.ENDED)
    return window


def slider(window: MainWindow) -> QSlider:
    return find(window, "moment", QSlider)


def enabled(window: MainWindow, name: str) -> bool:
    return find(window, name, QToolButton).isEnabled()


class TestBefore:
    def test_there_is_nothing_to_go_back_to(self, window: MainWindow) -> None:
        assert not slider(window).isEnabled()
        for name in ("moment_first", "moment_play", "moment_newest", "moment_best", "moment_fork"):
            assert not enabled(window, name)
        assert text_of(window, "moment_label") == "no steps yet"


class TestAfterATraining:
    def test_it_rests_at_the_newest_moment(self, trained: MainWindow, session: Session) -> None:
        assert slider(trained).value() == slider(trained).maximum() > 20
        assert text_of(trained, "moment_label") == "epoch 40 · step 160"
        assert session.moment is None
        assert not enabled(trained, "moment_newest")
        assert not enabled(trained, "moment_fork")

    def test_the_first_moment_shows_the_weights_of_the_start_in_all_plots(
        self, trained: MainWindow, session: Session, qtbot
    ) -> None:
        regions, bars = find(trained, "decision_regions"), find(trained, "probabilities")
        qtbot.wait(100)
        before = pixels(regions), pixels(bars)
        click_button(trained, "moment_first")
        assert session.moment.step == 0
        np.testing.assert_array_equal(session.theta, np.zeros(15))
        assert text_of(trained, "moment_label") == "epoch 0 · step 0"
        qtbot.waitUntil(lambda: not np.array_equal(pixels(regions), before[0]))
        qtbot.waitUntil(lambda: not np.array_equal(pixels(bars), before[1]))
        click_button(trained, "moment_newest")
        assert session.moment is None
        qtbot.waitUntil(lambda: np.array_equal(pixels(bars), before[1]))

    def test_keys_move_the_slider_and_do_not_step_the_training(
        self, trained: MainWindow, session: Session, qtbot
    ) -> None:
        focus(slider(trained))
        QTest.keyClick(slider(trained), Qt.Key.Key_Left)
        assert session.moment is session.history.moments[-2]
        QTest.keyClick(slider(trained), Qt.Key.Key_Home)
        assert session.moment.step == 0
        QTest.keyClick(slider(trained), Qt.Key.Key_Right)
        assert session.moment.step == 1
        QTest.keyClick(slider(trained), Qt.Key.Key_End)
        assert session.moment is None
        assert session.history.latest.step == 160

    def test_the_best_moment_has_the_lowest_validation_cost(self, trained: MainWindow, session: Session) -> None:
        click_button(trained, "moment_best")
        _, validation = evaluate(session.loaded.data, session.config, session.theta)
        assert validation.cost == session.history.epochs.validation_cost.min()

    def test_play_goes_from_the_start_to_the_end(
        self, trained: MainWindow, session: Session, qtbot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("gui.panels.time_machine.SECONDS_TO_PLAY_ALL", 1.0)
        seen = []
        session.moment_changed.connect(lambda: seen.append(session.moment.step if session.moment else None))
        click_button(trained, "moment_play")
        qtbot.waitUntil(lambda: not find(trained, "moment_play", QToolButton).isChecked(), timeout=15_000)
        assert seen[-1] is None
        steps = seen[:-1]
        assert steps == sorted(steps)
        assert len(steps) > 10

    def test_a_new_run_goes_on_from_the_moment_shown(self, trained: MainWindow, session: Session, qtbot) -> None:
        moment = session.history.moments[10]
        slider(trained).setValue(10)
        click_button(trained, "moment_fork")
        assert session.moment is None
        qtbot.waitUntil(lambda: session.state is RunState.ENDED)
        first = session.history.moments[0]
        np.testing.assert_array_equal(first.theta, moment.theta)
        training, _ = evaluate(session.loaded.data, session.config, moment.theta)
        assert session.history.epochs.train_cost[0] == training.cost

    def test_a_reset_goes_back_to_the_beginning(self, trained: MainWindow, session: Session) -> None:
        slider(trained).setValue(3)
        session.reset()
        assert session.moment is None
        assert not slider(trained).isEnabled()


class TestWhileTraining:
    def test_a_chosen_moment_stays_while_the_training_goes_on(
        self, window: MainWindow, session: Session, qtbot
    ) -> None:
        session.set_config(TrainingConfig(epochs=1_000_000))
        session.train()
        qtbot.waitUntil(lambda: len(session.history.moments) > 50 if session.history else False)
        click_button(window, "moment_first")
        step = session.history.latest.step
        qtbot.waitUntil(lambda: session.history.latest.step > step + 1000)
        assert session.moment.step == 0
        assert slider(window).value() == 0
        click_button(window, "moment_newest")
        qtbot.waitUntil(lambda: slider(window).value() == slider(window).maximum())
        session.stop()
