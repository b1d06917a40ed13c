import errno
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from driving import click, colours_in, find, pixels, press, wait_until
from plots import IN_FRONT, KEYS
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QLineEdit, QMenu, QPushButton, QWidget

import engine.export.whole_file
from gui import dialogs
from gui.export_dialog import ExportDialog, copy_image
from gui.image_export import FORMATS, encode_png, export_all, find_format, paint, propose_name, render
from gui.main_window import MainWindow
from gui.plots.base import Plot
from gui.session import Session
from gui.settings import Settings

WHEN = datetime(2026, 11, 22, 10, 45, 0)
PLOTS = KEYS
SVG_TEXT = "{http://www.w3.org/2000/svg}text"


@pytest.fixture(scope="module")
def trained(shared_window: MainWindow, shared_session: Session) -> MainWindow:
    """The window after a few steps on iris, so that every plot has something to show; pictures must not change it."""
    shared_session.open_entry("iris")
    wait_until(lambda: shared_session.loaded is not None)
    for n in range(1, 7):
        shared_session.step()
        wait_until(lambda n=n: shared_session.history.latest is not None and shared_session.history.latest.step == n)
    shared_window.resize(1280, 800)  # room for the whole names of the axes
    QTest.qWait(60)
    return shared_window


@pytest.fixture(scope="module", params=["light", "dark"])
def themed(trained: MainWindow, request: pytest.FixtureRequest) -> MainWindow:
    wear(trained, request.param)
    return trained


# Curves, an image with markers, painted tables of both kinds, a picture of cells: every way in which plots are painted.
@pytest.fixture(params=["cost", "decision_regions", "accuracy", "probabilities", "weights", "confusion", "hardest"])
def plot(trained: MainWindow, request: pytest.FixtureRequest) -> Plot:
    return find(trained, request.param, Plot)


@pytest.fixture
def cost(trained: MainWindow) -> Plot:
    return find(trained, "cost", Plot)


def wear(window: MainWindow, name: str) -> None:
    find(window, f"theme_{name}", QAction).trigger()


def corner_pixels(picture: np.ndarray) -> list[list[int]]:
    return [picture[row, column].tolist() for row in (0, -1) for column in (0, -1)]


def svg_texts(plot: Plot) -> list[str]:
    root = ElementTree.fromstring(render(plot, find_format("svg")))  # noqa: S314 - made by this program
    return [node.text.strip() for node in root.iter(SVG_TEXT) if node.text and node.text.strip()]


class TestPng:
    @pytest.mark.parametrize(("key", "dpi"), [("png_1x", 96), ("png_2x", 192), ("png_300dpi", 300)])
    def test_size_and_resolution(self, plot: Plot, key: str, dpi: int) -> None:
        data = render(plot, find_format(key))
        image = QImage.fromData(data)
        assert data.startswith(b"\x89PNG")
        logical = plot.image_size()
        assert image.width() == pytest.approx(logical.width() * dpi / 96, abs=1)
        assert image.height() == pytest.approx(logical.height() * dpi / 96, abs=1)
        assert round(image.dotsPerMeterX() * 0.0254) == dpi
        assert round(image.dotsPerMeterY() * 0.0254) == dpi

    def test_on_white_whatever_the_theme(self, themed: MainWindow, plot: Plot) -> None:
        picture = pixels(paint(plot, 2.0))
        assert corner_pixels(picture) == [[255, 255, 255]] * 4
        assert colours_in(picture) > 20
        assert (picture == 255).all(axis=2).mean() > 0.2

    def test_the_same_pictures_from_either_theme(self, trained: MainWindow) -> None:
        plots = [find(trained, name, Plot) for name in PLOTS]
        wear(trained, "light")
        light = [pixels(paint(plot, 1.0)) for plot in plots]
        wear(trained, "dark")
        for plot, picture in zip(plots, light, strict=True):
            assert np.array_equal(pixels(paint(plot, 1.0)), picture), plot.title

    def test_a_larger_scale_shows_the_same_thing(self, plot: Plot) -> None:
        small, large = paint(plot, 1.0), paint(plot, 3.0)
        again = large.scaled(small.size(), mode=Qt.TransformationMode.SmoothTransformation)
        a, b = pixels(small).astype(float), pixels(again).astype(float)
        assert np.abs(a - b).mean() < 6


@pytest.mark.parametrize("key", ["png_300dpi", "svg", "pdf"])
def test_the_window_looks_as_before(themed: MainWindow, qtbot, key: str) -> None:
    qtbot.wait(20)
    plots = [find(themed, name, Plot) for name in PLOTS]
    shown = [find(themed, name, Plot) for name in IN_FRONT]
    before = [pixels(plot) for plot in shown]
    for plot in plots:
        render(plot, find_format(key))
    qtbot.wait(20)
    for plot, picture in zip(shown, before, strict=True):
        assert np.array_equal(pixels(plot), picture), plot.title


