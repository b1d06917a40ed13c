import pytest
from driving import click, focus, turn_wheel, type_over
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QStyle, QStyleOptionSpinBox

from engine.data.preparation import PREPARATION_SPECS
from engine.errors import SettingError
from engine.hyperparameters import TRAINING_SPECS
from engine.hyperparameters.cost import CLASS_WEIGHTS, L2
from engine.hyperparameters.model import HIDDEN_LAYERS
from engine.hyperparameters.optimization import BATCH_SIZE, LEARNING_RATE, OPTIMIZER
from engine.hyperparameters.stopping import EPOCHS
from engine.specs import Spec
from gui.forms.fields import ChoiceField, ListField, NumberField, SwitchField, make_field

SWITCH = next(spec for spec in PREPARATION_SPECS if spec.key == "stratified")


@pytest.fixture
def show(qtbot):
    """A function that shows the field of a spec, ready for keys."""
    fields = []

    def show(spec: Spec):
        field = make_field(spec)
        fields.append(field)
        with qtbot.waitExposed(field):
            field.show()
        qtbot.waitUntil(field.isActiveWindow)
        return field

    yield show
    for field in fields:
        field.close()
        field.deleteLater()


@pytest.mark.parametrize("spec", [*TRAINING_SPECS, *PREPARATION_SPECS], ids=lambda spec: spec.key)
def test_every_spec_has_a_field_that_explains_itself(show, spec: Spec) -> None:
    field = show(spec)
    assert field.objectName() == spec.key
    assert field.accessibleName() == spec.label
    assert field.accessibleDescription() == spec.help
    assert spec.help in field.toolTip()
    assert spec.range_text[1:] in field.toolTip()
    assert field.read() == spec.default


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (LEARNING_RATE, "0.25", 0.25),
        (LEARNING_RATE, " 3e-4 ", 3e-4),
        (LEARNING_RATE, "1000000", 1e6),
        (L2, "0", 0.0),
        (EPOCHS, "12", 12),
        (BATCH_SIZE, "full batch", 0),
        (BATCH_SIZE, "FULL", 0),
        (BATCH_SIZE, "0", 0),
        (BATCH_SIZE, "64", 64),
    ],
)
def test_typed_numbers(qtbot, show, spec: Spec, text: str, value: float) -> None:
    field = show(spec)
    with qtbot.waitSignal(field.edited):
        type_over(field, text)
    assert field.read() == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0", "greater than 0"),
        ("-0.1", "greater than 0"),
        ("nan", "not nan"),
        ("inf", "at most 1,000,000"),
        ("fast", "must be a number, not “fast”"),
        ("0,1", "must be a number, not “0,1”"),
        ("", "must be a number"),
        ("1e7", "at most 1,000,000"),
    ],
)
def test_refused_text_stays_to_be_put_right(show, text: str, reason: str) -> None:
    field = show(LEARNING_RATE)
    type_over(field, text)
    with pytest.raises(SettingError) as caught:
        field.read()
    assert caught.value.key == "learning_rate"
    assert reason in str(caught.value)
    assert field.lineEdit().text() == text


def test_every_float_is_shown_as_it_is_read(show) -> None:
    field = show(LEARNING_RATE)
    for value in (1 / 3, 1e-300, 0.1 + 0.2, 999999.9999999999):
        field.show_value(value)
        assert field.read() == value


def test_arrow_keys_step(qtbot, show) -> None:
    field = show(LEARNING_RATE)
    focus(field)
    with qtbot.waitSignal(field.edited):
        QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.lineEdit().text() == "0.2"
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.lineEdit().text() == "0.05"


def test_arrow_button_steps(show) -> None:
    field = show(BATCH_SIZE)
    option = QStyleOptionSpinBox()
    field.initStyleOption(option)
    up = field.style().subControlRect(QStyle.ComplexControl.CC_SpinBox, option, QStyle.SubControl.SC_SpinBoxUp, field)
    click(field, up.center())
    assert field.lineEdit().text() == "64"


def test_arrow_leaves_a_refused_text_behind(show) -> None:
    field = show(LEARNING_RATE)
    type_over(field, "nonsense")
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.read() == 0.2


def test_batch_size_steps_down_to_the_full_batch(show) -> None:
    field = show(BATCH_SIZE)
    type_over(field, "1")
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.lineEdit().text() == "full batch"
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.lineEdit().text() == "1"


