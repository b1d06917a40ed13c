"""How a window begins and ends, and what it keeps for the next one."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import find, pixels, press
from plots import IN_FRONT
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDockWidget, QToolButton

from engine.hyperparameters import TrainingConfig
from gui.main_window import MainWindow
from gui.plot_area import PlotArea
from gui.plots.base import Plot
from gui.session import Session

PLOTS = IN_FRONT


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in ("training", "background job")]


class TestStart:
    def test_without_data_nothing_can_be_started(self, open_window: Callable, session: Session) -> None:
        window = open_window(session)
        for name in ("train", "step", "stop", "reset"):
            assert not find(window, name, QToolButton).isEnabled()
        press(window, Qt.Key.Key_Space)
        assert threads() == []


class TestClose:
    def test_while_training(
        self, own_window: MainWindow, session: Session, qtbot, capfd: pytest.CaptureFixture[str]
    ) -> None:
        session.set_config(TrainingConfig(epochs=1_000_000))
        session.train()
        qtbot.waitUntil(lambda: session.history.latest is not None and session.history.latest.step > 0)
        started = time.perf_counter()
        assert own_window.close()
        assert time.perf_counter() - started < 1.0
        assert not own_window.isVisible()
        assert threads() == []
        assert "QThread" not in capfd.readouterr().err

    def test_while_loading(self, own_window: MainWindow, session: Session) -> None:
        session.open_entry("digits")
        own_window.close()
        assert threads() == []

    def test_before_anything_is_loaded(self, open_window: Callable, session: Session) -> None:
        window = open_window(session)
        session.open_entry("iris")
        assert window.close()

    def test_ctrl_q(self, own_window: MainWindow) -> None:
        press(own_window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
        assert not own_window.isVisible()


class TestLook:
    def test_layout_is_remembered(self, own_window: MainWindow, open_window: Callable, qtbot) -> None:
        own_window.resize(780, 760)  # no larger than the screen, which is small offscreen
        find(own_window, "table_dock", QDockWidget).close()
        area = find(own_window, "plot_area", PlotArea)
        area.resizeDocks([find(own_window, "cost_dock", QDockWidget)], [300], Qt.Orientation.Vertical)
        find(own_window, "probabilities_dock", QDockWidget).close()
        QApplication.processEvents()
        height = find(own_window, "cost").height()
        assert height > find(own_window, "accuracy").height() + 50
        own_window.close()

        again = open_window(Session(own_window))
        QApplication.processEvents()
        assert again.size() == own_window.size()
        assert not find(again, "table_dock").isVisible()
        assert not find(again, "probabilities_dock").isVisible()
        assert find(again, "cost").height() == pytest.approx(height, abs=6)

    def test_reset_layout(self, own_window: MainWindow) -> None:
        find(own_window, "table_dock", QDockWidget).close()
        find(own_window, "cost_dock", QDockWidget).close()
        find(own_window, "reset_layout", QAction).trigger()
        QApplication.processEvents()
        assert find(own_window, "table_dock").isVisible()
        assert find(own_window, "cost").isVisible()
        assert find(own_window, "cost").width() == pytest.approx(find(own_window, "accuracy").width(), abs=2)

    @pytest.mark.parametrize(
        "content",
        [
            b"\x00\xff" * 300,
            b"[General]\ntheme=mauve\ngeometry=@ByteArray(\\0\\x1 nonsense)\nlayout=@ByteArray(xyz)\n"
            b"plots=@ByteArray(\\xff\\xff\\xff)\n",
        ],
        ids=["binary", "nonsense"],
    )
    def test_damaged_settings_are_ignored(
        self, open_window: Callable, session: Session, settings_file: Path, content: bytes
    ) -> None:
        settings_file.write_bytes(content)
        window = open_window(session)
        assert window.width() == 1280
        for name in (*PLOTS, "table_dock", "setup_dock"):
            assert find(window, name).isVisible()
            assert find(window, name).width() > 100

    def test_themes(self, own_window: MainWindow, qtbot) -> None:
        means = {}
        for name in ("light", "dark", "light"):
            find(own_window, f"theme_{name}", QAction).trigger()
            qtbot.wait(20)
            means[name] = {plot: pixels(find(own_window, plot)).mean() for plot in PLOTS}
            means[name]["own_window"] = pixels(own_window).mean()
            card = pixels(find(own_window, "cost"))[6, 20]
            assert bool(card.mean() > 200) is (name == "light")
        for place, light in means["light"].items():
            assert light > means["dark"][place] + 80, place

    def test_theme_is_remembered(self, own_window: MainWindow, open_window: Callable) -> None:
        find(own_window, "theme_dark", QAction).trigger()
        own_window.close()
        again = open_window(Session(own_window))
        assert find(again, "theme_dark", QAction).isChecked()
        assert pixels(again).mean() < 100

    @pytest.mark.parametrize("size", [(300, 200), (640, 400), (2560, 1440)])
    def test_any_size(self, own_window: MainWindow, session: Session, qtbot, size: tuple[int, int]) -> None:
        own_window.resize(*size)
        QApplication.processEvents()
        find(own_window, "step", QAction).trigger()  # a small window keeps its button behind »
        qtbot.waitUntil(lambda: session.history.latest is not None and session.history.latest.step == 1)
        assert pixels(own_window).std() > 5

    def test_plots_squeezed_to_nothing(self, own_window: MainWindow, qtbot) -> None:
        for name in PLOTS:
            plot = find(own_window, name, Plot)
            plot.setMinimumSize(1, 1)
            plot.content.setMinimumSize(1, 1)
            plot.resize(12, 12)
            plot.grab()
