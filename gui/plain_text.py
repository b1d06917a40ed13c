"""Text that comes from a file, shown as it is: never as rich text, which could fetch a picture or hide a letter."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def plain(label: QLabel) -> QLabel:
    """Make ``label`` show every text to the letter."""
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def plain_tooltip(text: str) -> str:
    """``text`` so that a tooltip shows it to the letter; a tooltip has no switch for that."""
    return f"<span style='white-space: pre-wrap'>{html.escape(text)}</span>" if "<" in text else text
