"""A table -> numbers: features, classes, and plain words on what was done.

text column        one feature per category, "sex = MALE", and "sex missing" where some are missing
numeric column     as it is; missing and infinite values become NaN, for the imputer that knows the training rows
target             whole numbers or text, one class per distinct value
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs

from engine.arrays import FloatArray, read_only
from engine.data.columns import as_text, pick
from engine.data.dataset import Dataset
from engine.data.table import Table
from engine.data.target import classes_of, is_label_name, labels_of
from engine.errors import DataError, ModelFileError, TargetError
from engine.suggestions import did_you_mean

MAX_CATEGORIES = 50
MAX_NOTES = 10  # of one kind: a table may have thousands of columns


@dataclass(frozen=True, slots=True)
class NumericColumn:
    """A column that is one feature as it is."""

    name: str

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The name of the one feature."""
        return (self.name,)

    def to_record(self) -> dict[str, Any]:
        """Return what ``column_from_record`` reads."""
        return {"kind": "numeric", "name": self.name}


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """A text column: one feature per category (one-hot), and one for missing ``with_missing``."""

    name: str
    categories: tuple[str, ...]
    with_missing: bool

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name per category, "sex = MALE", then "sex missing"."""
        missing = (f"{self.name} missing",) if self.with_missing else ()
        return (*(f"{self.name} = {category}" for category in self.categories), *missing)

    def encode(self, column: pl.Series) -> tuple[FloatArray, tuple[str, ...]]:
        """Return (N, k) zeros and ones, and notes; a category that is not among ``categories`` gives zeros only."""
        text = as_text(column)
        positions = {category: i for i, category in enumerate(self.categories)}
        codes = np.array([positions.get(value, -1) for value in text], dtype=np.int64)
        missing = text.is_null().to_numpy()
        if self.with_missing:
            codes[missing] = len(self.categories)
        features = np.zeros((len(codes), len(self.feature_names)))
        known = np.flatnonzero(codes >= 0)
        features[known, codes[known]] = 1.0
        unseen = text.filter(pl.Series(codes == -1) & ~pl.Series(missing))
        return features, (*self._unseen_note(unseen), *self._missing_note(int(missing.sum())))

    def to_record(self) -> dict[str, Any]:
        """Return what ``column_from_record`` reads."""
        return {
            "kind": "category",
            "name": self.name,
            "categories": list(self.categories),
            "with_missing": self.with_missing,
        }

    def _unseen_note(self, unseen: pl.Series) -> tuple[str, ...]:
        if unseen.is_empty():
            return ()
        counts = unseen.value_counts(sort=True).rows()
        listed = ", ".join(f"“{value}” in {_rows(count)}" for value, count in counts[:3])
        more = f" and {len(counts) - 3:,} more" if len(counts) > 3 else ""
        return (f"{self.name}: {listed}{more} not known to the encoding, encoded as zeros.",)

    def _missing_note(self, n_missing: int) -> tuple[str, ...]:
        if n_missing == 0:
            return ()
        if self.with_missing:
            return (f"{self.name}: {n_missing:,} missing, kept as a category of its own.",)
        return (f"{self.name}: {n_missing:,} missing, encoded as zeros: the encoding knows no missing value here.",)


FeatureColumn = NumericColumn | CategoryColumn


@dataclass(frozen=True, slots=True)
class FeatureEncoder:
    """Turns rows of one kind of table into D features; remembers columns and categories, not values."""

    columns: tuple[FeatureColumn, ...]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The D names, in the order of the columns of X."""
        return tuple(itertools.chain.from_iterable(column.feature_names for column in self.columns))

    def encode(self, table: Table) -> tuple[FloatArray, tuple[str, ...]]:
        """Return read-only X (N, D), NaN where a number is missing, and notes.

        Raises DataError where a column is absent, or holds text where numbers are expected.
        """
        X = np.empty((table.n_rows, len(self.feature_names)))
        numbers = _numbers(table, [column.name for column in self.columns if isinstance(column, NumericColumn)])
        notes: list[str] = []
        start = 0
        for column in self.columns:
            stop = start + len(column.feature_names)
            if isinstance(column, CategoryColumn):
                X[:, start:stop], remarks = column.encode(table.column(column.name))
            elif column.name in numbers:
                X[:, start], remarks = numbers[column.name]
            else:
                raise _text_found(table.name, table.column(column.name))
            notes.extend(remarks)
            start = stop
        return read_only(X), _shortened(notes)

    def to_record(self) -> list[dict[str, Any]]:
        """Return the encoder as JSON-serialisable values, for ``from_record``."""
        return [column.to_record() for column in self.columns]

    @classmethod
    def from_record(cls, record: object) -> FeatureEncoder:
        """Return the encoder that ``to_record`` wrote; raise ModelFileError where ``record`` is anything else."""
        if not isinstance(record, list) or not record:
            raise ModelFileError("The model's list of feature columns is empty or no list.")
        columns = tuple(_column_from_record(entry, i) for i, entry in enumerate(record, start=1))
        if len({column.name for column in columns}) < len(columns):
            raise ModelFileError("The model names a feature column twice.")
        return cls(columns)


