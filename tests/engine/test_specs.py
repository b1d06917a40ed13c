from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EngineError, SettingError
from engine.specs import ChoiceSpec, IntegerSpec, ListSpec, RealSpec, Spec, SwitchSpec, always, check_all

POSITIVE = RealSpec(key="rate", label="Rate", help="", default=0.1, low=0.0, high=1000.0, low_open=True)
CLOSED = RealSpec(key="share", label="Share", help="", default=0.5, low=-0.25, high=1.0)
COUNT = IntegerSpec(key="count", label="Count", help="", default=5, low=1, high=100)
BATCH = IntegerSpec(key="batch", label="Batch", help="", default=0, low=0, high=100, zero_label="full batch")
COLOUR = ChoiceSpec(
    key="colour", label="Colour", help="", default="red", choices=(("red", "Red"), ("dark_blue", "Blue"))
)
SWITCH = SwitchSpec(key="switch", label="Switch", help="", default=True)
COUNTS = ListSpec(key="counts", label="Counts", help="", item=COUNT, most=3, empty_label="none")
RATES = ListSpec(key="rates", label="Rates", help="", item=POSITIVE, most=1000, empty_label="none")

HUGE = pytest.param(10**400, id="10**400")  # no float can hold it
NOT_NUMBERS = ["0.5", "", None, True, False, [1.0], 1j]


def refusal(spec: Spec, value: Any, *, typed: bool = False) -> str:
    """The message with which ``spec`` refuses ``value``, after a look at the error's key."""
    with pytest.raises(SettingError) as caught:
        spec.parse(value) if typed else spec.check(value)
    assert caught.value.key == spec.key
    assert isinstance(caught.value, EngineError)
    assert spec.label in str(caught.value)
    return str(caught.value)


class TestRealSpec:
    @pytest.mark.parametrize("value", [1e-300, 0.1, 1000.0, 3])
    def test_accepts_what_lies_in_its_range_as_a_float(self, value: float) -> None:
        assert POSITIVE.check(value) == value
        assert type(POSITIVE.check(value)) is float

    def test_accepts_the_ends_of_a_closed_range(self) -> None:
        assert (CLOSED.check(-0.25), CLOSED.check(1.0)) == (-0.25, 1.0)

    @pytest.mark.parametrize(
        "value", [0, 0.0, -0.0, -1e-300, -3, 1000.0000000001, 1e300, math.inf, -math.inf, math.nan, HUGE]
    )
    def test_refuses_what_lies_outside_and_tells_the_range(self, value: float) -> None:
        assert "greater than 0 and at most 1,000" in refusal(POSITIVE, value)

    @pytest.mark.parametrize("value", [-0.2500001, 1.0000001])
    def test_tells_a_closed_range(self, value: float) -> None:
        assert "at least -0.25 and at most 1" in refusal(CLOSED, value)

    def test_never_shows_a_refused_number_as_if_it_were_the_limit(self) -> None:
        assert refusal(POSITIVE, 1000.5).endswith("not 1000.5.")
        assert not refusal(POSITIVE, 1000.0000000001).endswith("not 1000.")

    @pytest.mark.parametrize("value", NOT_NUMBERS)
    def test_refuses_what_is_no_number(self, value: Any) -> None:
        assert "must be a number" in refusal(POSITIVE, value)

    @pytest.mark.parametrize("text", ["", "  ", "fast", "0,1", "0.1 0.2", "1e", "0x1"])
    def test_refuses_text_that_is_no_number_and_shows_it(self, text: str) -> None:
        assert f"must be a number, not “{text.strip()}”" in refusal(POSITIVE, text, typed=True)

    @pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "-inf", "1e400", "1001"])
    def test_refuses_typed_numbers_out_of_range(self, text: str) -> None:
        assert "greater than 0 and at most 1,000" in refusal(POSITIVE, text, typed=True)

    def test_reads_what_people_type(self) -> None:
        assert [POSITIVE.parse(text) for text in (" 0.1 ", "1e-3", "5", ".5", "1E2")] == [0.1, 0.001, 5.0, 0.5, 100.0]

    @given(st.floats(0.0, 1000.0, exclude_min=True))
    def test_reads_what_it_wrote(self, value: float) -> None:
        assert POSITIVE.parse(POSITIVE.format(value)) == value

    def test_writes_round_numbers_shortly(self) -> None:
        assert [POSITIVE.format(value) for value in (0.1, 0.001, 5.0, 100.0)] == ["0.1", "0.001", "5", "100"]