@pytest.mark.parametrize("spec", [LEARNING_RATE, OPTIMIZER], ids=lambda spec: spec.key)
def test_the_wheel_over_an_unfocused_field_changes_nothing(show, spec: Spec) -> None:
    field = show(spec)
    field.clearFocus()
    turn_wheel(field, QPoint(5, 5), 3)
    assert field.read() == spec.default


def test_the_wheel_over_a_focused_number_steps(show) -> None:
    field = show(LEARNING_RATE)
    focus(field)
    turn_wheel(field, QPoint(5, 5), 1)
    assert field.read() == 0.2


def test_choice_by_keyboard(qtbot, show) -> None:
    field = show(OPTIMIZER)
    assert isinstance(field, QComboBox)
    assert [field.itemText(i) for i in range(field.count())] == [label for _, label in OPTIMIZER.choices]
    focus(field)
    with qtbot.waitSignal(field.edited):
        QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.read() == OPTIMIZER.choices[1][0]


def test_switch_by_click_and_space(qtbot, show) -> None:
    field = show(SWITCH)
    assert isinstance(field, QCheckBox)
    with qtbot.waitSignal(field.edited):
        click(field, QPoint(8, field.height() // 2))
    assert field.read() is False
    focus(field)
    QTest.keyClick(field, Qt.Key.Key_Space)
    assert field.read() is True


class TestListField:
    @pytest.mark.parametrize(
        ("spec", "text", "value"),
        [
            (HIDDEN_LAYERS, "16, 8", (16, 8)),
            (HIDDEN_LAYERS, " 4 3  2,1 ", (4, 3, 2, 1)),
            (HIDDEN_LAYERS, "1024", (1024,)),
            (CLASS_WEIGHTS, "1, 2.5, 1e-3", (1.0, 2.5, 0.001)),
        ],
    )
    def test_typed_numbers(self, qtbot, show, spec: Spec, text: str, value: tuple[float, ...]) -> None:
        field = show(spec)
        with qtbot.waitSignal(field.edited):
            type_over(field, text)
        assert field.read() == value

    @pytest.mark.parametrize("text", ["", "none", " None"])
    def test_no_number_at_all(self, qtbot, show, text: str) -> None:
        field = show(HIDDEN_LAYERS)
        field.show_value((5,))
        assert field.text() == "5"
        with qtbot.waitSignal(field.edited):
            type_over(field, text)
        assert field.read() == ()

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("0", "from 1 to 1,024"),
            ("16, 1025", "from 1 to 1,024"),
            ("wide", "not “wide”"),
            ("1, 2, 3, 4, 5", "not 5 numbers"),
            ("1.5", "a whole number"),
            ("-3", "a whole number"),
        ],
    )
    def test_refused_text_stays_to_be_put_right(self, show, text: str, reason: str) -> None:
        field = show(HIDDEN_LAYERS)
        type_over(field, text)
        with pytest.raises(SettingError) as caught:
            field.read()
        assert caught.value.key == "hidden_layers"
        assert reason in str(caught.value)
        assert field.text() == text
        type_over(field, "3")
        assert field.read() == (3,)

    @pytest.mark.parametrize("value", [(), (16,), (1, 2, 3, 4)])
    def test_every_value_is_shown_as_it_is_read(self, show, value: tuple[float, ...]) -> None:
        field = show(HIDDEN_LAYERS)
        field.show_value(value)
        assert field.read() == value
        assert field.text() == (", ".join(map(str, value)) or "none")

    def test_leaving_the_field_is_an_edit(self, qtbot, show) -> None:
        field = show(HIDDEN_LAYERS)
        assert isinstance(field, QLineEdit)
        type_over(field, "7", enter=False)
        with qtbot.waitSignal(field.edited):
            field.clearFocus()
        assert field.read() == (7,)


@pytest.mark.parametrize(
    ("spec", "value", "kind"),
    [
        (LEARNING_RATE, 0.5, NumberField),
        (OPTIMIZER, "adam", ChoiceField),
        (SWITCH, False, SwitchField),
        (HIDDEN_LAYERS, (8, 4), ListField),
    ],
    ids=["number", "choice", "switch", "list"],
)
def test_showing_a_value_is_no_edit(qtbot, show, spec: Spec, value: object, kind: type) -> None:
    field = show(spec)
    assert isinstance(field, kind)
    with qtbot.assertNotEmitted(field.edited):
        field.show_value(value)
    assert field.read() == value
