from dataclasses import dataclass

import pytest
from driving import click, find, focus, press, set_section_open, text_of, type_over
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QToolButton, QVBoxLayout, QWidget

from engine.specs import IntegerSpec, ListSpec, RealSpec
from gui.forms import FormSections

RATE = RealSpec(key="rate", label="Rate", help="How fast.", default=0.1, low=0.0, high=10.0, low_open=True)
ROWS = IntegerSpec(key="rows", label="Rows", help="How many.", default=4, low=1, high=100)
COUNT = IntegerSpec(key="count", label="Count", help="How often.", default=3, low=1, high=9)
SIZES = ListSpec(key="sizes", label="Sizes", help="How large.", item=ROWS, most=3, empty_label="none")
GROUPS = (("First", (RATE, ROWS)), ("Second", (COUNT,)), ("Third", (SIZES,)))


@dataclass
class Values:
    rate: float = 0.1
    rows: int = 4
    count: int = 3
    sizes: tuple[int, ...] = ()


@pytest.fixture
def sections(qtbot):
    """Three sections in a window, the first one open."""
    window = QWidget()
    layout = QVBoxLayout(window)
    sections = FormSections(GROUPS, ("First",), window)
    layout.addWidget(sections)
    layout.addStretch(1)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(window.isActiveWindow)
    yield sections
    window.close()
    window.deleteLater()


@pytest.fixture
def events(sections: FormSections) -> list[tuple[object, ...]]:
    events: list[tuple[object, ...]] = []
    sections.edited.connect(lambda key, value: events.append(("edited", key, value)))
    sections.refused.connect(lambda key, reason: events.append(("refused", key, reason)))
    return events


def heading(sections: FormSections, name: str) -> QToolButton:
    return find(sections, f"{name}_section", QToolButton)


def seen(sections: FormSections) -> list[str]:
    """The keys of the fields that can be seen."""
    return [key for key in ("rate", "rows", "count", "sizes") if find(sections, key).isVisible()]


def test_headings_name_their_sections_in_order(sections: FormSections) -> None:
    headings = [button for button in sections.findChildren(QToolButton) if button.objectName().endswith("_section")]
    headings.sort(key=lambda button: button.mapTo(sections, button.rect().topLeft()).y())
    assert [button.text() for button in headings] == ["First", "Second", "Third"]
    assert all(button.isVisible() for button in headings)


def test_only_what_is_to_be_open_starts_open(sections: FormSections) -> None:
    assert seen(sections) == ["rate", "rows"]
    assert [heading(sections, name).isChecked() for name in ("first", "second", "third")] == [True, False, False]


def test_a_click_opens_and_another_closes(sections: FormSections) -> None:
    click(heading(sections, "second"))
    assert seen(sections) == ["rate", "rows", "count"]
    click(heading(sections, "first"))
    assert seen(sections) == ["count"]
    click(heading(sections, "second"))
    assert seen(sections) == []


def test_the_keyboard_opens_too(sections: FormSections) -> None:
    focus(heading(sections, "third"))
    press(sections.window(), Qt.Key.Key_Space)
    assert "sizes" in seen(sections)


def test_the_arrow_tells_what_is_open(sections: FormSections) -> None:
    button = heading(sections, "second")
    assert button.arrowType() is Qt.ArrowType.RightArrow
    click(button)
    assert button.arrowType() is Qt.ArrowType.DownArrow
    click(button)
    assert button.arrowType() is Qt.ArrowType.RightArrow


def test_a_folded_section_takes_no_room(sections: FormSections) -> None:
    set_section_open(sections, "second")
    height = sections.sizeHint().height()
    set_section_open(sections, "second", False)
    assert sections.sizeHint().height() < height


def test_folding_keeps_what_was_typed(sections: FormSections, events: list) -> None:
    type_over(find(sections, "rows"), "7")
    set_section_open(sections, "first", False)
    set_section_open(sections, "first")
    assert find(sections, "rows", QAbstractSpinBox).text() == "7"
    assert events == [("edited", "rows", 7)]


def test_every_section_tells_its_edits(sections: FormSections, events: list) -> None:
    for name in ("second", "third"):
        click(heading(sections, name))
    for key, text in (("rate", "0.5"), ("count", "5"), ("sizes", "3, 2")):
        type_over(find(sections, key), text)
    assert events == [("edited", "rate", 0.5), ("edited", "count", 5), ("edited", "sizes", (3, 2))]


def test_every_section_tells_what_it_refuses(sections: FormSections, events: list) -> None:
    click(heading(sections, "second"))
    for key, text in (("rate", "0"), ("count", "many")):
        type_over(find(sections, key), text)
        assert ("refused", key, text_of(sections, f"{key}_error")) in events
        assert sections.error(key) == text_of(sections, f"{key}_error") != ""
    assert {event[0] for event in events} == {"refused"}


def test_values_from_outside_reach_folded_sections_without_an_edit(sections: FormSections, events: list) -> None:
    sections.show_values(Values(rate=2.0, rows=9, count=8, sizes=(6, 5)))
    assert [find(sections, key, QAbstractSpinBox).text() for key in ("rate", "rows", "count")] == ["2", "9", "8"]
    assert find(sections, "sizes", QLineEdit).text() == "6, 5"
    assert seen(sections) == ["rate", "rows"]
    assert events == []


def test_a_reason_opens_its_section(sections: FormSections) -> None:
    sections.show_error("count", "That is too often.")
    assert text_of(sections, "count_error") == "That is too often."
    assert sections.error("count") == "That is too often."
    assert heading(sections, "second").isChecked()
    assert "sizes" not in seen(sections)


def test_a_reason_that_goes_opens_nothing(sections: FormSections) -> None:
    sections.show_error("count", "")
    assert seen(sections) == ["rate", "rows"]
    sections.show_error("count", "Too often.")
    click(heading(sections, "second"))
    sections.show_error("count", "")
    assert sections.error("count") == ""
    assert seen(sections) == ["rate", "rows"]


def test_what_is_in_no_section_is_left_alone(sections: FormSections) -> None:
    sections.show_error("no such row", "Nobody hears this.")
    assert sections.error("no such row") == ""
    assert seen(sections) == ["rate", "rows"]


def test_rows_hide_and_lock_in_their_section(sections: FormSections) -> None:
    sections.set_row_visible("rows", False)
    assert seen(sections) == ["rate"]
    sections.set_row_visible("count", False)
    click(heading(sections, "second"))
    assert seen(sections) == ["rate"]
    sections.set_row_visible("count", True)
    assert seen(sections) == ["rate", "count"]
    sections.set_field_enabled("count", False)
    assert [find(sections, key).isEnabled() for key in ("rate", "count")] == [True, False]
    sections.set_field_enabled("count", True)
    assert find(sections, "count").isEnabled()
