"""What all tests of the window share: no display, no trace left on the machine, and nothing left running."""

from __future__ import annotations

import gc
import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from driving import find, set_section_open, type_over, wait_until
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QWidget

import gui.settings
from engine.data.generators import GENERATOR_SPECS
from engine.data.preparation import PREPARATION_SPECS, PreparationConfig
from engine.hyperparameters import TRAINING_GROUPS, TRAINING_SPECS, TrainingConfig
from gui.app import dress
from gui.latest_work import LatestWork
from gui.main_window import MainWindow
from gui.plots.decision_regions.resolution import points_a_side
from gui.run_view import RunState
from gui.session import Session
from gui.settings import Settings

FOLDER = Path(__file__).parent
DEFAULT = PreparationConfig()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The offscreen platform says what it cannot do whenever a window or a menu opens; that says nothing about ours.
    ignored = pytest.mark.qt_log_ignore(r"^This plugin does not support ", extend=True)
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(ignored)


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The application, dressed as the program dresses it."""
    dress(qapp)
    return qapp


@pytest.fixture(scope="package", autouse=True)
def _garbage_waits_for_the_gui_thread() -> Iterator[None]:
    """Collected on a training thread, plot items would crash Qt; see gui/garbage.py."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _nothing_left_on_the_screen(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail where a timer still runs, or a widget of ours or a visible one is still there."""
    timers: list[QTimer] = []
    start = QTimer.start

    def noted_start(timer: QTimer, *interval: int) -> None:
        timers.append(timer)
        start(timer, *interval)

    monkeypatch.setattr(QTimer, "start", noted_start)
    before = set(map(id, qapp.topLevelWidgets()))
    yield
    _delete_what_waits_for_it(generation=1)  # what this test has made; older garbage waits for the end of the module
    wait_until(lambda: not any(_serves_plots(timer) for timer in timers))
    running = [timer for timer in timers if shiboken6.isValid(timer) and timer.isActive()]
    timers.clear()
    assert not running, f"timers still run: {[timer.parent() for timer in running]}"
    left = [w for w in qapp.topLevelWidgets() if id(w) not in before and (w.isVisible() or _is_ours(w))]
    assert not left, f"windows left behind: {left}"


def _serves_plots(timer: QTimer) -> bool:
    """Whether a plot of a session that goes on still waits for what it has asked for."""
    return shiboken6.isValid(timer) and timer.isActive() and isinstance(timer.parent(), LatestWork)


def _is_ours(widget: QWidget) -> bool:
    return type(widget).__module__.startswith("gui.") and widget.parent() is None


def _delete_what_waits_for_it(generation: int = 2) -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect(generation)
    QCoreApplication.processEvents()


@pytest.fixture(autouse=True)
def _coarse_regions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decision regions of few points: most tests have them drawn by the way, those of the plot itself more finely."""
    most = 160 if "decision_regions" in request.path.name else 60
    monkeypatch.setattr(
        "gui.plots.decision_regions.plot.points_a_side", lambda network, pace: min(most, points_a_side(network, pace))
    )


@pytest.fixture(autouse=True)
def _no_real_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings without a path of their own end in the test's folder, never in the user's."""
    monkeypatch.setattr(gui.settings, "user_config_path", lambda *_, **__: tmp_path / "user_config")


@pytest.fixture(scope="module")
def shared_session(qapp: QApplication) -> Iterator[Session]:
    """The session of the shared window."""
    session = Session()
    session.ask("warm up", lambda: None, lambda _: None)  # its thread is there before any test counts threads
    yield session
    session.close()
    session.deleteLater()


@pytest.fixture(scope="module")
def shared_window(shared_session: Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """One window for all tests of a module, which must be able to meet it as another has left it."""
    window = MainWindow(shared_session, Settings(tmp_path_factory.mktemp("settings") / "window.ini"))
    window.resize(1280, 620)  # as wide as by default; what is lower is painted faster
    window.show()
    wait_until(window.isActiveWindow)
    gc.freeze()  # or every test of the module looks through all its plots for garbage
    yield window
    gc.unfreeze()
    window.close()
    window.deleteLater()
    _delete_what_waits_for_it()
    gc.freeze()


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    """A session without data."""
    session = Session()
    yield session
    session.close()
    session.deleteLater()


@pytest.fixture
def iris_session(session: Session, qtbot) -> Session:
    """A session that has loaded iris."""
    with qtbot.waitSignal(session.data_changed):
        session.open_entry("iris")
    return session


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """Where the window of the test keeps its layout."""
    return tmp_path / "window.ini"


@pytest.fixture
def open_window(qtbot, settings_file: Path) -> Iterator[Callable[..., MainWindow]]:
    """A function that shows a window on a session; all are closed and deleted at the end."""
    windows: list[MainWindow] = []

    def open_window(session: Session) -> MainWindow:
        window = MainWindow(session, Settings(settings_file))
        windows.append(window)
        with qtbot.waitExposed(window):
            window.show()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    yield open_window
    for window in windows:
        window.close()
        window.deleteLater()
    windows.clear()
    _delete_what_waits_for_it()


@pytest.fixture
def own_window(open_window: Callable[[Session], MainWindow], session: Session, qtbot) -> MainWindow:
    """A window that no other test has seen, as it greets the user: shown, with iris loaded."""
    window = open_window(session)
    with qtbot.waitSignal(session.data_changed):
        session.open_entry("iris")
    return window


@pytest.fixture
def window(shared_window: MainWindow, shared_session: Session, qtbot) -> Iterator[MainWindow]:
    """The shared window with iris, untrained, and every setting as at the start."""
    session = shared_session
    _put_fields_right(shared_window)
    session.set_config(TrainingConfig())
    session.set_pace(None)
    session.set_preparation(DEFAULT)
    loaded = session.loaded
    if (
        loaded is None
        or loaded.key != "iris"
        or loaded.dataset.target_name != "species"
        or loaded.data.config != DEFAULT
    ):
        with qtbot.waitSignal(session.data_changed):
            session.open_entry("iris")
    session.choose_example(0)
    shared_window.activateWindow()
    qtbot.waitUntil(shared_window.isActiveWindow)
    shared_window.plots[0].setFocus()
    yield shared_window
    if session.state is not RunState.READY:
        session.reset()
    wait_until(
        lambda: not any(timer.isActive() for timer in session.findChildren(QTimer))
    )  # for work in the background


def _put_fields_right(window: MainWindow) -> None:
    """Type the default where a test has left something that cannot be used; fold the sections as at the start."""
    defaults = {spec.key: spec.format(spec.default) for spec in (*TRAINING_SPECS, *PREPARATION_SPECS, *GENERATOR_SPECS)}
    for label in window.findChildren(QLabel):
        key = label.objectName().removesuffix("_error")
        if key in defaults and label.objectName() != key and not label.isHidden():
            for title, specs in TRAINING_GROUPS:
                if key in {spec.key for spec in specs}:
                    set_section_open(window, title.lower())
            type_over(find(window, key), defaults[key])
    for title, _ in TRAINING_GROUPS:
        set_section_open(window, title.lower(), title != "Stopping")
