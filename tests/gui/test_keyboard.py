from collections.abc import Iterator

import pytest
from driving import focus
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QTableView,
    QWidget,
)

KEYS = {"Space": Qt.Key.Key_Space, "Right": Qt.Key.Key_Right, "R": Qt.Key.Key_R, "Escape": Qt.Key.Key_Escape}


@pytest.fixture
def taken() -> list[str]:
    """Keys that went to a shortcut."""
    return []


@pytest.fixture
def controls(qtbot, taken: list[str]) -> Iterator[dict[str, QWidget]]:
    holder = QWidget()
    layout = QHBoxLayout(holder)
    table = QTableView(holder)
    table.setModel(QStandardItemModel(3, 3, table))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    combo = QComboBox(holder)
    combo.addItems(["Iris", "Raisins", "Wine"])
    plain = QLabel("plain", holder)
    plain.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    controls = {
        "button": QPushButton("press", holder),
        "checkbox": QCheckBox("tick", holder),
        "combo": combo,
        "table": table,
        "slider": QSlider(Qt.Orientation.Horizontal, holder),
        "spin": QSpinBox(holder),
        "text": QLineEdit("abc", holder),
        "plain": plain,
    }
    for control in controls.values():
        layout.addWidget(control)
    for key in KEYS:
        QShortcut(QKeySequence(key), holder).activated.connect(lambda key=key: taken.append(key))
    with qtbot.waitExposed(holder):
        holder.show()
    qtbot.waitUntil(holder.isActiveWindow)
    yield controls
    holder.close()
    holder.deleteLater()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("button", {"Space"}),
        ("checkbox", {"Space"}),
        ("combo", {"Space", "Right", "R"}),
        ("table", {"Right"}),
        ("slider", {"Right"}),
        ("spin", {"Space", "Right", "R"}),
        ("text", {"Space", "Right", "R"}),
        ("plain", set()),
    ],
)
def test_who_gets_the_key(controls: dict[str, QWidget], taken: list[str], name: str, kept: set[str]) -> None:
    for key, code in KEYS.items():
        focus(controls[name])
        taken.clear()
        QTest.keyClick(controls[name], code)
        assert (taken == []) is (key in kept), f"{key} at the {name}: {taken}"
        if name == "combo":
            controls[name].hidePopup()


def test_the_key_does_its_work_in_the_control(controls: dict[str, QWidget]) -> None:
    box = controls["checkbox"]
    focus(box)
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert box.isChecked()
    slider = controls["slider"]
    focus(slider)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value() == 1
    combo = controls["combo"]
    focus(combo)
    QTest.keyClick(combo, Qt.Key.Key_R)
    assert combo.currentText() == "Raisins"


def test_a_key_with_ctrl_goes_to_its_shortcut(controls: dict[str, QWidget], taken: list[str]) -> None:
    QShortcut(QKeySequence("Ctrl+Right"), controls["table"].window()).activated.connect(lambda: taken.append("ctrl"))
    focus(controls["table"])
    QTest.keyClick(controls["table"], Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert taken == ["ctrl"]
