"""A picture that is opened sets up the run that it shows: data, their preparation, the settings at its start."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from engine.data.gallery import load_entry
from engine.data.table import Table, read_table
from engine.errors import EngineError
from engine.runs.picture_metadata import is_picture, read_setup
from engine.runs.setup_record import SetupRecord, from_json
from gui.background import BackgroundJob
from gui.loading import LoadedData
from gui.session import Session
from gui.settings import Settings

__all__ = ["DATA_FOLDER", "Restoring", "is_picture"]

DATA_FOLDER = "data_folder"
_PATIENCE_SECONDS = 0.2
_MOST_NAMED = 5


class _Found(NamedTuple):
    record: SetupRecord
    file: Path | None  # with the name of the record's file, beside the picture or where data were opened last


class Restoring(QObject):
    """Reads the set-up out of a picture in the background, finds its data, and hands both to the session."""

    message = Signal(str)
    failed = Signal(str)

    def __init__(self, session: Session, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._settings = settings
        self._job: BackgroundJob[_Found] | None = None

    def open_picture(self, path: Path) -> None:
        """Restore the set-up that the picture at ``path`` carries; what goes wrong is said, and changes nothing."""
        self.close()
        folders = (path.parent, Path(self._settings.folder(DATA_FOLDER)))
        self._job = BackgroundJob(partial(_find, path, folders), partial(self._restore, folders), self._fail, self)

    def restore_setup(self, record: SetupRecord, file: Path | None = None) -> None:
        """Set the run of ``record`` up; ``file`` holds its table, where that is not of the gallery."""
        if (read := self._reader(record, file)) is not None:
            self._session.restore(record, read, partial(self._report, record))

    def close(self) -> None:
        """Forget the picture that is being read."""
        if self._job is not None:
            self._job.cancel()
            self._job.join(_PATIENCE_SECONDS)
            self._job = None

    def _restore(self, folders: tuple[Path, ...], found: _Found) -> None:
        self._job = None
        if self._reader(*found) is not None:
            self.restore_setup(*found)
            return
        text = self.tr(
            "The picture was made with the file “{name}”, which is not in {folders}. "
            "Open that file first, then the picture again."
        )
        places = self.tr(" or ").join(dict.fromkeys(map(str, folders)))
        self.failed.emit(text.format(name=found.record.name, folders=places))

    def _reader(self, record: SetupRecord, file: Path | None) -> Callable[[], Table] | None:
        """What gives the table of ``record``; None where it is nowhere."""
        if record.key is not None:
            return partial(load_entry, record.key, record.generator)
        loaded = self._session.loaded
        if loaded is not None and loaded.key is None:
            table = loaded.table
            if loaded.dataset.fingerprint == record.fingerprint or (file is None and table.name == record.name):
                return lambda: table
        return partial(read_table, file) if file is not None else None

    def _report(self, record: SetupRecord, loaded: LoadedData) -> None:
        notes = []
        if record.changes:
            notes.append(self.tr("Settings were changed while it trained; those at its start are set."))
        if record.unknown:
            notes.append(
                self.tr("Unknown to this version and left out: {names}.").format(names=_listed(record.unknown))
            )
        if loaded.dataset.fingerprint == record.fingerprint:
            text = self.tr("Set up as in the picture: {name}. Train runs it again.")
            self.message.emit(" ".join([text.format(name=loaded.dataset.name), *notes]))
            return
        text = self.tr(
            "The data differ from those of the picture: {name} has changed since. The settings are those of the "
            "picture; what comes of them can differ."
        )
        self.failed.emit(" ".join([text.format(name=loaded.dataset.name), *notes]))

    def _fail(self, error: Exception) -> None:
        self._job = None
        text = str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
        self.failed.emit(self.tr("The picture cannot set up a run. {reason}").format(reason=text))


def _find(path: Path, folders: tuple[Path, ...]) -> _Found:
    """Read the record in the picture at ``path`` and look for its file; raises SetupFileError."""
    record = from_json(read_setup(path))
    if record.key is not None:
        return _Found(record, None)
    return _Found(record, next((file for folder in folders if _is_file(file := folder / record.name)), None))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long for this file system, a folder that may not be looked into
        return False


def _listed(names: tuple[str, ...]) -> str:
    rest = [f"… (+ {len(names) - _MOST_NAMED})"] if len(names) > _MOST_NAMED else []
    return ", ".join([*names[:_MOST_NAMED], *rest])
