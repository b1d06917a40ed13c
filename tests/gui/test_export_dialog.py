"""The dialog as a person uses it: size, look, preview, and animations; files and errors are in test_image_export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import click, find, press, type_over, wait_until
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from engine.hyperparameters import TrainingConfig
from engine.runs.picture_metadata import read_setup
from engine.runs.setup_record import from_json
from gui.export_dialog import ExportDialog
from gui.main_window import MainWindow
from gui.pictures.preview import Preview
from gui.session import Session
from gui.settings import Settings


@pytest.fixture(scope="module")
def trained(shared_window: MainWindow, shared_session: Session) -> MainWindow:
    shared_session.open_entry("iris")
    wait_until(lambda: shared_session.loaded is not None)
    shared_session.set_config(TrainingConfig(epochs=5, batch_size=0))
    shared_session.train()
    wait_until(lambda: shared_session.stop_reason is not None)
    return shared_window


@pytest.fixture
def dialog(trained: MainWindow, settings_file: Path, tmp_path: Path, qtbot) -> Iterator[ExportDialog]:
    settings = Settings(settings_file)
    settings.save_folder("image_folder", tmp_path)
    dialog = ExportDialog(trained.plots, trained.plots[1], settings, trained)
    dialog.show()
    qtbot.waitUntil(dialog.isActiveWindow)
    yield dialog
    dialog.reject()
    wait_until(lambda: find(dialog, "export_save", QPushButton).isEnabled())
    dialog.reject()
    dialog.deleteLater()


@pytest.fixture
def saved(dialog: ExportDialog, qtbot) -> Callable[[], Path]:
    def saved() -> Path:
        with qtbot.waitSignal(dialog.accepted):
            click(find(dialog, "export_save", QPushButton))
        (path,) = dialog.saved
        return path

    return saved


def choose(dialog: ExportDialog, name: str, data: str) -> None:
    box = find(dialog, name, QComboBox)
    box.setCurrentIndex(box.findData(data))


def dimensions(dialog: ExportDialog) -> str:
    return find(dialog, "export_dimensions", QLabel).text()


def numbers(dialog: ExportDialog) -> tuple[float, float]:
    width, height = (find(dialog, f"export_{side}", QDoubleSpinBox).value() for side in ("width", "height"))
    return width, height


class TestLook:
    def test_a_preset_sets_size_letters_and_pixels(self, dialog: ExportDialog, saved) -> None:
        choose(dialog, "export_preset", "slide")
        assert dimensions(dialog) == "1,920 × 1,080 pixels; 25.4 × 14.3 cm at 192 dpi"
        choose(dialog, "export_preset", "paper")
        assert numbers(dialog) == (8.5, 6.0)
        assert find(dialog, "export_font_size", QDoubleSpinBox).value() == 8.0
        assert find(dialog, "export_format", QComboBox).currentData() == "png_300dpi"
        assert dimensions(dialog) == "1,004 × 709 pixels; 8.5 × 6.0 cm at 300 dpi"
        path = saved()
        assert (QImage(str(path)).width(), QImage(str(path)).height()) == (1004, 709)
        assert from_json(read_setup(path)).key == "iris"

    def test_an_own_size_is_typed(self, dialog: ExportDialog, saved) -> None:
        choose(dialog, "export_unit", "px")
        type_over(find(dialog, "export_width"), "700", enter=False)
        type_over(find(dialog, "export_height"), "500", enter=False)
        find(dialog, "export_legend", QCheckBox).setFocus()
        assert find(dialog, "export_preset", QComboBox).currentData() == "own"
        press(find(dialog, "export_legend"), Qt.Key.Key_Space)
        choose(dialog, "export_theme", "transparent")
        assert dimensions(dialog).startswith("700 × 500 pixels")
        image = QImage(str(saved()))
        assert (image.width(), image.height(), image.pixelColor(0, 0).alpha()) == (700, 500, 0)

    def test_as_on_the_screen_says_how_large_that_is(self, dialog: ExportDialog, trained: MainWindow) -> None:
        size = trained.plots[1].image_size()
        choose(dialog, "export_unit", "px")
        assert numbers(dialog) == (round(2 * size.width()), round(2 * size.height()))
        choose(dialog, "export_format", "svg")
        choose(dialog, "export_unit", "cm")
        assert numbers(dialog) == pytest.approx((size.width() / 96 * 2.54, size.height() / 96 * 2.54), abs=0.03)

    def test_what_cannot_be_is_said_at_once(self, dialog: ExportDialog, tmp_path: Path) -> None:
        choose(dialog, "export_preset", "paper")
        type_over(find(dialog, "export_width"), "1", enter=False)
        find(dialog, "export_name").setFocus()
        error = find(dialog, "export_error", QLabel)
        assert error.isVisible()
        assert error.text().startswith("A picture of 1 x 6 cm is too small for a plot")
        click(find(dialog, "export_save", QPushButton))
        click(find(dialog, "export_copy", QPushButton))
        assert error.isVisible()
        assert list(tmp_path.glob("*.png")) == []
        choose(dialog, "export_preset", "slide")
        assert not error.isVisible()

    def test_the_clipboard_has_the_same_look(self, dialog: ExportDialog) -> None:
        choose(dialog, "export_preset", "paper")
        choose(dialog, "export_theme", "dark")
        click(find(dialog, "export_copy", QPushButton))
        image = QGuiApplication.clipboard().image()
        assert (image.width(), image.height()) == (1004, 709)
        assert image.pixelColor(0, 0).name() == "#23262c"

    def test_every_control_has_a_name_for_assistive_tools(self, dialog: ExportDialog) -> None:
        controls = [child for child in dialog.findChildren(QWidget) if child.objectName().startswith("export_")]
        assert len(controls) >= 19
        for control in controls:
            text = getattr(control, "text", lambda: "")()
            assert control.accessibleName() or text or isinstance(control, QLabel), control.objectName()


class TestPreview:
    def test_it_shows_the_picture_once_nothing_new_is_asked_for(self, dialog: ExportDialog, qtbot) -> None:
        preview = find(dialog, "export_preview", Preview)
        assert preview.image.isNull()
        qtbot.waitUntil(lambda: not preview.image.isNull())
        assert preview.image.pixelColor(0, 0).name() == "#ffffff"
        choose(dialog, "export_preset", "paper")
        choose(dialog, "export_theme", "dark")
        assert preview.image.pixelColor(0, 0).name() == "#ffffff"
        qtbot.waitUntil(lambda: preview.image.pixelColor(0, 0).name() == "#23262c")
        shape = preview.image.width() / preview.image.height()
        assert shape == pytest.approx(8.5 / 6.0, rel=0.01)
        assert preview.image.width() <= preview.width()

    def test_a_closed_dialog_paints_no_more(self, dialog: ExportDialog, qtbot) -> None:
        preview = find(dialog, "export_preview", Preview)
        dialog.reject()
        qtbot.wait(200)
        assert preview.image.isNull()


class TestAnimation:
    @pytest.mark.parametrize("kind", ["gif", "webp"])
    def test_the_training_moves(self, dialog: ExportDialog, saved, shared_session: Session, kind: str) -> None:
        choose(dialog, "export_unit", "px")
        type_over(find(dialog, "export_width"), "300", enter=False)
        type_over(find(dialog, "export_height"), "220", enter=False)
        choose(dialog, "export_format", kind)
        path = saved()
        with Image.open(path) as image:
            assert path.suffix == f".{kind}"
            assert (image.format, image.size, image.n_frames) == (kind.upper(), (300, 220), 6)
        assert shared_session.moment is None

    def test_closing_while_it_is_painted_gives_it_up(self, dialog: ExportDialog, tmp_path: Path, qtbot) -> None:
        choose(dialog, "export_format", "gif")
        click(find(dialog, "export_save", QPushButton))
        bar = find(dialog, "export_progress", QProgressBar)
        qtbot.waitUntil(lambda: bar.isVisible() and bar.value() == 1)
        assert not find(dialog, "export_save", QPushButton).isEnabled()
        press(dialog, Qt.Key.Key_Escape)
        assert dialog.isVisible()
        assert not bar.isVisible()
        assert find(dialog, "export_save", QPushButton).isEnabled()
        press(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
        assert list(tmp_path.glob("*.gif")) == []

    def test_one_plot_at_a_time(self, dialog: ExportDialog) -> None:
        find(dialog, "export_plot", QComboBox).setCurrentText("All plots")
        choose(dialog, "export_format", "webp")
        click(find(dialog, "export_save", QPushButton))
        assert find(dialog, "export_error", QLabel).text() == "Choose one plot: an animation is made of one at a time."
        assert find(dialog, "export_name", QLineEdit).text() == "one file per plot"
