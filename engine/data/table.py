"""A file -> a table of typed columns."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engine.data.text import read_text
from engine.errors import DataError, FileFormatError
from engine.suggestions import did_you_mean

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", ",": "commas"}  # first wins where all fit alike
MISSING = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "Null", "?")
LABEL_WORDS = ("class", "label", "target", "species", "diagnosis", "outcome", "category", "digit", "type", "y")
FEW_VALUES = 50
SAMPLE_CHARACTERS = 200_000
SAMPLE_ROWS = 50
CHUNK_ROWS = 5_000
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE | re.ASCII)
DECIMAL_COMMA = r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d*)?(?:[eE][+-]?\d+)?$"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Named columns of one length, before anything was decided about them.

    ``name`` is what the user calls it ("customers.csv"). In ``frame``, numbers have a numeric type, everything else is
    String, and missing is null; infinities stay. ``notes`` say in plain sentences how the file was read.
    """

    name: str
    frame: pl.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of rows, the header not counted."""
        return self.frame.height

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, each once, from left to right."""
        return tuple(self.frame.columns)

    @property
    def suggested_target(self) -> str:
        """The column that most likely names the classes.

        It is called like a label and has few distinct values; else it is the last column with few distinct values;
        else the last column.
        """
        names = sorted((name for name in self.column_names if _label_rank(name)[0] < len(LABEL_WORDS)), key=_label_rank)
        candidates = itertools.chain(names, reversed(self.column_names))
        return next((name for name in candidates if self._has_few_values(name)), self.column_names[-1])

    def column(self, name: str) -> pl.Series:
        """Return the column called ``name``; raise DataError, with the nearest name, where there is none."""
        try:
            return self.frame.get_column(name)
        except pl.exceptions.ColumnNotFoundError:
            raise DataError(f"{self.name} has no column {name}.{did_you_mean(name, self.column_names)}") from None

    def is_numeric(self, name: str) -> bool:
        """Whether the column called ``name`` holds numbers; raise DataError where there is no such column."""
        return self.column(name).dtype.is_numeric()

    def cell(self, row: int, column: int) -> str:
        """What a table view shows at ``row``, ``column``, both from 0: "" for missing, integers without ".0"."""
        return as_text(self.frame.to_series(column).slice(row, 1)).item() or ""

    def _has_few_values(self, name: str) -> bool:
        return 2 <= self.frame.get_column(name).drop_nulls().n_unique() <= min(FEW_VALUES, max(2, self.n_rows // 2))


def as_text(series: pl.Series) -> pl.Series:
    """Return ``series`` as text, missing staying null and whole numbers without ".0"."""
    if series.dtype.is_float():
        return pl.Series(series.name, [None if value is None else _number_text(value) for value in series], pl.String)
    return series.cast(pl.String)


def read_table(path: Path) -> Table:
    """Read the delimited text file at ``path``; encoding, separator and header are found out.

    Cells are stripped of surrounding blanks; the markers in ``MISSING`` are read as missing.
    Raises DataError where the file cannot be opened or has no row, FileFormatError where it is no table.
    """
    decoded = read_text(path)
    separator = _find_separator(decoded.text)
    notes = [] if decoded.encoding == "UTF-8" else [f"The text is encoded in {decoded.encoding}."]
    cells, n_blank = _split(decoded.text, separator, path.name)
    if separator != "," and cells.width > 1:
        notes.append(f"Columns are separated by {SEPARATORS[separator]}.")
    if n_blank:
        notes.append("1 blank row skipped." if n_blank == 1 else f"{n_blank:,} blank rows skipped.")
    cells = cells.select(pl.all().str.strip_chars().replace(dict.fromkeys(MISSING)))
    names, cells, name_notes = _take_names(cells)
    if cells.is_empty():
        raise DataError(f"{path.name} holds a header and no rows.")
    columns = [
        _typed(column, decimal_comma=separator != ",").alias(name) for column, name in zip(cells, names, strict=True)
    ]
    return Table(path.name, pl.DataFrame(columns), (*notes, *name_notes))


def _label_rank(name: str) -> tuple[int, bool]:
    """Where ``name`` stands among the label words, smaller being better; "class" before "income class"."""
    words = re.split(r"[\W_]+", name.lower())
    rank = next((i for i, word in enumerate(LABEL_WORDS) if word in (words[0], words[-1])), len(LABEL_WORDS))
    return rank, len(words) > 1


def _number_text(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)


def _find_separator(text: str) -> str:
    """Return the separator that splits the most of the first rows into as many fields as the header has."""
    sample = text[:SAMPLE_CHARACTERS]
    scores = {separator: _consistency(sample, separator, len(sample) < len(text)) for separator in SEPARATORS}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] > 0 else ","


def _consistency(sample: str, separator: str, is_cut: bool) -> float:
    """Share of the rows in ``sample`` that have the header's number of fields; 0 where that is one."""
    widths: list[int] = []
    try:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=separator, skipinitialspace=True)
        widths.extend(len(row) for row in rows if any(row))
    except csv.Error:
        pass  # an endless field: extend() has kept the rows before it, and they decide
    if is_cut and len(widths) > 1:
        widths.pop()
    return widths.count(widths[0]) / len(widths) if widths and widths[0] > 1 else 0.0


