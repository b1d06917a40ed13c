"""A person at the window, for tests: finds controls by name, clicks, types, turns the wheel, and reads the screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLabel, QToolButton, QWidget

T = TypeVar("T", bound=QObject)


def find(parent: QObject, name: str, kind: type[T] = QWidget) -> T:  # type: ignore[assignment]
    """The one child of that objectName and kind."""
    found = parent.findChildren(kind, name)
    assert len(found) == 1, f"{len(found)} children of kind {kind.__name__} are called {name!r}"
    return found[0]


def text_of(parent: QWidget, name: str) -> str:
    """What the label of that name shows; "" while it is hidden."""
    label = find(parent, name, QLabel)
    return label.text() if label.isVisible() else ""


def click(widget: QWidget, position: QPoint | None = None, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    """Click where a person could: on something visible and enabled."""
    assert widget.isVisible(), f"{widget.objectName()} is not visible"
    assert widget.isEnabled(), f"{widget.objectName()} is disabled"
    QTest.mouseClick(widget, button, Qt.KeyboardModifier.NoModifier, position or widget.rect().center())


def click_button(window: QWidget, name: str) -> None:
    """Click the tool button of that name."""
    click(find(window, name, QToolButton))


def wait_until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """What qtbot.waitUntil does, for fixtures that live longer than one test."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        QTest.qWait(5)


def focus(widget: QWidget) -> None:
    """Give ``widget`` the keyboard."""
    assert widget.isVisible(), f"{widget.objectName()} is not visible"
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    assert widget.hasFocus(), f"{widget.objectName()} does not take the focus"


def press(
    window: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, times: int = 1
) -> None:
    """Press a key: it goes where the focus is."""
    for _ in range(times):
        QTest.keyClick(window.focusWidget() or window, key, modifier)


def set_section_open(window: QWidget, name: str, is_open: bool = True) -> None:
    """Click the heading of a section of the form where it is not yet as wanted."""
    heading = find(window, f"{name}_section", QToolButton)
    if heading.isChecked() is not is_open:
        click(heading)


def type_over(field: QWidget, text: str, *, enter: bool = True) -> None:
    """Type ``text`` in place of what a field holds, then Enter."""
    focus(field)
    target = field.lineEdit() if isinstance(field, QAbstractSpinBox) else field
    target.selectAll()
    if text:
        QTest.keyClicks(field, text)
    else:
        QTest.keyClick(field, Qt.Key.Key_Delete)
    if enter:
        QTest.keyClick(field, Qt.Key.Key_Return)


def turn_wheel(widget: QWidget, position: QPoint, notches: int) -> None:
    """Turn the wheel over ``widget``; up is positive."""
    event = QWheelEvent(
        QPointF(position),
        QPointF(widget.mapToGlobal(position)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def pixels(source: QWidget | QImage) -> np.ndarray:
    """What is to be seen, as an array (H, W, 3) of 0..255."""
    image = source if isinstance(source, QImage) else source.grab().toImage()
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)
    return raw[..., 2::-1].copy()


def colours_in(picture: np.ndarray) -> int:
    """How many different colours a picture has: 1 is blank."""
    return len(np.unique(picture.astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)))


def drop_file(window: QWidget, path: Path) -> bool:
    """Drag a file over the window and let it go there; whether the window would take it."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    middle, copy = window.rect().center(), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(middle, copy, mime, left, none)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(middle), copy, mime, left, none))
    return enter.isAccepted()
