"""Save or copy the picture of a plot, or of all plots."""

from __future__ import annotations

import datetime
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from engine.export.whole_file import write_whole
from gui import dialogs
from gui.background import BackgroundJob
from gui.image_export import FORMATS, ImageFormat, encode_png, find_format, paint, propose_name, render
from gui.plain_text import plain
from gui.plots.base import Plot
from gui.settings import Settings

FOLDER = "image_folder"


def copy_image(plot: Plot) -> None:
    """Put the picture of ``plot`` on the clipboard, two pixels to a logical one."""
    QGuiApplication.clipboard().setImage(paint(plot, 2.0))


class ExportDialog(QDialog):
    """Which plot, which kind of file, and where to; what goes wrong is said in place and the dialog stays."""

    def __init__(self, plots: list[Plot], chosen: Plot | None, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.saved: list[Path] = []
        self._plots = plots
        self._settings = settings
        self._job: BackgroundJob[list[Path]] | None = None
        self.setWindowTitle(self.tr("Save images"))
        self.setMinimumWidth(520)
        self._plot = self._combo("export_plot", self.tr("Plot"))
        for plot in plots:
            self._plot.addItem(plot.title)
        self._plot.addItem(self.tr("All plots"))
        self._plot.setCurrentIndex(plots.index(chosen) if chosen else len(plots))
        self._format = self._make_formats()
        self._folder = QLineEdit(settings.folder(FOLDER), self)
        self._folder.setObjectName("export_folder")
        self._folder.setAccessibleName(self.tr("Folder"))
        self._name = QLineEdit(self)
        self._name.setObjectName("export_name")
        self._name.setAccessibleName(self.tr("File name"))
        self._browse = QPushButton(self.tr("Browse …"), self)
        self._browse.setObjectName("export_browse")
        self._browse.clicked.connect(self._choose_folder)
        self._error = plain(QLabel(self))
        self._error.setObjectName("export_error")
        self._error.setProperty("error", True)
        self._error.setWordWrap(True)
        self._error.hide()
        self._buttons = self._make_buttons()
        self._plot.currentIndexChanged.connect(self._propose)
        self._lay_out()
        self._propose()

    def save(self) -> None:
        """Write what is chosen; close when all is written."""
        if self._job is not None:
            return
        chosen = self._chosen_plots()
        image_format = find_format(str(self._format.currentData()))
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
        now = datetime.datetime.now()
        names = [name] if len(chosen) == 1 else [propose_name(plot, now) for plot in chosen]
        targets = [folder / _with_suffix(one, image_format.suffix) for one in names]
        existing = [target.name for target in targets if _is_there(target)]
        if existing and not dialogs.ask_to_replace(self, existing):
            return
        # Painting belongs to the GUI thread; compressing and writing do not.
        pictures = [_picture(plot, image_format) for plot in chosen]

        def write() -> list[Path]:
            for target, picture in zip(targets, pictures, strict=True):
                write_whole(target, encode_png(picture) if isinstance(picture, QImage) else picture)
            return targets

        self._save.setEnabled(False)
        self._job = BackgroundJob(write, self._done, self._failed, self)

    def reject(self) -> None:
        """Close, but not while a file is being written."""
        if self._job is None:
            super().reject()

    def _done(self, paths: list[Path]) -> None:
        self._job = None
        self.saved = paths
        self._settings.save_folder(FOLDER, paths[0].parent)
        self.accept()

    def _failed(self, error: Exception) -> None:
        self._job = None
        self._save.setEnabled(True)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self._show_error(
            self.tr("The images could not be saved in {folder}: {reason}. Choose another folder.").format(
                folder=self._folder.text(), reason=reason
            )
        )

    def _show_error(self, text: str) -> None:
        self._error.setText(text)
        self._error.show()

    def _propose(self) -> None:
        chosen = self._chosen_plots()
        single = len(chosen) == 1
        self._name.setEnabled(single)
        self._copy.setEnabled(single)
        now = datetime.datetime.now()
        self._name.setText(propose_name(chosen[0], now) if single else self.tr("one file per plot"))

    def _chosen_plots(self) -> list[Plot]:
        index = self._plot.currentIndex()
        return [self._plots[index]] if index < len(self._plots) else list(self._plots)

    def _choose_folder(self) -> None:
        folder = dialogs.choose_folder(self, self._folder.text())
        if folder is not None:
            self._folder.setText(str(folder))

    def _copy_chosen(self) -> None:
        copy_image(self._chosen_plots()[0])
        self.accept()

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
            "png_1x": self.tr("PNG, as large as on the screen"),
            "png_2x": self.tr("PNG, twice as many pixels"),
            "png_300dpi": self.tr("PNG, 300 dpi for print"),
            "svg": self.tr("SVG, scalable"),
            "pdf": self.tr("PDF, scalable"),
        }
        for one in FORMATS:
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
        form = QFormLayout(self)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.tr("Plot"), self._plot)
        form.addRow(self.tr("Format"), self._format)
        form.addRow(self.tr("Folder"), folder_row)
        form.addRow(self.tr("File name"), self._name)
        form.addRow(self._error)
        form.addRow(self._buttons)


def _picture(plot: Plot, image_format: ImageFormat) -> QImage | bytes:
    return paint(plot, image_format.scale) if image_format.suffix == "png" else render(plot, image_format)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # writing will say what is wrong with it
        return False


def _with_suffix(name: str, suffix: str) -> str:
    return name if name.lower().endswith(f".{suffix}") else f"{name}.{suffix}"