def encode(table: Table, target: str | None = None) -> Dataset:
    """Return ``table`` as numbers, with the classes of the column ``target``; the notes say what was done.

    Without ``target`` it is the one the table suggests, with a note where its name did not speak for it.
    Raises TargetError where ``target`` is absent or cannot name classes, DataError where no row or feature is left.
    """
    guessed: tuple[str, ...] = ()
    if target is None:
        target = table.suggested_target
        guessed = () if is_label_name(target) else (f"Target guessed: {target}.",)
    if target not in table.column_names:
        raise TargetError(f"{table.name} has no column {target}.{did_you_mean(target, table.column_names)}")
    labels = labels_of(table.column(target), table.name)
    rows = labels.is_not_null().arg_true()
    if rows.is_empty():
        raise DataError(f"{table.name}: {target} is missing in every row. Choose another target column.")
    class_names, y = classes_of(labels.drop_nulls(), table.name)
    kept = dataclasses.replace(table, frame=table.frame[rows]) if len(rows) < table.n_rows else table
    encoder, left_out = _fit(kept, target)
    X, notes = encoder.encode(kept)
    n_dropped = table.n_rows - len(rows)
    dropped = (f"{_rows(n_dropped)} without {target} dropped.",) if n_dropped else ()
    return Dataset(
        name=table.name,
        X=X,
        y=y,
        feature_names=encoder.feature_names,
        class_names=class_names,
        target_name=target,
        encoder=encoder,
        rows=rows.to_numpy().astype(np.int64),
        notes=(*guessed, *dropped, *left_out, *notes),
    )


def _fit(table: Table, target: str) -> tuple[FeatureEncoder, tuple[str, ...]]:
    """Decide how each column but ``target`` becomes features; notes name the columns left out."""
    texts = table.frame.select(~cs.numeric()).select(pl.all().drop_nulls().n_unique())
    n_distinct = {column.name: column.item() for column in texts}
    columns: list[FeatureColumn] = []
    notes = []
    for column in table.frame:
        if column.name == target:
            continue
        if column.null_count() == len(column):
            notes.append(f"{column.name}: every value is missing, column left out.")
        elif column.dtype.is_numeric():
            columns.append(NumericColumn(column.name))
        elif n_distinct[column.name] > MAX_CATEGORIES:
            notes.append(
                f"{column.name}: {n_distinct[column.name]:,} different texts, column left out "
                f"(at most {MAX_CATEGORIES} categories)."
            )
        else:
            categories = tuple(sorted(as_text(column.drop_nulls()).unique()))
            columns.append(CategoryColumn(column.name, categories, column.null_count() > 0))
    if not columns:
        reasons = " ".join(_shortened(notes)) or f"{target} is the only column."
        raise DataError(f"{table.name} has no feature column left besides {target}. {reasons}")
    return FeatureEncoder(tuple(columns)), _shortened(notes)


def _numbers(table: Table, names: Sequence[str]) -> dict[str, tuple[FloatArray, tuple[str, ...]]]:
    """Return (N,) numbers, NaN where missing or infinite, and notes, of those ``names`` that are there without text.

    One block for all: a table may have thousands of columns, and each call on a single one has a price.
    """
    schema = table.frame.schema
    found = pick(table.frame, [name for name in names if name in schema])
    cast = found.cast(pl.Float64, strict=False)
    pairs = zip(found, cast, strict=True)
    intact = [after.name for before, after in pairs if before.null_count() == after.null_count()]
    if not intact:
        return {}
    block = pick(cast, intact).to_numpy(writable=True)
    infinite = np.isinf(block)
    block[infinite] = np.nan
    counts = infinite.sum(axis=0).tolist()
    return {
        name: (numbers, _infinite_note(name, count))
        for name, numbers, count in zip(intact, block.T, counts, strict=True)
    }


def _infinite_note(name: str, count: int) -> tuple[str, ...]:
    values = "1 infinite value" if count == 1 else f"{count:,} infinite values"
    return (f"{name}: {values} treated as missing.",) if count else ()


def _text_found(table_name: str, column: pl.Series) -> DataError:
    row = (column.cast(pl.Float64, strict=False).is_null() & column.is_not_null()).arg_true()[0]
    return DataError(
        f"{table_name}: column {column.name}, row {row + 1} (header and blank rows not counted): "
        f"“{column[row]}” found where a number is expected."
    )


def _column_from_record(entry: object, position: int) -> FeatureColumn:
    match entry:
        case {"kind": "numeric", "name": str(name), **rest} if name and not rest:
            return NumericColumn(name)
        case {"kind": "category", "name": str(name), "categories": list(found), "with_missing": bool(missing), **rest}:
            texts = [category for category in found if isinstance(category, str)]
            if name and found and len(set(texts)) == len(found) and not rest:
                return CategoryColumn(name, tuple(texts), missing)
    raise ModelFileError(
        f"Feature column {position} of the model is neither a numeric nor a category column: {entry!r:.80}"
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _shortened(notes: Sequence[str]) -> tuple[str, ...]:
    more = (f"{len(notes) - MAX_NOTES:,} more remarks of this kind.",) if len(notes) > MAX_NOTES else ()
    return (*notes[:MAX_NOTES], *more)
