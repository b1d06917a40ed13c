"""Small controls in the header of a plot that give way where the plot is narrow."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QSizePolicy, QToolButton

from gui.plots.base import Plot
from gui.plots.weight_table import one_line

_LONGEST_CHOICE = 40
_NARROWEST, _WIDEST = 44, 230


def add_chooser(plot: Plot, name: str, tip: str) -> QComboBox:
    """A chooser as wide as its choices, as far as there is room."""
    box = QComboBox(plot)
    box.setObjectName(name)
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    box.setMinimumWidth(_NARROWEST)
    box.setMaximumWidth(_WIDEST)
    plot.add_control(box)
    return box


def add_button(plot: Plot, name: str, text: str, tip: str) -> QToolButton:
    """A button with a short text."""
    button = QToolButton(plot)
    button.setObjectName(name)
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    plot.add_control(button)
    return button


def offer(box: QComboBox, choices: list[tuple[str, Any]]) -> None:
    """Offer other choices, each a text and what it means; one of the same text as before stays chosen."""
    texts = [one_line(name) for name, _ in choices]
    texts = [text if len(text) <= _LONGEST_CHOICE else f"{text[: _LONGEST_CHOICE - 1]}…" for text in texts]
    chosen, before = box.currentIndex(), box.currentText()
    with QSignalBlocker(box):
        box.clear()
        for text, (_, data) in zip(texts, choices, strict=True):
            box.addItem(text, data)
        stays = 0 <= chosen < len(texts) and texts[chosen] == before
        box.setCurrentIndex(chosen if stays else 0)