class TestSvg:
    def test_title_axes_legend_are_text(self, cost: Plot) -> None:
        texts = svg_texts(cost)
        assert any("Cost" in text and "Iris" in text for text in texts)
        assert {"cost J (nats)", "epoch", "training", "validation"} <= set(texts)

    def test_every_plot_names_its_data_and_axes(self, plot: Plot) -> None:
        texts = " ".join(svg_texts(plot))
        assert plot.title in texts
        assert "Iris" in texts
        for words in {
            "accuracy": ("accuracy (%)", "epoch"),
            "decision_regions": ("setosa", "versicolor", "virginica"),
            "probabilities": ("setosa", "ŷ", "loss"),
        }.get(plot.key, ()):
            assert words in texts

    def test_has_the_size_of_the_picture(self, plot: Plot) -> None:
        root = ElementTree.fromstring(render(plot, find_format("svg")))  # noqa: S314 - made by this program
        view = [float(number) for number in root.get("viewBox").split()]
        assert view == pytest.approx([0, 0, plot.image_size().width(), plot.image_size().height()], abs=1)


class TestPdf:
    def test_is_a_pdf(self, plot: Plot) -> None:
        data = render(plot, find_format("pdf"))
        assert data.startswith(b"%PDF")
        assert b"%%EOF" in data[-32:]

    @pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
    def test_shows_the_plot(self, plot: Plot, tmp_path: Path) -> None:
        path = tmp_path / "plot.pdf"
        path.write_bytes(render(plot, find_format("pdf")))
        subprocess.run(["pdftoppm", "-r", "96", "-png", "-singlefile", path, tmp_path / "page"], check=True)
        page = QImage(str(tmp_path / "page.png"))
        assert page.width() == pytest.approx(plot.image_size().width(), abs=2)
        assert page.height() == pytest.approx(plot.image_size().height(), abs=2)
        picture, expected = pixels(page), pixels(paint(plot, 1.0))
        assert corner_pixels(picture) == [[255, 255, 255]] * 4
        assert colours_in(picture) > 20
        height, width = (min(a, b) for a, b in zip(picture.shape[:2], expected.shape[:2], strict=True))
        difference = np.abs(picture[:height, :width].astype(float) - expected[:height, :width])
        assert difference.mean() < 12


class TestFiles:
    def test_proposed_name(self, cost: Plot, trained: MainWindow) -> None:
        assert propose_name(cost, WHEN) == "iris-cost-20261122-104500"
        assert propose_name(find(trained, "decision_regions", Plot), WHEN) == "iris-decision-regions-20261122-104500"

    def test_proposed_name_is_fit_for_every_file_system(
        self, own_window: MainWindow, session: Session, qtbot, tmp_path: Path
    ) -> None:
        path = tmp_path / ("판매 <2026> é" + "x" * 150 + ".csv")
        path.write_text("x,y,class\n" + "1,2,a\n3,5,b\n" * 8)
        with qtbot.waitSignal(session.data_changed):
            session.open_file(path)
        name = propose_name(find(own_window, "cost", Plot), WHEN)
        assert re.fullmatch(r"[\w-]+", name)
        assert len(name.encode()) < 200
        assert name.startswith("판매-2026-é")

    def test_all_plots(self, trained: MainWindow, tmp_path: Path) -> None:
        plots = [find(trained, name, Plot) for name in PLOTS]
        paths = export_all(plots, tmp_path, find_format("png_1x"), WHEN)
        assert [path.name for path in paths] == [f"{propose_name(plot, WHEN)}.png" for plot in plots]
        assert len({path.read_bytes() for path in paths}) == len(KEYS)
        for path in paths:
            assert colours_in(pixels(QImage(str(path)))) > 20

    def test_formats_have_their_own_keys(self) -> None:
        assert len({one.key for one in FORMATS}) == len(FORMATS)
        assert {one.suffix for one in FORMATS} == {"png", "svg", "pdf"}

    def test_encoding_is_lossless(self, qapp) -> None:
        image = QImage(3, 2, QImage.Format.Format_RGB32)
        image.fill(0x123456)
        image.setPixel(1, 1, 0xFFABCDEF)
        assert np.array_equal(pixels(QImage.fromData(encode_png(image))), pixels(image))


