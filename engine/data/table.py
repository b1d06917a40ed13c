"""A file -> a table of typed columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engine.data.cells import SEPARATORS, find_separator, split
from engine.data.columns import as_text, take_names, typed
from engine.data.target import suggest_target
from engine.data.text import read_text
from engine.errors import DataError
from engine.suggestions import did_you_mean


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
        """The column that most likely names the classes: see ``suggest_target``."""
        return suggest_target(self.frame)

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


def read_table(path: Path) -> Table:
    """Read the delimited text file at ``path``; encoding, separator and header are found out.

    Cells are stripped of surrounding blanks; the markers in ``MISSING`` are read as missing.
    Raises DataError where the file cannot be opened or has no row, FileFormatError where it is no table.
    """
    decoded = read_text(path)
    separator = find_separator(decoded.text)
    notes = [] if decoded.encoding == "UTF-8" else [f"The text is encoded in {decoded.encoding}."]
    cells, n_blank = split(decoded.text, separator, path.name)
    if separator != "," and cells.width > 1:
        notes.append(f"Columns are separated by {SEPARATORS[separator]}.")
    if n_blank:
        notes.append("1 blank row skipped." if n_blank == 1 else f"{n_blank:,} blank rows skipped.")
    names, cells, name_notes = take_names(cells)
    if cells.is_empty():
        raise DataError(f"{path.name} holds a header and no rows.")
    frame = typed(cells, decimal_comma=separator != ",")
    frame.columns = names
    return Table(path.name, frame, (*notes, *name_notes))
