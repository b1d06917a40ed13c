import pytest
from driving import click_button, find, text_of
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAction, QMouseEvent, QStatusTipEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from engine.hyperparameters import TrainingConfig
from gui.main_window import MainWindow
from gui.run_view import RunState
from gui.session import Session


@pytest.fixture
def endless(own_window: MainWindow, session: Session) -> MainWindow:
    session.set_config(TrainingConfig(epochs=1_000_000))
    return own_window


def test_step_and_right_leave_an_ended_run_alone(endless: MainWindow, session: Session, qtbot) -> None:
    click_button(endless, "step")
    qtbot.waitUntil(lambda: session.history.latest is not None and session.history.latest.step == 1)
    click_button(endless, "stop")
    qtbot.waitUntil(lambda: session.state is RunState.ENDED)
    assert not find(endless, "step", QToolButton).isEnabled()
    QTest.keyClick(endless, Qt.Key.Key_Right)
    session.step()
    assert session.state is RunState.ENDED
    assert session.history.latest.step == 1


def test_the_second_half_of_a_double_click_on_train_does_not_pause(
    endless: MainWindow, session: Session, qtbot
) -> None:
    click_button(endless, "train")
    pause = find(endless, "pause", QToolButton)
    qtbot.waitUntil(pause.isVisible)
    here = QPointF(pause.rect().center())
    left, none, plain = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    for kind, held in ((QEvent.Type.MouseButtonDblClick, left), (QEvent.Type.MouseButtonRelease, none)):
        QApplication.sendEvent(pause, QMouseEvent(kind, here, pause.mapToGlobal(here), left, held, plain))
    assert session.state is RunState.RUNNING
    click_button(endless, "pause")
    assert session.state is RunState.PAUSED


def test_the_pointer_on_a_button_does_not_cover_what_is_said(own_window: MainWindow, session: Session) -> None:
    session.message.emit("something to read")
    train = find(own_window, "train", QToolButton)
    QApplication.sendEvent(own_window, QStatusTipEvent(find(own_window, "train", QAction).statusTip()))
    assert train.statusTip() == ""
    assert own_window.statusBar().currentMessage() == ""
    assert text_of(own_window, "message") == "something to read"
