"""Which column names the classes, and the classes that a column names."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs

from engine.arrays import IntArray
from engine.data.columns import as_text, pick
from engine.errors import TargetError

LABEL_WORDS = ("class", "label", "target", "species", "diagnosis", "outcome", "category", "digit", "type", "y")
FEW_VALUES = 50
MAX_CLASSES = 1000
MAX_REAL_CLASSES = 50
SAMPLE_ROWS = 1000


def suggest_target(frame: pl.DataFrame) -> str:
    """Return the column that most likely names the classes.

    It is called like a label and can be a target, one whose values come again before one of names or numbers that are
    all different; else it is the last column with few distinct values; else the last column.
    """
    values = _values(pick(frame, [name for name in frame.columns if is_label_name(name)]))
    labels = [name for name, found in values.items() if found.can_be_classes]
    if labels:
        return min(labels, key=lambda name: (not values[name].come_again, _label_rank(name)))
    # few values in all are few in the first rows, and those are counted at once
    few_above = [name for name, found in _values(frame.head(SAMPLE_ROWS)).items() if found.n_distinct <= FEW_VALUES]
    few = [name for name, found in _values(pick(frame, few_above)).items() if found.are_few]
    return few[-1] if few else frame.columns[-1]


def is_label_name(name: str) -> bool:
    """Whether a column called ``name`` is called like a label: "species", "Class Label"."""
    return _label_rank(name)[0] < len(LABEL_WORDS)


def labels_of(column: pl.Series, table_name: str) -> pl.Series:
    """Return ``column`` as text, null where it is missing or infinite; raise TargetError for measurements."""
    if not column.dtype.is_float():
        return column if column.dtype == pl.Enum else as_text(column)
    found = _values(column.to_frame())[column.name]
    if found.is_measurement:
        rows = "1 row" if found.count == 1 else f"{found.count:,} rows"
        raise TargetError(
            f"{table_name}: {column.name} holds {found.n_distinct:,} different real numbers in {rows}, "
            f"which is a measurement and not a class (at most {found.real_limit} different ones are taken as classes "
            "here). Choose a column with few distinct values."
        )
    return as_text(column.set(~column.is_finite().fill_null(False), None))


def classes_of(labels: pl.Series, table_name: str) -> tuple[tuple[str, ...], IntArray]:
    """Return the class names and y (N,) of ``labels`` without null; a column without an order of its own is sorted.

    Raises TargetError where there are fewer than two classes, or more than ``MAX_CLASSES``.
    """
    distinct = labels.unique().to_list()
    if len(distinct) == 1:
        raise TargetError(
            f"{table_name}: {labels.name} has only one class, “{distinct[0]}”; training needs at least two. "
            "Choose another target column."
        )
    if len(distinct) > MAX_CLASSES:
        raise TargetError(
            f"{table_name}: {labels.name} has {len(distinct):,} different values; at most {MAX_CLASSES:,} classes can "
            "be trained. Choose a column with fewer distinct values."
        )
    ordered = labels.dtype == pl.Enum
    names = labels.unique().sort().to_list() if ordered else sorted(distinct, key=_number_or_name(distinct))
    numbers = {name: i for i, name in enumerate(names)}
    return tuple(names), np.array([numbers[label] for label in labels], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Values:
    """What matters of a column's values, missing and infinite ones left aside."""

    n_rows: int  # of the table
    count: int
    n_distinct: int
    whole: bool

    @property
    def real_limit(self) -> int:
        """How many different real numbers are taken as classes."""
        return min(MAX_REAL_CLASSES, max(2, self.count // 2))

    @property
    def is_measurement(self) -> bool:
        return not self.whole and self.n_distinct > self.real_limit

    @property
    def can_be_classes(self) -> bool:
        return 2 <= self.n_distinct <= MAX_CLASSES and not self.is_measurement

    @property
    def come_again(self) -> bool:
        return self.n_distinct <= max(2, self.n_rows // 2)

    @property
    def are_few(self) -> bool:
        return self.can_be_classes and self.come_again and self.n_distinct <= FEW_VALUES


def _values(frame: pl.DataFrame) -> dict[str, _Values]:
    """Look at all columns of ``frame`` in a few calls."""
    real = cs.float()
    frame = frame.with_columns(pl.when(real.is_finite()).then(real))
    broken = {column.name for column in frame.select((real != real.floor()).any()) if column.any()}
    return {
        column.name: _Values(
            frame.height, frame.height - frame[column.name].null_count(), column.item(), column.name not in broken
        )
        for column in frame.select(pl.all().drop_nulls().n_unique())
    }


def _label_rank(name: str) -> tuple[int, bool]:
    """Where ``name`` stands among the label words, smaller being better; "class" before "income class"."""
    words = re.split(r"[\W_]+", name.lower())
    rank = next((i for i, word in enumerate(LABEL_WORDS) if word in (words[0], words[-1])), len(LABEL_WORDS))
    return rank, len(words) > 1


def _number_or_name(labels: Sequence[str]) -> Any:
    """Return the key that sorts ``labels``: by number where all are numbers, so that "10" follows "9"."""
    try:
        numbers = {label: float(label) for label in labels}
    except ValueError:
        return str
    if any(map(math.isnan, numbers.values())):  # text such as "-nan" has no place among numbers
        return str
    return lambda label: (numbers[label], label)
