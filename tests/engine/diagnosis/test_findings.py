import pytest

from engine.diagnosis import Cause, Symptom
from engine.diagnosis.findings import name, number

NAMES = (
    "rate", "bound", "times", "epochs", "batch", "momentum", "memory", "column", "scale", "init", "start", "chance",
    "share", "heaviest", "l1", "l2", "push",
)  # fmt: skip
FIGURES = dict.fromkeys(NAMES, "7")


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_can_say_its_sentence(cause: Cause) -> None:
    sentence = cause.sentence(FIGURES)
    assert not sentence[0].islower()
    assert sentence.endswith(".")
    assert "{" not in sentence


@pytest.mark.parametrize("symptom", Symptom)
def test_every_symptom_can_say_its_sentence(symptom: Symptom) -> None:
    assert symptom.sentence.endswith(".")


def test_braces_in_a_name_are_letters() -> None:
    assert "“{rate}”" in Cause.UNSCALED_COLUMN.sentence(FIGURES | {"column": "{rate}"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.123456, "0.123"),
        (999.9999, "1,000"),
        (123456.0, "123,000"),
        (0.00032, "0.00032"),
        (6.274e26, "6.3e+26"),
        (1.6e-8, "1.6e-08"),
        (-12.5, "-12.5"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_numbers_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("text", "shown"), [("", ""), ("a" * 40, "a" * 40), ("b" * 41, "b" * 39 + "…")])
def test_long_names_are_cut(text: str, shown: str) -> None:
    assert name(text) == shown
