"""Everything that can be done from a menu, a button or a key, each once.

An action's objectName is its name in CONTRIBUTING.md; tests and assistive tools find it by that.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication

from gui.icons import icon
from gui.run_view import RunState
from gui.session import Session
from gui.theme import Theme


def make_action(parent: QObject, name: str, text: str, shortcut: str = "", tip: str = "") -> QAction:
    """An action with its name, its key and a tooltip that tells the key."""
    action = QAction(text, parent)
    action.setObjectName(name)
    keys = QKeySequence(shortcut)
    action.setShortcut(keys)
    hint = f" ({keys.toString(QKeySequence.SequenceFormat.NativeText)})" if shortcut else ""
    action.setToolTip((tip or text.replace("&", "").rstrip(" …")) + hint)
    return action


class RunActions(QObject):
    """Reset, train, pause, step, stop; enabled and visible as the state of the run allows."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.reset = make_action(
            self, "reset", self.tr("&Reset"), "R", self.tr("Forget this run: weights and curves return to the start")
        )
        self.train = make_action(
            self, "train", self.tr("&Train"), "Space", self.tr("Train from the start, or go on after a pause")
        )
        self.pause = make_action(self, "pause", self.tr("&Pause"), "Space", self.tr("Hold the training; Train goes on"))
        self.step = make_action(
            self, "step", self.tr("S&tep"), "Right", self.tr("Make one step: one batch, one update")
        )
        self.stop = make_action(
            self, "stop", self.tr("&Stop"), "Escape", self.tr("End this run and keep what it learned")
        )
        for action, do in (
            (self.reset, session.reset),
            (self.train, session.train),
            (self.pause, session.pause),
            (self.step, session.step),
            (self.stop, session.stop),
        ):
            action.triggered.connect(_finish_typing)
            action.triggered.connect(do)
        session.state_changed.connect(self._take_state)
        session.data_changed.connect(self._take_state)
        self._take_state()

    @property
    def all(self) -> list[QAction]:
        """In the order of a menu."""
        return [self.train, self.pause, self.step, self.stop, self.reset]

    def set_theme(self, theme: Theme) -> None:
        """Tint the icons."""
        for action in self.all:
            strong = action in (self.train, self.pause)
            action.setIcon(icon(action.objectName(), theme.on_accent if strong else theme.text, theme.muted))

    def _take_state(self) -> None:
        state, ready = self._session.state, self._session.loaded is not None
        running = state is RunState.RUNNING
        self.train.setVisible(not running)
        self.train.setEnabled(ready and not running)
        self.pause.setVisible(running)
        self.pause.setEnabled(running)
        self.step.setEnabled(ready and state in (RunState.READY, RunState.PAUSED))
        self.stop.setEnabled(running or state is RunState.PAUSED)
        self.reset.setEnabled(ready and state is not RunState.READY)


def _finish_typing() -> None:
    """Let a number that is still being typed count, or be refused: a click on a button does not take its focus."""
    field = QApplication.focusWidget()
    if isinstance(field, QAbstractSpinBox):
        field.clearFocus()
