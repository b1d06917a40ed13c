from __future__ import annotations

import csv
import io

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from engine.export.confusion_csv import CORNER, confusion_csv

# A lone carriage return or a NUL is no text that a table could have held.
names = st.lists(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\x00"), max_size=12),
    min_size=2,
    max_size=5,
)


def test_counts_as_they_are_written() -> None:
    text = confusion_csv(np.array([[12, 1], [0, 1_000_000]]), ("setosa", 'so-called "wild", red'))
    assert text.splitlines() == [
        f'{CORNER},setosa,"so-called ""wild"", red"',
        "setosa,12,1",
        '"so-called ""wild"", red",0,1000000',
    ]


def test_shares_have_ten_digits_and_unknown_ones_are_empty() -> None:
    text = confusion_csv(np.array([[100 / 3, 200 / 3], [np.nan, np.nan]]), ("a", "b"))
    assert text.splitlines()[1:] == ["a,33.33333333,66.66666667", "b,,"]


@given(names)
def test_any_names_come_back(class_names: list[str]) -> None:
    counts = np.arange(len(class_names) ** 2).reshape(len(class_names), -1)
    rows = list(csv.reader(io.StringIO(confusion_csv(counts, class_names), newline="")))
    assert rows[0] == [CORNER, *class_names]
    assert [row[0] for row in rows[1:]] == class_names
    assert [[int(field) for field in row[1:]] for row in rows[1:]] == counts.tolist()


def test_another_reader_agrees() -> None:
    text = confusion_csv(np.array([[1, 2], [3, 4]]), ("붓꽃, 꽃", "two\nlines"))
    frame = pl.read_csv(text.encode())
    assert frame.columns == [CORNER, "붓꽃, 꽃", "two\nlines"]
    assert frame["two\nlines"].to_list() == [2, 4]
