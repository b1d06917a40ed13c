from dataclasses import dataclass

import pytest
from driving import click, find, text_of, type_over
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLabel

from engine.specs import ChoiceSpec, IntegerSpec, RealSpec, SwitchSpec
from gui.forms import SpecForm

SPECS = (
    RealSpec(key="rate", label="Rate", help="How fast.", default=0.1, low=0.0, high=10.0, low_open=True, scale="log"),
    IntegerSpec(key="rows", label="Rows", help="How many.", default=4, low=1, high=100, unit="rows"),
    ChoiceSpec(key="kind", label="Kind", help="Which.", default="a", choices=(("a", "First"), ("b", "Second"))),
    SwitchSpec(key="mixed", label="Mixed", help="Whether.", default=True),
)


@dataclass
class Values:
    rate: float = 0.1
    rows: int = 4
    kind: str = "a"
    mixed: bool = True


@pytest.fixture
def form(qtbot):
    form = SpecForm(SPECS)
    with qtbot.waitExposed(form):
        form.show()
    qtbot.waitUntil(form.isActiveWindow)
    yield form
    form.close()
    form.deleteLater()


@pytest.fixture
def events(form: SpecForm) -> list[tuple[object, ...]]:
    events: list[tuple[object, ...]] = []
    form.edited.connect(lambda key, value: events.append(("edited", key, value)))
    form.refused.connect(lambda key, reason: events.append(("refused", key, reason)))
    return events


def field_of(form: SpecForm, key: str) -> QAbstractSpinBox:
    return find(form, key, QAbstractSpinBox)


def test_starts_with_the_defaults_and_labels(form: SpecForm, events: list) -> None:
    labels = {label.text() for label in form.findChildren(QLabel) if label.isVisible()}
    assert {"Rate", "Rows (rows)", "Kind"} <= labels
    assert field_of(form, "rate").text() == "0.1"
    assert find(form, "mixed", QCheckBox).isChecked()
    assert not form.has_error
    assert events == []


def test_labels_lead_to_their_fields(form: SpecForm) -> None:
    for key in ("rate", "rows", "kind"):
        assert [label for label in form.findChildren(QLabel) if label.buddy() is find(form, key)]


def test_edits_are_told_with_their_values(form: SpecForm, events: list) -> None:
    type_over(field_of(form, "rate"), "0.5")
    type_over(field_of(form, "rows"), "7")
    find(form, "kind", QComboBox).setCurrentIndex(1)
    click(find(form, "mixed"), QPoint(8, 8))
    assert events == [
        ("edited", "rate", 0.5), ("edited", "rows", 7), ("edited", "kind", "b"), ("edited", "mixed", False),
    ]  # fmt: skip


def test_leaving_a_field_is_enough(form: SpecForm, events: list) -> None:
    type_over(field_of(form, "rate"), "0.5", enter=False)
    assert events == []
    find(form, "kind").setFocus()
    assert events == [("edited", "rate", 0.5)]


def test_the_same_value_again_is_no_edit(form: SpecForm, events: list) -> None:
    type_over(field_of(form, "rate"), "0.10")
    assert events == []


@pytest.mark.parametrize("text", ["0", "-3", "nan", "fast", ""])
def test_refused_in_place_with_the_reason(form: SpecForm, events: list, text: str) -> None:
    type_over(field_of(form, "rate"), text)
    reason = text_of(form, "rate_error")
    assert reason.startswith("Rate must be")
    assert set(events) == {("refused", "rate", reason)}
    assert field_of(form, "rate").text() == text
    assert form.has_error
    assert text_of(form, "rows_error") == ""


def test_put_right(form: SpecForm, events: list) -> None:
    type_over(field_of(form, "rate"), "0")
    events.clear()
    type_over(field_of(form, "rate"), "0.1")  # what it was before: told all the same, to lift the refusal
    assert events == [("edited", "rate", 0.1)]
    assert text_of(form, "rate_error") == ""
    assert not form.has_error


def test_refusal_can_be_seen_and_goes_again(form: SpecForm) -> None:
    field = field_of(form, "rate")
    type_over(field, "-1")
    assert field.property("invalid") is True
    type_over(field, "1")
    assert field.property("invalid") is False


def test_values_from_outside_are_shown_without_an_edit(form: SpecForm, events: list) -> None:
    form.show_values(Values(rate=2.0, rows=9, kind="b", mixed=False))
    assert field_of(form, "rate").text() == "2"
    assert field_of(form, "rows").text() == "9"
    assert find(form, "kind", QComboBox).currentText() == "Second"
    assert not find(form, "mixed", QCheckBox).isChecked()
    assert events == []


def test_refused_text_outlasts_news_about_other_fields(form: SpecForm) -> None:
    type_over(field_of(form, "rate"), "oops")
    form.show_values(Values(rows=9))
    assert field_of(form, "rate").text() == "oops"
    assert text_of(form, "rate_error") != ""
    form.show_values(Values(rate=3.0))
    assert field_of(form, "rate").text() == "3"
    assert text_of(form, "rate_error") == ""


def test_reason_from_outside(form: SpecForm) -> None:
    form.show_error("rows", "More rows than there are.")
    assert text_of(form, "rows_error") == "More rows than there are."
    form.show_error("no such row", "Nobody hears this.")
    form.show_error("rows", "")
    assert not form.has_error


def test_hidden_and_locked_rows(form: SpecForm) -> None:
    form.set_row_visible("rows", False)
    assert not find(form, "rows").isVisible()
    form.set_row_visible("rows", True)
    assert find(form, "rows").isVisible()
    form.set_field_enabled("kind", False)
    assert not find(form, "kind").isEnabled()


def test_a_row_that_hides_takes_its_error_along(form: SpecForm) -> None:
    type_over(field_of(form, "rows"), "none")
    form.set_row_visible("rows", False)
    assert not form.has_error
