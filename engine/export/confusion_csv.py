"""A confusion matrix as comma-separated text, for spreadsheets: RFC 4180."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from engine.arrays import FloatArray, IntArray

CORNER = "actual \\ predicted"


def confusion_csv(values: IntArray | FloatArray, class_names: Sequence[str]) -> str:
    """Return ``values`` (C, C), a row an actual class, a column a predicted one, under and beside their names.

    Counts are written as they are, other numbers with ten significant digits, NaN as an empty field. Names are quoted
    where they hold a comma, a quotation mark or a line break.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow((CORNER, *class_names))
    for name, row in zip(class_names, values.tolist(), strict=True):
        writer.writerow((name, *map(_field, row)))
    return buffer.getvalue()


def _field(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return "" if value != value else f"{value:.10g}"
