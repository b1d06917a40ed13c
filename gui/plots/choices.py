"""What a chooser offers, in a context menu too: for cards that are too narrow to show the chooser."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QComboBox, QMenu


def add_choices(menu: QMenu, box: QComboBox) -> None:
    """Add the answers of ``box`` to ``menu``, the chosen one ticked; ``box`` follows."""
    menu.addSeparator()
    group = QActionGroup(menu)
    for index in range(box.count()):
        action = menu.addAction(box.itemText(index))
        action.setCheckable(True)
        action.setChecked(index == box.currentIndex())
        action.setEnabled(box.isEnabled())
        action.triggered.connect(partial(_choose, box, index))
        group.addAction(action)


def _choose(box: QComboBox, index: int, _ticked: bool = True) -> None:
    box.setCurrentIndex(index)
