"""The window: it puts panels, plots and actions together, and remembers how they lie."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QMainWindow,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui import dialogs
from gui.actions import RunActions
from gui.banner import Banner
from gui.doctor import Doctor
from gui.menus import Menus
from gui.panels.dataset import DatasetPanel
from gui.panels.doctor_card import DoctorCard
from gui.panels.hyperparameters import HyperparametersPanel
from gui.panels.table import TablePanel
from gui.panels.time_machine import TimeMachinePanel
from gui.panels.transport import TransportBar
from gui.plain_text import plain, plain_tooltip
from gui.plot_area import PlotArea
from gui.plot_catalogue import STACKS
from gui.plots.base import Plot
from gui.restoring import Restoring, is_picture
from gui.run_view import RunState
from gui.saving import Saving
from gui.session import Session
from gui.settings import Settings
from gui.theme import DARK, LIGHT, Theme, apply_to_application, system_theme

_GEOMETRY, _LAYOUT, _PLOTS = "geometry", "layout", "plots"


class MainWindow(QMainWindow):
    """Set-up at the left, plots in the centre, the table beneath."""

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self._session = session
        self._settings = settings
        self.setObjectName("main_window")
        self.setWindowTitle("Softmax Lab")
        self.setAcceptDrops(True)
        self.run_actions = RunActions(session, self)
        stacks = [[make(session) for make in stack] for stack in STACKS]
        self.plots: list[Plot] = [plot for stack in stacks for plot in stack]
        self._saving = Saving(session, self.plots, settings, self)
        self._restoring = Restoring(session, settings, self)
        self._transport = TransportBar(session, self.run_actions, self)
        self.addToolBar(self._transport)
        self._banner = Banner(self)
        self._doctor = Doctor(session, settings, self)
        self._doctor_card = DoctorCard(self._doctor, self)
        self.plot_area = PlotArea(stacks, self)
        self._time_machine = TimeMachinePanel(session, self)
        self._make_centre()
        self._docks = [self._make_setup_dock(), self._make_table_dock()]
        self._make_menus()
        self._default_layout = self.saveState()
        self._status = plain(QLabel(self))
        self._status.setObjectName("message")
        self.statusBar().addWidget(self._status, 1)
        self.statusBar().setContentsMargins(8, 0, 0, 0)
        self._connect()
        self.use_theme(settings.theme)
        self._restore()
        self._centre.setFocus()  # not a control that would take Space, which starts the training, for itself

    # Building

    def _make_centre(self) -> None:
        centre = self._centre = QWidget(self)
        centre.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(8, 8, 8, 4)
        layout.setSpacing(4)
        layout.addWidget(self._banner)
        layout.addWidget(self._doctor_card)
        layout.addWidget(self.plot_area, 1)
        layout.addWidget(self._time_machine)
        self.setCentralWidget(centre)

    def _make_setup_dock(self) -> QDockWidget:
        self._dataset = DatasetPanel(self._session)
        content = QWidget()
        content.setObjectName("setupContent")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.setSpacing(10)
        for heading, panel in (
            (self.tr("Data set"), self._dataset),
            (self.tr("Hyperparameters"), HyperparametersPanel(self._session)),
        ):
            title = QLabel(heading)
            title.setProperty("heading", True)
            layout.addWidget(title)
            layout.addWidget(panel)
        layout.addStretch(1)
        area = QScrollArea()
        area.setObjectName("setup_area")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        # Its fields are cut off at the right otherwise: a scroll area does not ask for the width of its bar.
        bar = area.verticalScrollBar().sizeHint().width()
        area.setMinimumWidth(max(300, content.minimumSizeHint().width() + bar))
        return self._dock("setup_dock", self.tr("Set-up"), area, Qt.DockWidgetArea.LeftDockWidgetArea)

    def _make_table_dock(self) -> QDockWidget:
        table = TablePanel(self._session)
        dock = self._dock("table_dock", self.tr("Data"), table, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.resizeDocks([dock], [150], Qt.Orientation.Vertical)
        return dock

    def _dock(self, name: str, title: str, content: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.toggleViewAction().setObjectName(f"{name}_toggle")
        dock.setWidget(content)
        self.addDockWidget(area, dock)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        return dock

    def _make_menus(self) -> None:
        menus = Menus(self.menuBar(), self.run_actions, self)
        menus.fill_file(self.open_file, self._saving, self.close)
        menus.fill_run(self._doctor.action)
        menus.fill_view(self._docks, self.plot_area, self._settings.theme, self.use_theme, self._reset_layout)
        menus.fill_help(lambda: dialogs.show_help(self, menus.shortcuts()), lambda: dialogs.show_about(self))

    def _connect(self) -> None:
        session = self._session
        session.failed.connect(self._banner.show_message)
        self._saving.failed.connect(self._banner.show_message)
        self._saving.message.connect(self._show_message)
        self._restoring.failed.connect(self._banner.show_message)
        self._restoring.message.connect(self._show_message)
        session.message.connect(self._show_message)
        session.busy_changed.connect(self._show_message)
        session.data_changed.connect(self._show_title)
        session.data_changed.connect(self._banner.hide)
        session.state_changed.connect(self._take_state)
        self._dataset.open_requested.connect(self.open_file)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    # Doing

    def open_file(self) -> None:
        """Ask for a table file and load it."""
        path = dialogs.choose_table_file(self, self._settings.folder("data_folder"))
        if path is not None:
            self.load_file(path)

    def load_file(self, path: Path) -> None:
        """Load a table file, or the set-up that the picture of a plot carries."""
        self._banner.hide()
        if is_picture(path):
            self._restoring.open_picture(path)
            return
        self._settings.save_folder("data_folder", path.parent)
        self._session.open_file(path)

    def use_theme(self, name: str) -> None:
        """Wear ``light``, ``dark``, or what the ``system`` wears."""
        self._settings.theme = name
        self._wear({"light": LIGHT, "dark": DARK}.get(name) or system_theme())

    def _wear(self, theme: Theme) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_to_application(app, theme)
        self.run_actions.set_theme(theme)
        self._time_machine.set_theme(theme)
        self.plot_area.set_theme(theme)

    def _follow_system(self) -> None:
        if self._settings.theme == "system":
            self._wear(system_theme())

    # Saying

    def _show_message(self, text: str) -> None:
        self._status.setText(text)
        self._status.setToolTip(plain_tooltip(text))

    def _take_state(self) -> None:
        """What was said about the last run ends with it; a message about data stays until it is read."""
        if self._session.state in (RunState.READY, RunState.RUNNING):
            self._show_message("")
        if self._session.state is RunState.RUNNING:
            self._banner.hide()

    def _show_title(self) -> None:
        loaded = self._session.loaded
        self.setWindowTitle(f"{loaded.dataset.name} – Softmax Lab" if loaded else "Softmax Lab")

    # Remembering

    def _restore(self) -> None:
        self.resize(1280, 800)
        geometry = self._settings.bytes_of(_GEOMETRY)
        if geometry is not None:
            self.restoreGeometry(geometry)
        layout = self._settings.bytes_of(_LAYOUT)
        if layout is not None:
            self.restoreState(layout)
        plots = self._settings.bytes_of(_PLOTS)
        if plots is not None:
            self.plot_area.restore(plots)

    def _remember(self) -> None:
        self._settings.save_bytes(_GEOMETRY, self.saveGeometry())
        self._settings.save_bytes(_LAYOUT, self.saveState())
        self._settings.save_bytes(_PLOTS, self.plot_area.save())
        self._settings.write()

    def _reset_layout(self) -> None:
        self.restoreState(self._default_layout)
        self.plot_area.arrange_tiles()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the training before the window goes."""
        self._restoring.close()
        self._session.close()
        self._saving.close()
        self._remember()
        self.plot_area.hide_windows()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first file dropped."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.load_file(Path(url.toLocalFile()))
                return
