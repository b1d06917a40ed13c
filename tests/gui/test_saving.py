import csv
import json
from pathlib import Path

import pytest
from driving import find, text_of
from plots import KEYS
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

import gui.saving
from engine.export.model_npz import load_model
from engine.hyperparameters import TrainingConfig
from engine.runs.picture_metadata import read_setup
from engine.runs.setup_record import from_json
from gui import dialogs
from gui.main_window import MainWindow
from gui.session import Session

FILES = {
    "history.csv", "metrics.json", "model.npz", *(f"{key}.png" for key in KEYS),
}  # fmt: skip


@pytest.fixture
def stepped(own_window: MainWindow, session: Session, qtbot) -> MainWindow:
    """A window whose run rests after three steps, the last one with another learning rate."""
    for n in range(3):
        if n == 2:
            session.set_config(TrainingConfig(learning_rate=0.5))
        session.step()
        qtbot.waitUntil(lambda n=n: session.history.latest is not None and session.history.latest.step == n + 1)
    return own_window


def save_results(window: MainWindow, folder: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogs, "choose_folder", lambda *_: folder)
    find(window, "save_results", QAction).trigger()


def test_leaves_what_the_command_line_leaves(
    stepped: MainWindow, session: Session, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_results(stepped, tmp_path, monkeypatch)
    qtbot.waitUntil(lambda: str(tmp_path) in text_of(stepped, "message"))
    (folder,) = tmp_path.glob("iris-2*")
    assert {path.name for path in folder.iterdir()} == FILES
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["settings"]["training"]["learning_rate"] == 0.1
    assert [(c["after_step"], c["training"]["learning_rate"]) for c in metrics["settings"]["changes"]] == [(2, 0.5)]
    assert metrics["stop_reason"] is None
    assert (load_model(folder / "model.npz").theta == session.theta).all()
    rows = list(csv.DictReader((folder / "history.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["epoch"] for row in rows] == ["0"]
    assert not QImage(str(folder / "cost.png")).isNull()
    record = from_json(read_setup(folder / "cost.png"))
    assert [(step, config.learning_rate) for step, config in record.changes] == [(2, 0.5)]


def test_nothing_to_save_is_said(own_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_results(own_window, tmp_path, monkeypatch)
    assert "nothing to save" in text_of(own_window, "message")


def test_cancelled(stepped: MainWindow, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    before = text_of(stepped, "message")
    save_results(stepped, None, monkeypatch)
    qtbot.wait(30)
    assert text_of(stepped, "message") == before


def test_a_place_that_cannot_be_written_is_said(
    stepped: MainWindow, session: Session, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    save_results(stepped, tmp_path / "file", monkeypatch)
    qtbot.waitUntil(lambda: find(stepped, "banner_text", QLabel).isVisible())
    text = text_of(stepped, "banner_text")
    assert str(tmp_path / "file") in text
    assert "Choose another folder" in text
    assert session.finished_run is not None


def test_closing_waits_until_all_is_whole(stepped: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = gui.saving.write_whole

    def slow(path: Path, data: bytes) -> None:
        QTest.qSleep(20)
        write(path, data)

    monkeypatch.setattr(gui.saving, "write_whole", slow)
    save_results(stepped, tmp_path, monkeypatch)
    stepped.close()
    (folder,) = tmp_path.glob("iris-2*")
    assert {path.name for path in folder.iterdir()} == FILES
