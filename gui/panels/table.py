"""The rows of the data as they were read; a click on one chooses it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QItemSelection, QModelIndex, QPersistentModelIndex, QSignalBlocker, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from engine.data.table import Table
from gui.plain_text import plain_tooltip
from gui.session import Session

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_MEASURED_COLUMNS, _MEASURED_ROWS, _WIDEST = 40, 10, 260
_LONGEST_NUMBER = 10


class TableModel(QAbstractTableModel):
    """A table, cell by cell as the view asks for them."""

    def __init__(self, table: Table, target: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._table = table
        self._names = table.column_names  # once: Qt asks for them thousands of times
        self._target = target

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Rows of the table."""
        return 0 if parent.isValid() else self._table.n_rows

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Columns of the table."""
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The text of a cell; numbers stand at the right."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shortened(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(self._table.cell(index.row(), index.column()))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Column names, the target marked and numbers at the right like their cells; row numbers from 1."""
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return self._alignment(section)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return section + 1
        name = self._name(section)
        return self.tr("{name} (target)").format(name=name) if name == self._target else name

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if self._is_numeric(column) else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _is_numeric(self, column: int) -> bool:
        return self._table.is_numeric(self._name(column))

    def _shortened(self, row: int, column: int) -> str:
        """A cell, a long number with seven significant digits."""
        text = self._table.cell(row, column)
        return f"{float(text):.7g}" if len(text) > _LONGEST_NUMBER and self._is_numeric(column) else text

    def _name(self, column: int) -> str:
        return self._names[column]


class TablePanel(QWidget):
    """A view of the table that follows the chosen example, and chooses one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._view = QTableView(self)
        self._view.setObjectName("table")
        self._view.setAccessibleName(self.tr("Rows of the data set"))
        self._view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._view.setAlternatingRowColors(True)
        self._view.setWordWrap(False)
        self._view.setTabKeyNavigation(False)  # Tab leads on to the next control; arrows move in the table
        self._view.horizontalHeader().setHighlightSections(False)
        self._view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._view.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 8)
        layout.addWidget(self._view)
        session.data_changed.connect(self._show_data)
        session.example_changed.connect(self._show_example)
        self._show_data()

    def _show_data(self) -> None:
        loaded = self._session.loaded
        if loaded is None:
            return
        old = self._view.model()
        self._view.setModel(TableModel(loaded.table, loaded.dataset.target_name, self))
        if old is not None:
            old.deleteLater()
        self._size_columns()
        self._view.selectionModel().selectionChanged.connect(self._choose)
        self._show_example()

    def _size_columns(self) -> None:
        """Room for the headings and the first rows, within reason."""
        header, metrics = self._view.horizontalHeader(), self.fontMetrics()
        model = self._view.model()
        for column in range(min(model.columnCount(), _MEASURED_COLUMNS)):
            texts = [str(model.headerData(column, Qt.Orientation.Horizontal))]
            texts += [str(model.index(row, column).data()) for row in range(min(model.rowCount(), _MEASURED_ROWS))]
            header.resizeSection(column, min(max(map(metrics.horizontalAdvance, texts)) + 22, _WIDEST))

    def _choose(self, selected: QItemSelection) -> None:
        loaded = self._session.loaded
        if loaded is None or selected.isEmpty():
            return
        row = selected.indexes()[0].row()
        example = int(np.searchsorted(loaded.dataset.rows, row))
        if example < loaded.dataset.n_examples and loaded.dataset.rows[example] == row:
            self._session.choose_example(example)
        else:
            self._session.message.emit(self.tr("This row has no class, so it takes no part in the training."))

    def _show_example(self) -> None:
        loaded, selection = self._session.loaded, self._view.selectionModel()
        if loaded is None or selection is None:
            return
        row = int(loaded.dataset.rows[self._session.example])
        if row in {index.row() for index in selection.selectedRows()}:
            return
        with QSignalBlocker(selection):
            self._view.selectRow(row)
        self._view.viewport().update()
        self._view.scrollTo(self._view.model().index(row, 0), QAbstractItemView.ScrollHint.EnsureVisible)
