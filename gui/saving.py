"""What the File menu does with the work: pictures of the plots, and the results of a run, onto the disk."""

from __future__ import annotations

import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from engine.export.whole_file import write_whole
from engine.runs.files import FinishedRun, files_of
from gui import dialogs
from gui.background import BackgroundJob
from gui.export_dialog import ExportDialog, copy_image
from gui.image_export import Taken, find_format, run_name, shot_of
from gui.pictures.formats import USUAL_PNG
from gui.pictures.painting import Painting
from gui.plots.base import Plot
from gui.session import Session
from gui.settings import Settings

RESULTS_FOLDER = "results_folder"
_LONGEST_WRITE_SECONDS = 20.0


class Saving(QObject):
    """Asks where to, and says what came of it."""

    message = Signal(str)
    failed = Signal(str)

    def __init__(self, session: Session, plots: list[Plot], settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._plots = plots
        self._settings = settings
        self._window = window
        self._painting: Painting[Taken] | None = None
        self._job: BackgroundJob[Path] | None = None
        for plot in plots:
            plot.save_requested.connect(lambda plot=plot: self.save_image(plot))
            plot.copy_requested.connect(lambda plot=plot: self.copy(plot))
            plot.save_all_requested.connect(self.save_all_images)

    def save_image(self, plot: Plot | None = None) -> None:
        """Ask how to save the picture of ``plot``, or of the plot in use."""
        self._show_dialog(plot or self._current_plot())

    def save_all_images(self) -> None:
        """Ask how to save the pictures of all plots."""
        self._show_dialog(None)

    def copy(self, plot: Plot | None = None) -> None:
        """Copy the picture of ``plot``, or of the plot in use."""
        plot = plot or self._current_plot()
        copy_image(plot)
        self.message.emit(self.tr("Picture of “{title}” copied.").format(title=plot.title))

    def save_results(self) -> None:
        """Ask for a folder, and leave in a new one within it the files that the command line leaves."""
        run = self._session.finished_run
        if self._painting is not None or self._job is not None:
            self.message.emit(self.tr("The last results are still being saved."))
            return
        if run is None:
            self.message.emit(self.tr("There is nothing to save while the training runs, or before it began."))
            return
        parent = dialogs.choose_folder(self._window, self._settings.folder(RESULTS_FOLDER))
        if parent is None:
            return
        folder = parent / run_name(run.data.dataset.name, datetime.datetime.now())
        self._settings.save_folder(RESULTS_FOLDER, parent)
        shots = [shot_of(plot, find_format(USUAL_PNG)) for plot in self._plots]

        def write(pictures: list[Taken]) -> None:
            self._painting = None
            self._job = BackgroundJob(
                lambda: self._write(folder, run, pictures),
                self._saved,
                lambda error: self._not_saved(folder, error),
                self,
            )

        self._painting = Painting(self._session, shots, write, lambda error: self._not_saved(folder, error), self)

    def close(self) -> None:
        """Wait until what is being written is whole."""
        if self._painting is not None:
            self._painting.finish()
        if self._job is not None:
            self._job.join(_LONGEST_WRITE_SECONDS)

    def _write(self, folder: Path, run: FinishedRun, pictures: list[Taken]) -> Path:
        folder.mkdir(parents=True)
        for name, content in files_of(run):
            write_whole(folder / name, content)
        for plot, picture in zip(self._plots, pictures, strict=True):
            write_whole(folder / f"{plot.key}.png", picture.encode())
        return folder

    def _saved(self, folder: Path) -> None:
        self._job = None
        self.message.emit(self.tr("Model, figures, history and pictures saved in {folder}").format(folder=folder))

    def _not_saved(self, folder: Path, error: Exception) -> None:
        self._painting = self._job = None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        text = self.tr("The results could not be saved in {folder}: {reason}. Choose another folder.")
        self.failed.emit(text.format(folder=folder, reason=reason))

    def _show_dialog(self, plot: Plot | None) -> None:
        dialog = ExportDialog(self._plots, plot, self._settings, self._window)
        dialog.exec()
        if dialog.saved:
            names = ", ".join(path.name for path in dialog.saved)
            text = self.tr("Saved {names} in {folder}").format(names=names, folder=dialog.saved[0].parent)
            self.message.emit(text)
        dialog.deleteLater()

    def _current_plot(self) -> Plot:
        """The plot that has the focus, else the one under the pointer, else the first."""
        focus = QApplication.focusWidget()
        focused = [plot for plot in self._plots if focus is not None and (plot is focus or plot.isAncestorOf(focus))]
        pointed = [plot for plot in self._plots if plot.underMouse()]
        return (focused + pointed + self._plots)[0]