class TestIntegerSpec:
    @pytest.mark.parametrize("value", [1, 100, 32.0])
    def test_accepts_whole_numbers_in_its_range(self, value: float) -> None:
        assert COUNT.check(value) == value
        assert type(COUNT.check(value)) is int

    @pytest.mark.parametrize("value", [0, -1, 101, 1.5, 1e300, math.inf, -math.inf, math.nan, HUGE, *NOT_NUMBERS])
    def test_refuses_everything_else_and_tells_the_range(self, value: Any) -> None:
        assert "a whole number from 1 to 100, not" in refusal(COUNT, value)

    @pytest.mark.parametrize("text", ["", "many", "1.5", "0", "101", "-3", "nan", pytest.param("9" * 5000, id="9...")])
    def test_refuses_text_and_tells_the_range(self, text: str) -> None:
        assert "a whole number from 1 to 100, not" in refusal(COUNT, text, typed=True)

    def test_0_can_have_a_name(self) -> None:
        assert BATCH.format(0) == "full batch"
        assert [BATCH.parse(text) for text in ("full batch", " Full Batch", "full", "0")] == [0, 0, 0, 0]
        assert "a whole number from 1 to 100, or “full batch”, not 101" in refusal(BATCH, 101)

    @given(st.integers(0, 100))
    def test_reads_what_it_wrote(self, value: int) -> None:
        assert BATCH.parse(BATCH.format(value)) == value


class TestChoiceSpec:
    @pytest.mark.parametrize("text", ["dark_blue", "dark-blue", " Dark Blue ", "DARK_BLUE"])
    def test_reads_a_choice_however_it_is_written(self, text: str) -> None:
        assert COLOUR.parse(text) == "dark_blue"

    @pytest.mark.parametrize("value", ["", "green", "Red", None, True, 0, ["red"]])
    def test_refuses_what_is_no_choice_and_tells_them(self, value: Any) -> None:
        assert "one of red, dark_blue, not" in refusal(COLOUR, value)

    def test_offers_the_nearest_choice(self) -> None:
        assert refusal(COLOUR, "dark_bleu").endswith("Did you mean dark_blue?")
        assert "Did you mean" not in refusal(COLOUR, "xyzzy")

    def test_reads_what_it_wrote(self) -> None:
        assert [COLOUR.parse(COLOUR.format(key)) for key, _ in COLOUR.choices] == ["red", "dark_blue"]


class TestSwitchSpec:
    @pytest.mark.parametrize("value", [True, False])
    def test_reads_what_it_wrote(self, value: bool) -> None:
        assert SWITCH.parse(SWITCH.format(value)) is value
        assert SWITCH.check(value) is value

    def test_reads_what_people_type(self) -> None:
        assert [SWITCH.parse(text) for text in ("YES", " on", "true", "1")] == [True] * 4
        assert [SWITCH.parse(text) for text in ("No", "off ", "false", "0")] == [False] * 4

    @pytest.mark.parametrize("value", [0, 1, "yes", None])
    def test_refuses_what_is_neither_true_nor_false(self, value: Any) -> None:
        assert "yes or no" in refusal(SWITCH, value)

    @pytest.mark.parametrize("text", ["", "maybe", "2"])
    def test_refuses_other_text_and_shows_it(self, text: str) -> None:
        assert f"yes or no, not “{text}”" in refusal(SWITCH, text, typed=True)


