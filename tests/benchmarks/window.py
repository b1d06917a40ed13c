"""What the window costs: start, event-loop delay, frames, training speed beside the command line's, time to stop.

Run from the repository's root, with a display (or under Xvfb), as ``python tests/benchmarks/window.py``; it prints one
table. Nothing here passes or fails.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

import gui  # noqa: F401 - first, because it settles how many threads NumPy uses
from engine.data.preparation import PreparedData
from engine.hyperparameters import TrainingConfig
from engine.training import train
from gui import app as application
from gui.garbage import GuiThreadCollector
from gui.main_window import MainWindow
from gui.plots.base import Plot
from gui.plots.graph import GraphPlot
from gui.run_view import RunState
from gui.session import Session
from gui.settings import Settings

TICK_MS = 5
SECONDS = 4.0
ROUNDS = 3

START = """
import time; t0 = time.perf_counter()
import sys, tempfile, pathlib
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import gui.settings
gui.settings.user_config_path = lambda *a, **k: pathlib.Path(tempfile.mkdtemp())
import gui.app, gui.main_window
class Window(gui.main_window.MainWindow):
    def __init__(self, session, settings):
        super().__init__(session, settings)
        session.data_changed.connect(lambda: QTimer.singleShot(0, self.idle))
    def idle(self):
        print(time.perf_counter() - t0, flush=True)
        self.close()
gui.app.MainWindow = Window
gui.app.run_window()
"""


class Lateness(QObject):
    """How late a 5 ms timer of the event loop fires, in ms."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._due = time.perf_counter() + TICK_MS / 1e3
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, (now - self._due) * 1e3))
        self._due = now + TICK_MS / 1e3


class Paints(QObject):
    """Counts the paints of a widget and keeps the time of the first."""

    def __init__(self, widget: QObject) -> None:
        super().__init__()
        self.times: list[float] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.times.append(time.perf_counter())
        return False


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(int(q * len(values)), len(values) - 1)]


def headless_rate(data: PreparedData, config: TrainingConfig) -> float:
    """Steps a second of the generator alone, as the command line drives it."""
    progress = None
    for progress in train(data, config):
        if progress.seconds >= SECONDS / 2:
            break
    assert progress is not None
    return progress.step / progress.seconds


def wait_until(condition, seconds: float = 10.0) -> None:
    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            raise TimeoutError
        run_event_loop(0.01)


def run_event_loop(seconds: float) -> None:
    """Let the application run as it does for a user; anything that polls here would disturb what is measured."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1e3), loop.quit)
    loop.exec()


def in_window(session: Session, window: MainWindow) -> dict[str, float]:
    """One training of some seconds at full speed, from the click on Train to stopped."""
    session.reset()
    QTest.qWait(300)
    shown = {plot.key: Paints(_painted(plot)) for plot in window.plots if not plot.visibleRegion().isEmpty()}
    paints, lateness = shown["cost"], Lateness()
    lateness.start()
    clicked = time.perf_counter()
    QTest.mouseClick(window.findChild(QToolButton, "train"), Qt.MouseButton.LeftButton)
    wait_until(lambda: session.history is not None and len(session.history.epochs.epoch) > 1)
    seen = len(paints.times)
    wait_until(lambda: len(paints.times) > seen)
    first = paints.times[-1] - clicked
    lateness.late.clear()
    for one in shown.values():
        one.times.clear()
    started, steps = time.perf_counter(), session.history.latest.step
    run_event_loop(SECONDS)
    elapsed = time.perf_counter() - started
    steps = session.history.latest.step - steps
    stopping = time.perf_counter()
    session.stop()
    stopped = time.perf_counter() - stopping
    lateness.stop()
    return {
        "first point ms": first * 1e3,
        "p50 ms": quantile(lateness.late, 0.5),
        "p99 ms": quantile(lateness.late, 0.99),
        "max ms": max(lateness.late),
        **{f"{key} frames/s": len(one.times) / elapsed for key, one in shown.items()},
        "steps/s": steps / elapsed,
        "stop ms": stopped * 1e3,
    }


def _painted(plot: Plot) -> QWidget:
    return plot.content.viewport() if isinstance(plot, GraphPlot) else plot.content


def like_mnist(folder: Path) -> Path:
    """10,000 rows of 784 numbers from 0 to 255, 19 % of them above 0, in 10 classes, as a table file."""
    rng = np.random.default_rng(0)
    prototypes = rng.random((10, 784)) * (rng.random((10, 784)) < 0.19)
    y = rng.integers(0, 10, 10_000)
    X = np.rint(255 * np.clip(prototypes[y] + 0.3 * rng.standard_normal((10_000, 784)) * (prototypes[y] > 0), 0, 1))
    path = folder / "mnist-shaped.csv"
    names = ",".join([*(f"pixel{i}" for i in range(784)), "label"])
    labels = [f"class {label}" for label in y]
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{names}\n")
        file.writelines(
            f"{','.join(map(str, row))},{label}\n" for row, label in zip(X.astype(int).tolist(), labels, strict=True)
        )
    return path


def main() -> None:
    starts = [
        float(
            subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True).stdout.split()[0]
        )
        for _ in range(5)
    ]
    print(
        f"start to painted and idle: median {statistics.median(starts):.2f} s, {min(starts):.2f} to {max(starts):.2f}"
    )
    app = QApplication([])
    application.dress(app)
    collector = GuiThreadCollector(app)
    session = Session()
    window = MainWindow(session, Settings(Path(tempfile.mkdtemp()) / "window.ini"))
    window.resize(1280, 800)
    window.show()
    mnist = like_mnist(Path(tempfile.mkdtemp()))
    for key, batch_size in (("iris", 32), ("digits", 32), ("mnist-shaped", 512)):
        before = session.loaded
        if key == "mnist-shaped":
            session.open_file(mnist)
        else:
            session.open_entry(key)
        wait_until(lambda before=before: session.loaded is not None and session.loaded is not before, 60.0)
        session.set_config(replace(session.config, epochs=1_000_000, batch_size=batch_size))
        rows, alone = [], []
        for _ in range(ROUNDS):
            alone.append(headless_rate(session.loaded.data, session.config))
            rows.append(in_window(session, window))
            wait_until(lambda: session.state is RunState.ENDED)
        print(f"{key}, batch {batch_size}, {ROUNDS} rounds of {SECONDS:.0f} s, medians (least to greatest):")
        for name in rows[0]:
            values = [row[name] for row in rows]
            print(f"  {name:>26}: {statistics.median(values):10.1f} ({min(values):.1f} to {max(values):.1f})")
        ratios = [row["steps/s"] / rate for row, rate in zip(rows, alone, strict=True)]
        print(f"  headless steps/s: {statistics.median(alone):.0f}; window/headless {statistics.median(ratios):.2f}")
    window.close()
    collector.close()


if __name__ == "__main__":
    main()
