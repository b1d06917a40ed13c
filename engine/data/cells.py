"""The text of a table -> its cells, still text; separator, blank rows and quotation marks are dealt with."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator

import polars as pl

from engine.errors import FileFormatError

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", ",": "commas"}  # first wins where all fit alike
MISSING = frozenset(("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "Null", "?"))
SAMPLE_CHARACTERS = 200_000
CHUNK_ROWS = 5_000


def find_separator(text: str) -> str:
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


def split(text: str, separator: str, name: str) -> tuple[pl.DataFrame, int]:
    """Return the cells of ``text`` as a frame of strings, header included, and the number of blank rows left out.

    Cells that are one of ``MISSING`` to the letter are null. Raises FileFormatError, with the line, for a row that
    has not as many fields as the first.
    """
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
    cells = pl.read_csv(
        text.encode(),
        separator=separator,
        has_header=False,
        quote_char=None,
        infer_schema=False,
        null_values=list(MISSING),
    )
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
            columns = zip(*([None if cell in MISSING else cell for cell in row] for _, row in filled), strict=True)
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
