"""What the confusion matrix says in words: of a cell, of a class, and on the whole."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.plots.confusion_cells import ConfusionCells, percent
from gui.plots.confusion_count import Found
from gui.plots.wording import count_text, one_line


def cell_facts(cells: ConfusionCells, names: tuple[str, ...], actual: int, predicted: int) -> list[str]:
    """Everything about one cell, a phrase each."""
    count = int(cells.counts[actual, predicted])
    row, column = int(cells.row_totals[actual]), int(cells.column_totals[predicted])
    return [
        QCoreApplication.translate("Confusion", "actual {name}").format(name=one_line(names[actual])),
        QCoreApplication.translate("Confusion", "predicted {name}").format(name=one_line(names[predicted])),
        count_text(count),
        QCoreApplication.translate("Confusion", "{share} % of the row").format(share=percent(count, row)),
        QCoreApplication.translate("Confusion", "{share} % of the column").format(share=percent(count, column)),
    ]


def row_facts(cells: ConfusionCells, names: tuple[str, ...], actual: int) -> str:
    """How many examples a class has, and how many of them are recognised."""
    total, right = int(cells.row_totals[actual]), int(cells.counts[actual, actual])
    return QCoreApplication.translate(
        "Confusion", "actual {name}\n{count}, {share} % of them recognised (recall)"
    ).format(name=one_line(names[actual]), count=count_text(total), share=percent(right, total))


def column_facts(cells: ConfusionCells, names: tuple[str, ...], predicted: int) -> str:
    """How many examples are taken for a class, and how many of them rightly."""
    total, right = int(cells.column_totals[predicted]), int(cells.counts[predicted, predicted])
    text = QCoreApplication.translate(
        "Confusion", "predicted {name}\n{count}, {share} % of them rightly so (precision)"
    )
    return text.format(name=one_line(names[predicted]), count=count_text(total), share=percent(right, total))


def summary(cells: ConfusionCells, n_unknown: int) -> str:
    """The accuracy, and how many examples could not be counted."""
    text = QCoreApplication.translate("Confusion", "{right} of {count} right: accuracy {share} %").format(
        right=f"{cells.right:,}", count=count_text(cells.total), share=percent(cells.right, cells.total)
    )
    if n_unknown:
        left_out = QCoreApplication.translate("Confusion", "; {count} without probabilities left out")
        text += left_out.format(count=count_text(n_unknown))
    return text


def why_nothing(found: Found) -> str:
    """Why there are no cells."""
    if found.n_chosen == 0:
        return QCoreApplication.translate("Confusion", "There is no example in this part of the data.")
    return QCoreApplication.translate(
        "Confusion",
        "The training has diverged: the probabilities are no longer numbers, so there is nothing to count. "
        "A smaller learning rate may help.",
    )
