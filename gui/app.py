"""The application with a window: makes everything, introduces it to each other, and runs."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtWidgets import QApplication

from engine.versions import version
from gui.garbage import GuiThreadCollector
from gui.icons import application_icon
from gui.keyboard import KeyboardFilter
from gui.main_window import MainWindow
from gui.session import Session
from gui.settings import Settings
from gui.theme import load_fonts

FIRST_DATA_SET = "iris"


def run_window() -> int:
    """Open the window with its first data set and return the exit code once it is closed."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(app, QApplication):
        raise TypeError("a QApplication is needed")
    # Qt's loop holds Python's own handler back; a Ctrl+C in the terminal should end the program at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    dress(app)
    collector = GuiThreadCollector(app)
    session = Session()
    window = MainWindow(session, Settings())
    sys.excepthook = _reporter(session)
    window.show()
    session.open_entry(FIRST_DATA_SET)
    code = app.exec()
    collector.close()
    return code


def dress(app: QApplication) -> None:
    """Give the application its name, icon, fonts and keys."""
    app.setApplicationName("softmax-lab")
    app.setApplicationDisplayName("Softmax Lab")
    app.setApplicationVersion(version())
    app.setDesktopFileName("softmax-lab")
    app.setWindowIcon(application_icon())
    load_fonts()
    KeyboardFilter(app)


def _reporter(session: Session) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """Show what no one foresaw in the window as well as in the terminal; the work goes on."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace)
        session.failed.emit(f"{kind.__name__}: {error}")

    return report
