"""Cells of text -> columns: their names, and numbers where every value is one.

A table may have thousands of columns: whole frames are worked on, for each call on a single column has a price.
"""

from __future__ import annotations

import itertools
import re

import polars as pl
import polars.selectors as cs

from engine.data.cells import MISSING

SAMPLE_ROWS = 50
DECIMAL_COMMA = r"^[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,[0-9]*)?(?:[eE][+-]?[0-9]+)?$"
DECIMAL_POINT = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
NUMBER = rf"{DECIMAL_POINT}|{DECIMAL_COMMA}|^[+-]?(?i:inf(?:inity)?)$"


def as_text(series: pl.Series) -> pl.Series:
    """Return ``series`` as text, missing staying null and whole numbers without ".0"."""
    if series.dtype.is_float():
        return pl.Series(series.name, [None if value is None else _number_text(value) for value in series], pl.String)
    return series.cast(pl.String)


def pick(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Return the columns ``names`` of ``frame``; ``select`` would take a name like "^.*$" for a pattern."""
    return frame[names] if names else pl.DataFrame()  # frame[[]] is no row of every column


def take_names(cells: pl.DataFrame) -> tuple[list[str], pl.DataFrame, list[str]]:
    """Split ``cells`` into column names, each once, and rows; notes say what the names needed."""
    height = min(cells.height, SAMPLE_ROWS)
    sample = _cleaned(cells.head(SAMPLE_ROWS).unpivot().select("value")).to_series()  # column after column
    if not _has_header(sample, height):
        names = [f"column {i}" for i in range(1, cells.width + 1)]
        return names, cells, [f"No header found: the columns are named column 1 to column {cells.width}."]
    wanted = [name or f"column {i}" for i, name in enumerate(sample.gather_every(height), start=1)]
    names = _unique(wanted)
    renamed = [name for name, old in zip(names, wanted, strict=True) if name != old]
    notes = [f"Column names found twice were made unique: {_listed(renamed)}."] if renamed else []
    return names, cells.slice(1), notes


def typed(cells: pl.DataFrame, decimal_comma: bool) -> pl.DataFrame:
    """Return ``cells`` with each column as integers or real numbers where every value is one, else as stripped text.

    What is missing is null; "1.234,5" is a number with ``decimal_comma``.
    """
    columns = _numbers(cells)
    left = _cleaned(cells.drop(columns))
    columns |= {column.name: column for column in left} | _numbers(left)
    if decimal_comma:
        columns |= _decimal_commas(pick(left, [name for name in left.columns if columns[name].dtype == pl.String]))
    return pl.DataFrame([columns[name] for name in cells.columns])


def _cleaned(cells: pl.DataFrame) -> pl.DataFrame:
    """Return ``cells`` without surrounding blanks, null where they are missing."""
    text = pl.all().str.strip_chars()
    return cells.select(pl.when(~text.is_in(MISSING)).then(text))


def _numbers(cells: pl.DataFrame) -> dict[str, pl.Series]:
    """Return the columns that hold nothing but numbers, at least one, and null."""
    found: dict[str, pl.Series] = {}
    for dtype in (pl.Int64, pl.Float64):
        numbers = cells.cast(dtype, strict=False)
        pairs = zip(cells, numbers, strict=True)
        fit = [after.name for before, after in pairs if before.null_count() == after.null_count() < len(before)]
        found |= {column.name: column for column in _without_nan(pick(numbers, fit))}
        cells = cells.drop(fit)
    return found


def _without_nan(numbers: pl.DataFrame) -> pl.DataFrame:
    """Return ``numbers`` with null for NaN, which some spelling of it has become."""
    found = numbers.select(cs.float().is_nan().any())
    return numbers.with_columns(pl.col(column.name for column in found if column.item()).fill_nan(None))


def _decimal_commas(cells: pl.DataFrame) -> dict[str, pl.Series]:
    """Return the columns that hold nothing but numbers written as "1.234,5", at least one, and null."""
    fits = cells.select(pl.all().str.contains(DECIMAL_COMMA).all() & pl.all().is_not_null().any())
    chosen = pick(cells, [column.name for column in fits if column.item()])
    plain = chosen.select(pl.all().str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
    return {column.name: column for column in plain.cast(pl.Float64)}


def _has_header(values: pl.Series, height: int) -> bool:
    """Whether the first row names the columns: it holds text above numbers, or text that never comes again below.

    ``values`` are those of the first column, ``height`` of them, then of the second, and so on.
    """
    first = values.gather_every(height).to_list()
    if height == 1 or _is_count(first):
        return height > 1 or not any(map(_is_number, first))
    filled = values.is_not_null().to_numpy().reshape(-1, height)
    numbers = values.str.contains(NUMBER).fill_null(False).to_numpy().reshape(-1, height)
    hold_numbers = (numbers == filled)[:, 1:].all(axis=1) & filled[:, 1:].any(axis=1)
    above_numbers = [head for head, is_above in zip(first, hold_numbers, strict=True) if is_above]
    if any(above_numbers):
        return 2 * sum(map(_is_number, above_numbers)) <= len([head for head in above_numbers if head])
    texts = values.to_numpy().reshape(-1, height)
    again = (texts[:, 1:] == texts[:, :1]).any(axis=1) & filled[:, 0]
    return 2 * int(again.sum()) < len(first)


def _is_count(row: list[str | None]) -> bool:
    """Whether a row holds 0, 1, 2, ...: the column names of a table written without names."""
    digits = [cell for cell in row if cell and _is_number(cell)]
    return len(digits) >= 3 and digits == [str(i) for i in range(len(digits))]


def _is_number(cell: str | None) -> bool:
    return bool(cell and re.fullmatch(NUMBER, cell))


def _unique(names: list[str]) -> list[str]:
    """Return ``names`` with " (2)", " (3)", ... after those that come again."""
    names, taken = list(names), set(names)
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            names[i] = next(new for k in itertools.count(2) if (new := f"{name} ({k})") not in taken)
        seen.add(names[i])
        taken.add(names[i])
    return names


def _listed(names: list[str], limit: int = 5) -> str:
    more = f" and {len(names) - limit:,} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _number_text(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