def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the disk turns out to be full when a file should be on it."""

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(engine.export.whole_file.os, "fsync", full)


class TestDialog:
    @pytest.fixture
    def out(self, tmp_path: Path) -> Path:
        out = tmp_path / "pictures"
        out.mkdir()
        return out

    @pytest.fixture
    def open_dialog(
        self, qtbot, trained: MainWindow, settings_file: Path, out: Path
    ) -> Iterator[Callable[..., ExportDialog]]:
        made: list[ExportDialog] = []

        def open_dialog(key: str | None = "cost") -> ExportDialog:
            plots = [find(trained, name, Plot) for name in PLOTS]
            chosen = next((plot for plot in plots if plot.key == key), None)
            settings = Settings(settings_file)
            settings.save_folder("image_folder", out)
            dialog = ExportDialog(plots, chosen, settings, trained)
            made.append(dialog)
            dialog.show()
            qtbot.waitUntil(dialog.isActiveWindow)
            return dialog

        yield open_dialog
        for dialog in made:
            dialog.reject()
            dialog.deleteLater()

    @pytest.mark.parametrize("image_format", FORMATS, ids=lambda one: one.key)
    def test_save(self, qtbot, open_dialog, out: Path, image_format) -> None:
        dialog = open_dialog()
        formats = find(dialog, "export_format", QComboBox)
        formats.setCurrentIndex(formats.findData(image_format.key))
        proposed = find(dialog, "export_name", QLineEdit).text()
        assert re.fullmatch(r"iris-cost-\d{8}-\d{6}", proposed)
        with qtbot.waitSignal(dialog.accepted):
            click(find(dialog, "export_save", QPushButton))
        assert [path.name for path in out.iterdir()] == [f"{proposed}.{image_format.suffix}"]
        assert dialog.saved == list(out.iterdir())
        assert not dialog.isVisible()

    def test_the_suffix_is_not_doubled(self, qtbot, open_dialog, out: Path) -> None:
        dialog = open_dialog()
        find(dialog, "export_name", QLineEdit).setText("figure 1.PNG")
        with qtbot.waitSignal(dialog.accepted):
            click(find(dialog, "export_save", QPushButton))
        assert [path.name for path in out.iterdir()] == ["figure 1.PNG"]

    def test_all_plots(self, qtbot, open_dialog, out: Path) -> None:
        dialog = open_dialog(None)
        assert not find(dialog, "export_name", QLineEdit).isEnabled()
        assert not find(dialog, "export_copy", QPushButton).isEnabled()
        with qtbot.waitSignal(dialog.accepted):
            click(find(dialog, "export_save", QPushButton))
        assert len(list(out.glob("iris-*.png"))) == len(KEYS) == len(list(out.iterdir()))

    def test_the_folder_is_remembered(self, qtbot, open_dialog, settings_file: Path, out: Path) -> None:
        elsewhere = out / "elsewhere"
        elsewhere.mkdir()
        dialog = open_dialog()
        find(dialog, "export_folder", QLineEdit).setText(str(elsewhere))
        with qtbot.waitSignal(dialog.accepted):
            click(find(dialog, "export_save", QPushButton))
        assert Settings(settings_file).folder("image_folder") == str(elsewhere)

    def refused(self, qtbot, dialog: ExportDialog) -> str:
        with qtbot.assertNotEmitted(dialog.accepted):
            click(find(dialog, "export_save", QPushButton))
            error = find(dialog, "export_error", QLabel)
            qtbot.waitUntil(error.isVisible)
        assert dialog.isVisible()
        assert find(dialog, "export_save", QPushButton).isEnabled()
        return error.text()

    @pytest.mark.parametrize("place", ["missing", "file in the way"])
    def test_a_folder_that_cannot_be_written(self, qtbot, open_dialog, out: Path, place: str) -> None:
        (out / "file in the way").write_text("mine")
        dialog = open_dialog()
        find(dialog, "export_folder", QLineEdit).setText(str(out / place))
        text = self.refused(qtbot, dialog)
        assert str(out / place) in text
        assert "Choose another folder" in text
        assert [path.name for path in out.iterdir()] == ["file in the way"]
        assert (out / "file in the way").read_text() == "mine"

    def test_a_full_disk(self, qtbot, open_dialog, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        dialog = open_dialog()
        fill_the_disk(monkeypatch)
        assert "No space left on device" in self.refused(qtbot, dialog)
        assert list(out.iterdir()) == []
        monkeypatch.undo()
        with qtbot.waitSignal(dialog.accepted):
            click(find(dialog, "export_save", QPushButton))
        assert len(list(out.iterdir())) == 1

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
    def test_no_permission(self, qtbot, open_dialog, out: Path) -> None:
        out.chmod(0o500)
        try:
            assert "ermission" in self.refused(qtbot, open_dialog())
        finally:
            out.chmod(0o700)

    def test_a_file_needs_a_name(self, qtbot, open_dialog, out: Path) -> None:
        dialog = open_dialog()
        find(dialog, "export_name", QLineEdit).setText("  ")
        assert self.refused(qtbot, dialog) == "Give the file a name."
        assert list(out.iterdir()) == []

    def test_browse(self, open_dialog, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        dialog = open_dialog()
        monkeypatch.setattr(dialogs, "choose_folder", lambda *_: out / "chosen")
        click(find(dialog, "export_browse", QPushButton))
        assert find(dialog, "export_folder", QLineEdit).text() == str(out / "chosen")

    def test_closing_writes_nothing(self, open_dialog, out: Path) -> None:
        dialog = open_dialog()
        click(find(dialog, "export_cancel", QPushButton))
        assert not dialog.isVisible()
        assert list(out.iterdir()) == []

    def test_escape_closes(self, open_dialog) -> None:
        dialog = open_dialog()
        press(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()

    def test_copy(self, open_dialog, cost: Plot) -> None:
        QGuiApplication.clipboard().clear()
        dialog = open_dialog()
        click(find(dialog, "export_copy", QPushButton))
        assert_on_clipboard(cost)
        assert not dialog.isVisible()


def assert_on_clipboard(plot: Plot) -> None:
    image = QGuiApplication.clipboard().image()
    assert np.array_equal(pixels(image), pixels(paint(plot, 2.0)))


def test_copy_image(plot: Plot) -> None:
    QGuiApplication.clipboard().clear()
    copy_image(plot)
    assert_on_clipboard(plot)


class TestFromTheWindow:
    """Ctrl+E and its neighbours, and the menu of a plot."""

    @pytest.fixture(autouse=True)
    def _active(self, trained: MainWindow, qtbot) -> None:
        for name in PLOTS:  # the pointer of the offscreen platform enters and never leaves
            find(trained, name, Plot).setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        trained.activateWindow()  # what the offscreen platform forgets to do when a dialog closes
        qtbot.waitUntil(trained.isActiveWindow)

    def during_dialog(self, qtbot, act: Callable[[QDialog], None], then: Callable[[], None]) -> None:
        """Do ``then``, and ``act`` on the dialog it opens."""
        seen: list[QWidget] = []

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, QDialog)
            seen.append(dialog)
            act(dialog)

        with qtbot.captureExceptions() as errors:
            QTimer.singleShot(50, look)
            then()
            qtbot.waitUntil(lambda: bool(seen or errors))
        assert errors == []

    @pytest.mark.parametrize("name", PLOTS)
    @pytest.mark.parametrize("by", ["pointer", "focus"])
    def test_ctrl_e_offers_the_plot_in_use(self, trained: MainWindow, qtbot, by: str, name: str) -> None:
        plot = find(trained, name, Plot)
        if by == "pointer":
            find(trained, "dataset").setFocus()
            plot.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
        else:
            plot.setFocus()
        offered = []

        def look(dialog: QDialog) -> None:
            offered.append(find(dialog, "export_plot", QComboBox).currentText())
            dialog.reject()

        self.during_dialog(qtbot, look, lambda: press(trained, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier))
        assert offered == [plot.title]

    def test_saving_is_confirmed_in_the_status_line(self, trained: MainWindow, qtbot, tmp_path: Path) -> None:
        def save(dialog: QDialog) -> None:
            find(dialog, "export_folder", QLineEdit).setText(str(tmp_path))
            click(find(dialog, "export_save", QPushButton))

        self.during_dialog(qtbot, save, find(trained, "export_all", QAction).trigger)
        text = find(trained, "message", QLabel).text()
        assert len(list(tmp_path.glob("iris-*.png"))) == len(KEYS)
        assert str(tmp_path) in text
        assert "iris-cost" in text

    def test_copy_from_the_menu(self, trained: MainWindow, cost: Plot) -> None:
        QGuiApplication.clipboard().clear()
        cost.setFocus()
        find(trained, "copy_image", QAction).trigger()
        assert_on_clipboard(cost)
        assert "Cost" in find(trained, "message", QLabel).text()

    def test_right_click(self, trained: MainWindow, cost: Plot, qtbot) -> None:
        QGuiApplication.clipboard().clear()
        cost.content.customContextMenuRequested.emit(cost.content.rect().center())
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        actions = {action.text(): action for action in menu.actions()}
        assert {"Save image …", "Copy image", "Save images of all plots …", "Show all"} <= set(actions)
        actions["Copy image"].trigger()
        menu.close()
        assert_on_clipboard(cost)
