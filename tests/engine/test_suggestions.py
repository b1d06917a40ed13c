import pytest

from engine.suggestions import did_you_mean


def test_did_you_mean() -> None:
    assert did_you_mean("SPECEIS", ["island", "species"]) == " Did you mean species?"
    assert did_you_mean("zzz", ["island", "species"]) == ""


@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("nosuch.csv", "nul.csv"),
        ("nosuch.csv", "no.csv"),
        ("a.csv", "b.csv"),
        ("train.csv", "test.csv"),
        ("x1", "x"),
    ],
)
def test_what_is_merely_alike_is_not_offered(name: str, choice: str) -> None:
    assert did_you_mean(name, [choice]) == ""


@pytest.mark.parametrize(
    ("name", "choice"), [("irsi", "iris"), ("pengiuns.csv", "Penguins.csv"), ("petal.lenght", "petal.length")]
)
def test_a_slip_of_the_keys_is_understood(name: str, choice: str) -> None:
    assert did_you_mean(name, ["zzz", choice]) == f" Did you mean {choice}?"


def test_a_beginning_is_completed_where_there_is_one_way() -> None:
    assert did_you_mean("--learn", ["--learning-rate", "--l2"]) == " Did you mean --learning-rate?"
    assert did_you_mean("spe", ["species", "spectrum"]) == ""
    assert did_you_mean("no", ["nonsense"]) == ""
