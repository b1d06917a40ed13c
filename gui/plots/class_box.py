"""A chooser of classes, and their names in little room."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QSignalBlocker
from PySide6.QtWidgets import QComboBox, QWidget

from gui.run_view import RunView

_LONGEST_NAME = 18
# So that a name written from right to left does not take the number beside it along.
_ISOLATED, _END_OF_ISOLATED = "\u2068", "\u2069"


class ClassBox(QComboBox):
    """Offers some answers of the plot's own, each with its key, and then every class with its number as key."""

    def __init__(
        self,
        session: RunView,
        name: str,
        tip: str,
        own: tuple[tuple[str, str], ...],
        changed: Callable[[], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._own = own
        self._offered: tuple[str, ...] | None = None
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setMaximumWidth(130)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.take_data()
        self.currentIndexChanged.connect(lambda _: changed())

    @property
    def chosen_class(self) -> int | None:
        """The number of the chosen class; None where an answer of the plot's own is chosen."""
        data = self.currentData()
        return data if isinstance(data, int) else None

    def take_data(self) -> None:
        """Offer the classes of another data set; a choice among the same classes is kept."""
        loaded = self._session.loaded
        names = loaded.dataset.class_names if loaded else ()
        if names == self._offered:
            return
        self._offered = names
        with QSignalBlocker(self):
            self.clear()
            for key, text in self._own:
                self.addItem(text, key)
            for number, name in enumerate(names):
                self.addItem(short_name(name, 60), number)
            self.setCurrentIndex(0)


def short_name(name: str, longest: int = _LONGEST_NAME) -> str:
    """The name of a class on one line, with its middle left out where it is long."""
    line = " ".join(name.split()) or QCoreApplication.translate("ClassBox", "(no name)")
    if len(line) <= longest:
        return line
    half = (longest - 1) // 2
    return f"{line[:half]}…{line[-half:]}"


def beside_number(name: str) -> str:
    """The short name, so that what follows it stays where it is, whichever way the name is written."""
    return f"{_ISOLATED}{short_name(name)}{_END_OF_ISOLATED}"
