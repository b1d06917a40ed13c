"""What the window remembers from one start to the next."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_config_path
from PySide6.QtCore import QByteArray, QSettings

THEMES = ("system", "light", "dark")


class Settings:
    """A small file of the user's; what it holds may be missing or damaged, and is then ignored."""

    def __init__(self, path: Path | None = None) -> None:
        path = path or user_config_path("softmax-lab", appauthor=False) / "window.ini"
        self._store = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """``system``, ``light`` or ``dark``."""
        value = self._store.value("theme")
        return value if value in THEMES else "system"

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("theme", name)

    @property
    def doctor(self) -> bool:
        """Whether trainings are watched for trouble."""
        return self._store.value("doctor") not in (False, "false")

    @doctor.setter
    def doctor(self, on: bool) -> None:
        self._store.setValue("doctor", on)

    def bytes_of(self, key: str) -> QByteArray | None:
        """A saved layout; None where there is none."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None

    def save_bytes(self, key: str, value: QByteArray) -> None:
        """Keep a layout."""
        self._store.setValue(key, value)

    def folder(self, key: str) -> str:
        """The folder last used for ``key``; the home folder where it is gone."""
        value = self._store.value(key)
        return value if isinstance(value, str) and Path(value).is_dir() else str(Path.home())

    def save_folder(self, key: str, folder: Path) -> None:
        """Remember a folder."""
        self._store.setValue(key, str(folder))

    def write(self) -> None:
        """Bring it to the disk now."""
        self._store.sync()
