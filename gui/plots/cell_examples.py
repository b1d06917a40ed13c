"""The examples in one cell of a confusion matrix, worst first; a click on one chooses it everywhere."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.arrays import IntArray
from engine.data.dataset import Dataset
from gui.plain_text import plain, plain_tooltip
from gui.plots.wording import count_text, loss_text, one_line
from gui.predictions import Predictions
from gui.run_view import RunView

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_LONGEST_NAME = 22
_SHARES = (0.19, 0.2, 0.25, 0.36)  # of the width, per column
_ROWS_SEEN, _LEAST_WIDTH = 4, 236


class CellExamplesModel(QAbstractTableModel):
    """Row number, loss and probabilities of the examples at ``order`` in ``predictions``, as the view asks for them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._predictions: Predictions | None = None
        self._order: IntArray = np.empty(0, dtype=np.int64)

    def show(self, dataset: Dataset, predictions: Predictions, order: IntArray) -> None:
        """List other examples."""
        self.beginResetModel()
        self._dataset, self._predictions, self._order = dataset, predictions, order
        self.endResetModel()

    def clear(self) -> None:
        """List nothing, and keep no data alive."""
        self.beginResetModel()
        self._dataset, self._predictions, self._order = None, None, np.empty(0, dtype=np.int64)
        self.endResetModel()

    def example(self, row: int) -> int | None:
        """The example in a row of the list."""
        if self._predictions is None or not 0 <= row < len(self._order):
            return None
        return int(self._predictions.examples[self._order[row]])

    def row_of(self, example: int) -> int | None:
        """The row of an example; None where it is not in the list."""
        if self._predictions is None:
            return None
        found = np.flatnonzero(self._predictions.examples[self._order] == example)
        return int(found[0]) if len(found) else None

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Examples in the cell."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Row, loss, probability of the actual and of the predicted class."""
        return 0 if parent.isValid() else 4

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The text of a field; all are numbers and stand at the right."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        predictions, dataset = self._predictions, self._dataset
        if role != Qt.ItemDataRole.DisplayRole or predictions is None or dataset is None:
            return None
        k = int(self._order[index.row()])
        match index.column():
            case 0:
                return f"{int(dataset.rows[predictions.examples[k]]) + 1:,}"
            case 1:
                return loss_text(float(predictions.loss[k]), 4)
            case 2:
                return f"{float(predictions.P[k, predictions.y[k]]):.4f}"
            case _:
                return f"{float(predictions.P[k, predictions.predicted[k]]):.4f}"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Short titles, explained by their tooltips; ranks at the left."""
        if orientation == Qt.Orientation.Vertical:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        title, tip = (
            (self.tr("row"), self.tr("Row of the table, counted from 1")),
            (self.tr("loss"), self.tr("Loss of the example in nats: −log of the probability of its actual class")),
            (self.tr("ŷ actual"), self.tr("Probability given to the actual class")),
            (self.tr("ŷ predicted"), self.tr("Probability given to the predicted class")),
        )[section]
        return {Qt.ItemDataRole.DisplayRole: title, Qt.ItemDataRole.ToolTipRole: tip}.get(Qt.ItemDataRole(role))


class CellExamples(QWidget):
    """The list with its heading; ``closed`` asks for it to be put away."""

    closed = Signal()

    def __init__(self, session: RunView, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.model = CellExamplesModel(self)
        self._heading = plain(QLabel(self))
        self._heading.setObjectName("confusion_list_heading")
        self._heading.setWordWrap(True)
        self._heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        close = QToolButton(self)
        close.setObjectName("confusion_list_close")
        close.setText("×")
        close.setToolTip(self.tr("Hide the list (Escape)"))
        close.setAccessibleName(self.tr("Hide the list"))
        close.clicked.connect(self.closed)
        self.view = self._make_view()
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.view, 1)
        session.example_changed.connect(self._mark_chosen)
        self.hide()

    def show_examples(
        self, dataset: Dataset, predictions: Predictions, order: IntArray, actual: int, predicted: int
    ) -> None:
        """List the examples at ``order`` in ``predictions``, all of class ``actual`` and taken for ``predicted``."""
        names = dataset.class_names
        text = self.tr("actual {actual}, predicted {predicted}: {count}, worst first").format(
            actual=one_line(names[actual], _LONGEST_NAME),
            predicted=one_line(names[predicted], _LONGEST_NAME),
            count=count_text(len(order)),
        )
        self._heading.setText(text)
        self._heading.setToolTip(plain_tooltip(f"{names[actual]}\n{names[predicted]}"))
        scroll = self.view.verticalScrollBar().value()
        with QSignalBlocker(self.view.selectionModel()):
            self.model.show(dataset, predictions, order)
        self.view.verticalScrollBar().setValue(scroll)
        self.view.setColumnHidden(3, actual == predicted)
        self._share_width()
        self._mark_chosen()
        self.show()

    def put_away(self) -> None:
        """Hide, and let the data go."""
        self.hide()
        with QSignalBlocker(self.view.selectionModel()):
            self.model.clear()
        self.view.scrollToTop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the columns."""
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        shown = [column for column in range(len(_SHARES)) if not self.view.isColumnHidden(column)]
        whole = sum(_SHARES[column] for column in shown)
        for column in shown:
            self.view.setColumnWidth(column, int(_SHARES[column] / whole * self.view.viewport().width()))

    def _make_view(self) -> QTableView:
        view = QTableView(self)
        view.setObjectName("confusion_list")
        view.setAccessibleName(self.tr("Examples of the chosen cell, worst first"))
        view.setModel(self.model)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setAlternatingRowColors(True)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setCornerButtonEnabled(False)
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        view.verticalHeader().hide()
        height = self.fontMetrics().height() + 6
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.verticalHeader().setDefaultSectionSize(height)
        view.setMinimumSize(_LEAST_WIDTH, _ROWS_SEEN * height)
        view.selectionModel().currentRowChanged.connect(self._choose)
        return view

    def _choose(self, current: QModelIndex) -> None:
        example = self.model.example(current.row())
        if example is not None:
            self._session.choose_example(example)

    def _mark_chosen(self) -> None:
        row = self.model.row_of(self._session.example)
        with QSignalBlocker(self.view.selectionModel()):
            if row is None:
                self.view.clearSelection()
            elif self.view.currentIndex().row() != row or not self.view.selectionModel().hasSelection():
                self.view.selectRow(row)
        self.view.viewport().update()
