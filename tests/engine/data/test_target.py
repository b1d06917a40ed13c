import io
import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.encoding import encode
from engine.data.table import Table
from engine.data.target import classes_of, is_label_name, suggest_target
from engine.errors import DataError


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("species,x,size\na,1.5,big\nb,2.5,small\na,3.5,big\nb,4.5,small\n", "species"),
        ("x,Class Label,z\n1.5,a,p\n2.5,b,q\n3.5,a,p\n4.5,b,q\n", "Class Label"),
        ("y,z\n1.5,p\n2.5,q\n3.5,p\n4.5,q\n5.5,p\n6.5,q\n", "z"),
        ("color,x,w\nred,1.5,1\nblue,2.5,2\nred,3.5,3\nblue,4.5,4\nred,5.5,5\n", "color"),
        ("a,b\n1.5,1\n2.5,2\n3.5,3\n4.5,4\n5.5,5\n6.5,6\n", "b"),
        ("class,x\nk,1\nk,2\nk,1\nk,2\n", "x"),
    ],
)
def test_the_suggested_target(text: str, target: str) -> None:
    frame = pl.read_csv(io.StringIO(text))
    assert suggest_target(frame) == target
    assert Table("t.csv", frame).suggested_target == target


@pytest.mark.parametrize("n_classes", [100, 300, 1000])
def test_a_label_of_many_classes_is_still_the_target(n_classes: int) -> None:
    labels = [f"k{i % n_classes}" for i in range(1200)]
    frame = pl.DataFrame({"x1": range(1200), "x2": [0, 1, 2] * 400, "label": labels})
    assert suggest_target(frame) == "label"
    assert encode(Table("t.csv", frame)).n_classes == n_classes


@pytest.mark.parametrize(
    "label",
    [
        [f"k{i}" for i in range(1001)],
        [i / 7 for i in range(1001)],
        ["one"] * 1001,
        [None] * 1001,
        [1.0, math.inf, None] * 333 + [1.0, 1.0],
    ],
)
def test_a_label_that_encoding_refuses_is_not_the_target(label: list[object]) -> None:
    frame = pl.DataFrame({"x1": range(1001), "label": label, "x2": [0, 1, 2] * 333 + [0, 1]}, strict=False)
    assert suggest_target(frame) == "x2"
    with pytest.raises(DataError):
        encode(Table("t.csv", frame), "label")


def test_numbers_of_rows_give_way_to_classes() -> None:
    frame = pl.DataFrame({"class_id": range(100), "type": ["a", "b"] * 50})
    assert suggest_target(frame) == "type"
    assert suggest_target(frame.drop("type")) == "class_id"


def test_few_values_are_counted_in_all_rows() -> None:
    first, last = [0, 1] * 500, list(range(2000))
    frame = pl.DataFrame({"a": ["p", "q", "r"] * 1000, "b": first + last})
    assert suggest_target(frame) == "a"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("species", True), ("Class Label", True), ("target_2", True), ("y", True), ("classy", False), ("x2", False)],
)
def test_names_like_labels(name: str, is_one: bool) -> None:
    assert is_label_name(name) is is_one


def test_a_guess_is_noted_and_a_choice_is_not() -> None:
    table = Table("t.csv", pl.DataFrame({"x1": [1.5, 2.5, 3.5, 4.5], "x2": [0, 1, 0, 1]}))
    assert encode(table).notes == ("Target guessed: x2.",)
    assert encode(table, "x2").notes == ()
    named = Table("t.csv", table.frame.rename({"x2": "class"}))
    assert encode(named).target_name == "class"
    assert encode(named).notes == ()


def test_the_order_of_classes_is_the_same_however_they_come() -> None:
    names = ["-nan", "2", "1_0", "3", "10", "1"]
    orders = {classes_of(pl.Series("y", names[i:] + names[:i]), "t.csv")[0] for i in range(len(names))}
    assert orders == {("-nan", "1", "10", "1_0", "2", "3")}


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False), st.integers(0, 3).map(float)), min_size=2))
def test_what_is_called_a_label_is_proposed_exactly_where_encoding_takes_it(values: list[float | None]) -> None:
    frame = pl.DataFrame({"label": values, "x": range(len(values))}, schema={"label": pl.Float64, "x": pl.Int64})
    try:
        encode(Table("t.csv", frame), "label")
    except DataError:
        assert suggest_target(frame) == "x"
    else:
        assert suggest_target(frame) == "label"