class TestListSpec:
    @pytest.mark.parametrize(
        ("value", "numbers"), [((), ()), ([], ()), ([1, 100], (1, 100)), ((3.0,), (3,)), ((1, 2, 3), (1, 2, 3))]
    )
    def test_accepts_numbers_that_its_item_accepts_as_a_tuple_of_them(self, value: Any, numbers: tuple) -> None:
        found = COUNTS.check(value)
        assert found == numbers
        assert isinstance(found, tuple)
        assert {type(number) for number in found} <= {int}

    @pytest.mark.parametrize("value", [0, 5, 1.5, "1, 2", None, True, {1, 2}, {"a": 1}, COUNTS])
    def test_refuses_what_is_no_list(self, value: Any) -> None:
        message = refusal(COUNTS, value)
        assert "up to 3 numbers, each a whole number from 1 to 100, or “none”" in message

    def test_refuses_too_many_and_says_how_many(self) -> None:
        assert refusal(COUNTS, (1,) * 4).endswith("not 4 numbers.")
        assert refusal(COUNTS, "1 2 3 4", typed=True).endswith("not 4 numbers.")

    @pytest.mark.parametrize("bad", [0, 101, 1.5, math.nan, HUGE, *NOT_NUMBERS])
    def test_refuses_a_number_its_item_refuses_under_its_own_name(self, bad: Any) -> None:
        with pytest.raises(SettingError, match="a whole number from 1 to 100, not") as caught:
            COUNTS.check((1, bad))
        assert caught.value.key == "counts"

    @pytest.mark.parametrize("text", ["0", "1, 101", "one", "1; 2", "1.5", "1, two", "none, 1", "1-2"])
    def test_refuses_typed_text_under_its_own_name(self, text: str) -> None:
        with pytest.raises(SettingError, match="a whole number from 1 to 100, not") as caught:
            COUNTS.parse(text)
        assert caught.value.key == "counts"

    @pytest.mark.parametrize("text", ["16,8", "16, 8", " 16  8 ", "16 ,8,", "16\t8"])
    def test_reads_numbers_however_they_are_parted(self, text: str) -> None:
        assert COUNTS.parse(text) == (16, 8)

    @pytest.mark.parametrize("text", ["", "  ", "none", " None "])
    def test_reads_that_there_are_none(self, text: str) -> None:
        assert COUNTS.parse(text) == ()

    def test_writes_shortly(self) -> None:
        assert [COUNTS.format(value) for value in ((), (16,), (16, 8))] == ["none", "16", "16, 8"]
        assert RATES.format((1.0, 0.5)) == "1, 0.5"

    @given(st.lists(st.floats(0.0, 1000.0, exclude_min=True), max_size=20).map(tuple))
    def test_reads_what_it_wrote(self, value: tuple[float, ...]) -> None:
        assert RATES.parse(RATES.format(value)) == value


class TestApplies:
    @pytest.mark.parametrize("spec", [POSITIVE, COUNT, COLOUR, SWITCH, COUNTS], ids=lambda spec: type(spec).__name__)
    def test_a_setting_matters_always_unless_told_otherwise(self, spec: Spec) -> None:
        assert spec.applies is always
        assert spec.applies(object()) is True

    def test_a_setting_may_depend_on_the_others(self) -> None:
        spec = replace(COUNT, applies=lambda settings: settings.share > 0.5)
        assert [spec.applies(Settings(share=share)) for share in (0.25, 0.75)] == [False, True]


@dataclass(frozen=True)
class Settings:
    count: Any = 5
    share: Any = 1

    def __post_init__(self) -> None:
        check_all((COUNT, CLOSED), self)


def test_check_all_stores_every_setting_as_its_specs_type() -> None:
    settings = Settings(count=7.0, share=1)
    assert (type(settings.count), type(settings.share)) == (int, float)
    assert settings == Settings(count=7, share=1.0)


def test_check_all_names_the_setting_that_is_wrong() -> None:
    with pytest.raises(SettingError) as caught:
        replace(Settings(), share=2)
    assert caught.value.key == "share"
