"""The menus of the window."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMenu, QMenuBar

from gui.actions import RunActions, make_action
from gui.plot_area import PlotArea
from gui.saving import Saving
from gui.settings import THEMES


class Menus(QObject):
    """File, Run, View and Help; every entry is an action with a name."""

    def __init__(self, bar: QMenuBar, run_actions: RunActions, parent: QObject) -> None:
        super().__init__(parent)
        self._run_actions = run_actions
        self._file = bar.addMenu(self.tr("&File"))
        self._run = bar.addMenu(self.tr("&Run"))
        self._run.addActions(run_actions.all)
        self._view = bar.addMenu(self.tr("&View"))
        self._help = bar.addMenu(self.tr("&Help"))

    def fill_file(self, open_file: Callable[[], None], saving: Saving, close: Callable[[], object]) -> None:
        """Open, save, quit."""
        menu = self._file
        self._add(menu, "open", self.tr("&Open …"), open_file, "Ctrl+O")
        self._add(menu, "save_results", self.tr("Save &results …"), saving.save_results, "Ctrl+S")
        menu.addSeparator()
        self._add(menu, "export_image", self.tr("Save &image …"), saving.save_image, "Ctrl+E")
        self._add(menu, "copy_image", self.tr("&Copy image"), saving.copy, "Ctrl+Shift+C")
        self._add(menu, "export_all", self.tr("Save images of &all plots …"), saving.save_all_images, "Ctrl+Shift+E")
        menu.addSeparator()
        self._add(menu, "quit", self.tr("&Quit"), close, "Ctrl+Q")

    def fill_run(self, doctor: QAction) -> None:
        """The switch of the doctor, under the actions of the run."""
        self._run.addSeparator()
        self._run.addAction(doctor)

    def fill_view(
        self,
        docks: list[QDockWidget],
        plot_area: PlotArea,
        theme: str,
        use_theme: Callable[[str], None],
        reset_layout: Callable[[], None],
    ) -> None:
        """Docks, plots, theme, layout; ``theme`` is the one in use."""
        for dock in docks:
            self._view.addAction(dock.toggleViewAction())
        plots = self._view.addMenu(self.tr("&Plots"))
        plots.menuAction().setObjectName("plots")
        plots.addActions(plot_area.toggles)
        self._add(self._view, "plots_as_tiles", self.tr("Plots as &tiles"), plot_area.arrange_tiles)
        self._add(self._view, "plots_as_tabs", self.tr("Plots as ta&bs"), plot_area.arrange_tabs)
        self._view.addSeparator()
        themes = self._view.addMenu(self.tr("&Theme"))
        themes.menuAction().setObjectName("theme")
        group = QActionGroup(self)
        labels = {"system": self.tr("As the system"), "light": self.tr("Light"), "dark": self.tr("Dark")}
        for name in THEMES:
            action = self._add(themes, f"theme_{name}", labels[name], partial(use_theme, name))
            action.setCheckable(True)
            action.setChecked(name == theme)
            group.addAction(action)
        self._add(self._view, "reset_layout", self.tr("&Reset layout"), reset_layout)

    def fill_help(self, show_help: Callable[[], None], show_about: Callable[[], None]) -> None:
        """Help and About."""
        self._add(self._help, "help", self.tr("&Help and keys"), show_help, "F1")
        self._add(self._help, "about", self.tr("&About Softmax Lab"), show_about)

    def shortcuts(self) -> list[tuple[str, str]]:
        """Every key with what it does, in the order of the menus."""
        found: dict[str, str] = {}
        for action in (*self._run_actions.all, *self.findChildren(QAction)):
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            text = action.text().replace("&", "").rstrip(" …")
            if keys:
                found[keys] = f"{found[keys]} / {text}" if keys in found else text
        return list(found.items())

    def _add(self, menu: QMenu, name: str, text: str, do: Callable[[], object], shortcut: str = "") -> QAction:
        action = make_action(self, name, text, shortcut)
        action.triggered.connect(lambda _checked=False: do())
        menu.addAction(action)
        return action