def _split(text: str, separator: str, name: str) -> tuple[pl.DataFrame, int]:
    """Return the cells of ``text`` as a frame of strings, header included, and the number of blank rows left out."""
    if '"' in text:
        return _split_quoted(text, separator, name)
    return _split_plain(text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n"), separator, name)


def _split_plain(text: str, separator: str, name: str) -> tuple[pl.DataFrame, int]:
    """Split text without quotation marks, one row a line, at the speed of polars."""
    lines = text.split("\n")
    filled = [number for number, line in enumerate(lines, start=1) if line.strip(" ")]
    if len(filled) < len(lines):
        text = "\n".join(lines[number - 1] for number in filled)
    fields = pl.Series(text.split("\n")).str.count_matches(separator, literal=True) + 1
    ragged = (fields != fields[0]).arg_true()
    if len(ragged):
        raise _ragged(name, filled[ragged[0]], fields[ragged[0]], fields[0])
    # polars would fill up short rows in silence and guess types from the first: rows are checked above, types later
    cells = pl.read_csv(text.encode(), separator=separator, has_header=False, quote_char=None, infer_schema=False)
    return cells, len(lines) - len(filled)


def _split_quoted(text: str, separator: str, name: str) -> tuple[pl.DataFrame, int]:
    """Split text with quotation marks by the rules of the csv module, which can tell the line of each row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    chunks, n_blank, width = [], 0, 0
    rows = _numbered(reader, name)
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        width = width or next((len(row) for _, row in chunk if row not in ([], [""])), 0)
        filled = [(line, row) for line, row in chunk if row and (len(row) == width or row != [""])]
        for line, row in filled:
            if len(row) != width:
                raise _ragged(name, line, len(row), width)
        n_blank += len(chunk) - len(filled)
        if filled:
            columns = zip(*(row for _, row in filled), strict=True)
            chunks.append(
                pl.DataFrame({f"{i}": pl.Series(column, dtype=pl.String) for i, column in enumerate(columns)})
            )
    if not chunks:
        raise FileFormatError(f"{name} is empty; a table with a header and rows is expected.")
    return pl.concat(chunks), n_blank


def _numbered(reader: Iterator[list[str]], name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line it begins on; raise FileFormatError for quotation marks that do not pair."""
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        raise FileFormatError(
            f"{name}, line {line}: the row cannot be split into fields ({error}). "
            "Is a quotation mark not closed, or not doubled inside a quoted field?"
        ) from None


def _ragged(name: str, line: int, found: int, expected: int) -> FileFormatError:
    fields = "1 field" if found == 1 else f"{found:,} fields"
    return FileFormatError(f"{name}, line {line}: {fields} found, {expected:,} expected as in the first row.")


def _take_names(cells: pl.DataFrame) -> tuple[list[str], pl.DataFrame, list[str]]:
    """Split ``cells`` into column names and rows; notes say what the names needed."""
    if not _has_header(cells.head(SAMPLE_ROWS)):
        names = [f"column {i}" for i in range(1, cells.width + 1)]
        return names, cells, [f"No header found: the columns are named column 1 to column {cells.width}."]
    wanted = [name or f"column {i}" for i, name in enumerate(cells.row(0), start=1)]
    names = _unique(wanted)
    renamed = [name for name, old in zip(names, wanted, strict=True) if name != old]
    notes = [f"Column names found twice were made unique: {_listed(renamed)}."] if renamed else []
    return names, cells.slice(1), notes


def _has_header(cells: pl.DataFrame) -> bool:
    """Whether the first row names the columns: it holds text above numbers, or text that never comes again below."""
    first = cells.row(0)
    if cells.height == 1 or _is_count(first):
        return cells.height > 1 or not any(map(_is_number, first))
    below = [column.slice(1).drop_nulls().to_list() for column in cells]
    above_numbers = [head for head, values in zip(first, below, strict=True) if values and all(map(_is_number, values))]
    if any(above_numbers):
        numbers = sum(map(_is_number, above_numbers))
        return 2 * numbers <= len([head for head in above_numbers if head])
    again = sum(head in values for head, values in zip(first, below, strict=True))
    return 2 * again < cells.width


def _is_count(row: tuple[str | None, ...]) -> bool:
    """Whether a row holds 0, 1, 2, ...: the column names of a table written without names."""
    digits = [cell for cell in row if cell and _is_number(cell)]
    return len(digits) >= 3 and digits == [str(i) for i in range(len(digits))]


def _is_number(cell: str | None) -> bool:
    return bool(cell and (NUMBER.fullmatch(cell) or re.match(DECIMAL_COMMA, cell, re.ASCII)))


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


def _typed(column: pl.Series, decimal_comma: bool) -> pl.Series:
    """Return ``column`` as integers or real numbers where every value is one, else as the text it is."""
    n_missing = column.null_count()
    if n_missing == len(column):
        return column
    for dtype in (pl.Int64(), pl.Float64()):
        numbers = column.cast(dtype, strict=False)
        if numbers.null_count() == n_missing:
            return numbers.fill_nan(None) if dtype.is_float() else numbers
    if decimal_comma and column.str.contains(DECIMAL_COMMA).all():
        plain = column.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
        return plain.cast(pl.Float64)
    return column
