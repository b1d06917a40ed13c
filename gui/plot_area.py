"""Where the plots lie: side by side as tiles, on top of each other as tabs, or each in a window of its own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QChildEvent, QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QToolButton, QWidget

from gui.icons import icon
from gui.plots.base import Plot
from gui.theme import Theme

_OWN_WINDOW_SIZE = (760, 560)


class PlotDock(QDockWidget):
    """Holds one plot. Docked it has no frame but its tab; on its own it is a window like any other."""

    def __init__(self, plot: Plot, parent: QWidget) -> None:
        super().__init__(plot.short_title, parent)
        self.setObjectName(f"{plot.key}_dock")
        self.toggleViewAction().setObjectName(f"{plot.key}_dock_toggle")
        self.plot = plot
        self.setWidget(plot)
        self.setTitleBarWidget(_nothing(self))
        self._button = QToolButton(plot)
        self._button.setObjectName(f"{plot.key}_own_window")
        self._button.setAutoRaise(True)
        self._button.clicked.connect(lambda: self.setFloating(not self.isFloating()))
        plot.add_control(self._button)
        self.topLevelChanged.connect(self._take_place)
        self.visibilityChanged.connect(lambda seen: plot.set_covered(not seen))
        self._name_button()

    def set_theme(self, theme: Theme) -> None:
        """Tint the icon of the button."""
        self._button.setIcon(icon("own_window", theme.muted, theme.border))

    def closeEvent(self, event: QCloseEvent) -> None:
        """A window of its own that is closed goes back to the others."""
        if self.isFloating():
            event.ignore()
            self.setFloating(False)
            self.raise_()
        else:
            super().closeEvent(event)

    def _take_place(self, on_its_own: bool) -> None:
        self._name_button()
        if on_its_own:
            # A floating dock has no frame of the system's; a window has, with its title, and can be maximised.
            self.setWindowFlags(Qt.WindowType.Window)
            self.setWindowTitle(self.plot.title)
            self.setGeometry(self._place_on_screen())
            self.show()
        else:
            self.setWindowTitle(self.plot.short_title)

    def _place_on_screen(self) -> QRect:
        """Where the plot was, as far as the window then lies on the screen whole."""
        screen = self.screen().availableGeometry()
        size = QSize(*_OWN_WINDOW_SIZE).boundedTo(screen.size())
        x = max(screen.left(), min(self.x(), screen.right() + 1 - size.width()))
        y = max(screen.top(), min(self.y(), screen.bottom() + 1 - size.height()))
        return QRect(QPoint(x, y), size)

    def _name_button(self) -> None:
        text = self.tr("Back to the other plots") if self.isFloating() else self.tr("Open in a window of its own")
        self._button.setToolTip(text)
        self._button.setAccessibleName(f"{self.plot.title}: {text}")


class PlotArea(QMainWindow):
    """All plots, in stacks that lie side by side; the user moves them by their tabs."""

    def __init__(self, stacks: Sequence[Sequence[Plot]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setObjectName("plot_area")
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self._stacks = [[PlotDock(plot, self) for plot in stack] for stack in stacks]
        self._docks = [dock for stack in self._stacks for dock in stack]
        self.arrange_tiles()

    @property
    def toggles(self) -> list[QAction]:
        """One action a plot, which shows or hides it."""
        return [dock.toggleViewAction() for dock in self._docks]

    def arrange_tiles(self) -> None:
        """Lay the stacks out two by two, the first plot of each in front."""
        self._take_out()
        firsts = [stack[0] for stack in self._stacks]
        self.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, firsts[0])
        for index, dock in enumerate(firsts[1:], 1):
            beside = index == 1
            self.splitDockWidget(
                firsts[0 if beside else index - 2],
                dock,
                Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical,
            )
        for stack in self._stacks:
            self._stack_up(stack)
        self.resizeDocks(firsts, [1000] * len(firsts), Qt.Orientation.Horizontal)
        self.resizeDocks(firsts, [1000] * len(firsts), Qt.Orientation.Vertical)

    def arrange_tabs(self) -> None:
        """Put all plots on top of each other."""
        self._take_out()
        self.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, self._docks[0])
        self._stack_up(self._docks)

    def bring_forward(self, plot: Plot) -> None:
        """Show ``plot`` in front of what covers it."""
        dock = next(dock for dock in self._docks if dock.plot is plot)
        dock.show()
        dock.raise_()

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours from now on."""
        for dock in self._docks:
            dock.set_theme(theme)
            dock.plot.set_theme(theme)

    def hide_windows(self) -> None:
        """Take the plots in windows of their own off the screen."""
        for dock in self._docks:
            if dock.isFloating():
                dock.hide()

    def save(self) -> QByteArray:
        """How the plots lie."""
        return self.saveState()

    def restore(self, state: QByteArray) -> None:
        """Lay the plots as they lay; where that is not known any more, as tiles."""
        if not self.restoreState(state):
            self.arrange_tiles()

    def childEvent(self, event: QChildEvent) -> None:
        """Let the names on the tabs be read: Qt shortens them, and makes a bar of tabs whenever it needs one."""
        super().childEvent(event)
        bar = event.child()
        if event.type() == QEvent.Type.ChildPolished and isinstance(bar, QTabBar):
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setExpanding(False)
            bar.setUsesScrollButtons(True)
            bar.setDrawBase(False)

    def _stack_up(self, docks: Sequence[PlotDock]) -> None:
        for below, dock in itertools.pairwise(docks):
            self.tabifyDockWidget(below, dock)
        docks[0].raise_()

    def _take_out(self) -> None:
        for dock in self._docks:
            dock.setFloating(False)
            self.removeDockWidget(dock)
        for dock in self._docks:
            dock.show()


def _nothing(parent: QWidget) -> QWidget:
    nothing = QWidget(parent)
    nothing.setFixedHeight(0)
    return nothing
