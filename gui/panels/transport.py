"""The bar that starts, holds and ends a training, and says how it goes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QToolBar, QWidget

from gui.actions import RunActions
from gui.panels.run_figures import RunFigures
from gui.session import Session

_PACES: tuple[float | None, ...] = (None, 1000.0, 100.0, 10.0)


class TransportBar(QToolBar):
    """Reset, Train or Pause, Step, Stop; the speed; and the figures of the run."""

    def __init__(self, session: Session, actions: RunActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("transport")
        self.setWindowTitle(self.tr("Training"))
        self.setMovable(False)
        self.toggleViewAction().setObjectName("transport_toggle")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(18, 18))
        for action in (actions.reset, actions.train, actions.pause, actions.step, actions.stop):
            self.addAction(action)
            button = self.widgetForAction(action)
            button.setObjectName(action.objectName())
            button.setMinimumWidth(QFontMetrics(self.font()).horizontalAdvance("Pause") + 52)
            button.setAccessibleName(action.text().replace("&", ""))
            button.installEventFilter(self)
        self.addWidget(self._make_speed())
        self.addWidget(RunFigures(session, self))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take no notice of the second half of a double click: Pause has by then taken the place of Train."""
        return event.type() == QEvent.Type.MouseButtonDblClick

    def _make_speed(self) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName("speed")
        box.setAccessibleName(self.tr("Speed"))
        box.setToolTip(self.tr("How many steps a second at the most. Slow the training down to watch it learn."))
        for pace in _PACES:
            text = self.tr("Full speed") if pace is None else self.tr("{n} steps/s").format(n=f"{pace:,.0f}")
            box.addItem(text, pace)
        with QSignalBlocker(box):
            box.setCurrentIndex(_PACES.index(self._session.pace))
        box.currentIndexChanged.connect(lambda index: self._session.set_pace(_PACES[index]))
        return box
