"""Save or copy the picture of a plot, or of all plots."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import SettingError
from engine.export.whole_file import write_whole
from gui import dialogs
from gui.animation import Cancelled, Frame, encode_animation, film
from gui.background import BackgroundJob
from gui.image_export import FORMATS, ImageFormat, Taken, find_format, paint, pixels_of, propose_name, shot_of
from gui.pictures.form import PictureForm
from gui.pictures.formats import ANIMATIONS
from gui.pictures.options import AS_SHOWN, PictureOptions, Preset
from gui.pictures.painting import Painting
from gui.pictures.preview import Preview
from gui.pictures.setup import text_for
from gui.plain_text import plain
from gui.plots.base import Plot
from gui.settings import Settings

FOLDER = "image_folder"


def copy_image(plot: Plot, options: PictureOptions = AS_SHOWN, scale: float = 2.0) -> None:
    """Put the picture of ``plot`` on the clipboard, two pixels to a logical one unless told otherwise."""
    QGuiApplication.clipboard().setImage(paint(plot, scale, options))


class ExportDialog(QDialog):
    """Which plot, which kind of file, how it is to look, and where to; what goes wrong is said in place."""

    def __init__(self, plots: list[Plot], chosen: Plot | None, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.saved: list[Path] = []
        self._plots = plots
        self._settings = settings
        self._painting: Painting[Taken] | Painting[Frame] | None = None
        self._job: BackgroundJob[list[Path]] | None = None
        self._cancelled = threading.Event()
        self.setWindowTitle(self.tr("Save images"))
        self._plot = self._combo("export_plot", self.tr("Plot"))
        for plot in plots:
            self._plot.addItem(plot.title)
        self._plot.addItem(self.tr("All plots"))
        self._plot.setCurrentIndex(plots.index(chosen) if chosen else len(plots))
        self._format = self._make_formats()
        self._form = PictureForm(self)
        self._folder = QLineEdit(settings.folder(FOLDER), self)
        self._folder.setObjectName("export_folder")
        self._folder.setAccessibleName(self.tr("Folder"))
        self._name = QLineEdit(self)
        self._name.setObjectName("export_name")
        self._name.setAccessibleName(self.tr("File name"))
        self._browse = QPushButton(self.tr("Browse …"), self)
        self._browse.setObjectName("export_browse")
        self._browse.clicked.connect(self._choose_folder)
        self._preview = Preview(self)
        self._preview.setObjectName("export_preview")
        self._preview.setAccessibleName(self.tr("Preview of the picture"))
        self._dimensions = plain(QLabel(self))
        self._dimensions.setObjectName("export_dimensions")
        self._dimensions.setProperty("muted", True)
        self._error = plain(QLabel(self))
        self._error.setObjectName("export_error")
        self._error.setProperty("error", True)
        self._error.setWordWrap(True)
        self._error.hide()
        self._progress = QProgressBar(self)
        self._progress.setObjectName("export_progress")
        self._progress.setAccessibleName(self.tr("Pictures painted so far"))
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(6)
        self._progress.hide()
        self._buttons = self._make_buttons()
        self._plot.currentIndexChanged.connect(self._propose)
        self._format.currentIndexChanged.connect(self._look)
        self._form.edited.connect(self._look)
        self._form.preset_chosen.connect(self._suit_format)
        self._lay_out()
        self._propose()

    def save(self) -> None:
        """Write what is chosen; close when all is written."""
        if self._painting is not None or self._job is not None:
            return
        self._error.hide()
        chosen, image_format = self._chosen_plots(), self._image_format()
        name = self._name.text().strip()
        if len(chosen) == 1 and not name:
            self._show_error(self.tr("Give the file a name."))
            return
        folder = Path(self._folder.text().strip()).expanduser()
        if not self._folder.text().strip() or not folder.is_dir():
            self._show_error(
                self.tr("There is no folder “{folder}”. Choose another folder.").format(folder=self._folder.text())
            )
            return
        if "/" in name or "\\" in name:
            self._show_error(self.tr("A file name cannot contain / or \\."))
            return
        if image_format.is_animated and len(chosen) > 1:
            self._show_error(self.tr("Choose one plot: an animation is made of one at a time."))
            return
        now = datetime.datetime.now()
        names = [name] if len(chosen) == 1 else [propose_name(plot, now) for plot in chosen]
        targets = [folder / _with_suffix(one, image_format.suffix) for one in names]
        existing = [target.name for target in targets if _is_there(target)]
        if existing and not dialogs.ask_to_replace(self, existing):
            return
        try:
            self._start(chosen, targets, image_format, self._form.options)
        except SettingError as error:
            self._show_error(str(error))

    def reject(self) -> None:
        """Give up what is being painted; else close, but not while a file is being written."""
        if self._painting is not None:
            self._painting.cancel()
            self._rest()
        elif self._job is not None:
            self._cancelled.set()
        else:
            self._preview.stop()
            super().reject()

    def accept(self) -> None:
        """Close."""
        self._preview.stop()
        super().accept()

    # Painting on the GUI thread, a picture a turn; compressing and writing away from it

    def _start(
        self, chosen: list[Plot], targets: list[Path], image_format: ImageFormat, options: PictureOptions
    ) -> None:
        self._cancelled.clear()
        if image_format.is_animated:
            text = text_for(chosen[0])
            self._painting = film(
                chosen[0],
                image_format,
                options,
                lambda frames: self._write(
                    targets, [lambda: encode_animation(frames, image_format, text, self._cancelled)]
                ),
                self._failed,
                self,
            )
        else:
            for plot in chosen:  # says at once where the size does not fit
                pixels_of(plot, image_format, options)
            shots = [shot_of(plot, image_format, options) for plot in chosen]
            self._painting = Painting(
                chosen[0].session,
                shots,
                lambda taken: self._write(targets, [one.encode for one in taken]),
                self._failed,
                self,
            )
        self._painting.taken.connect(self._progress.setValue)
        self._progress.setRange(0, self._painting.length)
        self._progress.setValue(0)
        self._progress.setVisible(self._painting.length > 1)
        self._save.setEnabled(False)
        self._copy.setEnabled(False)

    def _write(self, targets: list[Path], contents: list[Callable[[], bytes]]) -> None:
        self._painting = None
        self._progress.setRange(0, 0)

        def write() -> list[Path]:
            for target, content in zip(targets, contents, strict=True):
                write_whole(target, content())
            return targets

        self._job = BackgroundJob(write, self._done, self._failed, self)

    def _done(self, paths: list[Path]) -> None:
        self._rest()
        self.saved = paths
        self._settings.save_folder(FOLDER, paths[0].parent)
        self.accept()

    def _failed(self, error: Exception) -> None:
        self._rest()
        if isinstance(error, Cancelled):
            return
        if isinstance(error, SettingError):
            self._show_error(str(error))
            return
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self._show_error(
            self.tr("The images could not be saved in {folder}: {reason}. Choose another folder.").format(
                folder=self._folder.text(), reason=reason
            )
        )

    def _rest(self) -> None:
        self._painting = self._job = None
        self._progress.hide()
        self._save.setEnabled(True)
        self._propose_copy()

    def _show_error(self, text: str) -> None:
        self._error.setText(text)
        self._error.show()

    # What is chosen

    def _propose(self) -> None:
        chosen = self._chosen_plots()
        single = len(chosen) == 1
        self._name.setEnabled(single)
        now = datetime.datetime.now()
        self._name.setText(propose_name(chosen[0], now) if single else self.tr("one file per plot"))
        self._look()

    def _look(self) -> None:
        """Show what the picture will be like, or why there can be none."""
        self._error.hide()
        self._propose_copy()
        plot, image_format = self._chosen_plots()[0], self._image_format()
        try:
            options = self._form.options
            pixels = pixels_of(plot, image_format, options)
        except SettingError as error:
            self._dimensions.clear()
            self._show_error(str(error))
            return
        self._dimensions.setText(self._describe(pixels, image_format))
        self._form.show_size(pixels.toSizeF() / image_format.scale, image_format.scale)
        self._preview.ask(plot, image_format, options)

    def _describe(self, pixels: QSize, image_format: ImageFormat) -> str:
        cm = [side / image_format.scale / 96.0 * 2.54 for side in (pixels.width(), pixels.height())]
        if image_format.suffix in ("svg", "pdf"):
            return self.tr("{w:.1f} × {h:.1f} cm").format(w=cm[0], h=cm[1])
        text = self.tr("{x:,} × {y:,} pixels; {w:.1f} × {h:.1f} cm at {dpi:.0f} dpi")
        return text.format(x=pixels.width(), y=pixels.height(), w=cm[0], h=cm[1], dpi=96.0 * image_format.scale)

    def _suit_format(self, preset: Preset) -> None:
        """Pixels as fine as the preset wants them; a format without pixels stays."""
        if self._image_format().suffix == "png":
            self._format.setCurrentIndex(self._format.findData(preset.png))

    def _propose_copy(self) -> None:
        self._copy.setEnabled(len(self._chosen_plots()) == 1)

    def _image_format(self) -> ImageFormat:
        return find_format(str(self._format.currentData()))

    def _chosen_plots(self) -> list[Plot]:
        index = self._plot.currentIndex()
        return [self._plots[index]] if index < len(self._plots) else list(self._plots)

    def _choose_folder(self) -> None:
        folder = dialogs.choose_folder(self, self._folder.text())
        if folder is not None:
            self._folder.setText(str(folder))

    def _copy_chosen(self) -> None:
        image_format = self._image_format()
        try:
            copy_image(
                self._chosen_plots()[0], self._form.options, image_format.scale if image_format.suffix == "png" else 2.0
            )
        except SettingError as error:
            self._show_error(str(error))
        else:
            self.accept()

    # Building

    def _combo(self, name: str, label: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setAccessibleName(label)
        return box

    @staticmethod
    def _button(box: QDialogButtonBox, name: str, text: str, role: QDialogButtonBox.ButtonRole) -> QPushButton:
        button = box.addButton(text, role)
        button.setObjectName(name)
        return button

    def _make_formats(self) -> QComboBox:
        box = self._combo("export_format", self.tr("Format"))
        labels = {
            "png_1x": self.tr("PNG, as many pixels as on the screen"),
            "png_2x": self.tr("PNG, twice as many pixels"),
            "png_300dpi": self.tr("PNG, 300 dpi for print"),
            "png_600dpi": self.tr("PNG, 600 dpi for fine print"),
            "svg": self.tr("SVG, scalable"),
            "pdf": self.tr("PDF, scalable"),
            "gif": self.tr("GIF, the training as an animation"),
            "webp": self.tr("WebP, the training as an animation"),
        }
        for one in (*FORMATS, *ANIMATIONS):
            box.addItem(labels[one.key], one.key)
        box.setCurrentIndex(1)
        return box

    def _make_buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        role = QDialogButtonBox.ButtonRole
        self._save = self._button(box, "export_save", self.tr("Save"), role.ActionRole)
        self._copy = self._button(box, "export_copy", self.tr("Copy to clipboard"), role.ActionRole)
        self._button(box, "export_cancel", self.tr("Close"), role.RejectRole)
        self._save.setDefault(True)
        self._save.clicked.connect(self.save)
        self._copy.clicked.connect(self._copy_chosen)
        box.rejected.connect(self.reject)
        return box

    def _lay_out(self) -> None:
        folder_row = QHBoxLayout()
        folder_row.addWidget(self._folder, 1)
        folder_row.addWidget(self._browse)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.tr("Plot"), self._plot)
        form.addRow(self.tr("Format"), self._format)
        self._form.add_to(form)
        form.addRow(self.tr("Folder"), folder_row)
        form.addRow(self.tr("File name"), self._name)
        look = QVBoxLayout()
        look.addWidget(self._preview, 1)
        look.addWidget(self._dimensions)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addLayout(form, 3)
        columns.addLayout(look, 4)
        layout = QVBoxLayout(self)
        layout.addLayout(columns, 1)
        layout.addWidget(self._error)
        layout.addWidget(self._progress)
        layout.addWidget(self._buttons)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # writing will say what is wrong with it
        return False


def _with_suffix(name: str, suffix: str) -> str:
    return name if name.lower().endswith(f".{suffix}") else f"{name}.{suffix}"
