"""Which class is taken for which: the confusion matrix, and the examples behind each of its cells."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QGuiApplication, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QComboBox, QMenu, QToolButton, QWidget

from engine.export.confusion_csv import confusion_csv
from gui.plots.cell_examples import CellExamples
from gui.plots.colour_scale import amounts, diverging
from gui.plots.confusion_cells import ConfusionCells, Measure
from gui.plots.confusion_count import Cell, Found, Wish, count
from gui.plots.confusion_layout import ConfusionLayout
from gui.plots.confusion_painter import ConfusionPainter, layout_of
from gui.plots.confusion_words import cell_facts, column_facts, row_facts, summary, why_nothing
from gui.plots.legend import LegendEntry
from gui.plots.painted import PaintedPlot
from gui.plots.part import PartBox
from gui.run_view import RunView

_SQUARE = 1  # the marker
_LEGEND_STRENGTH = 0.8
_SIDE_BY_SIDE = 1.4  # width to height of a card in which matrix and list lie side by side
_ROOM_FOR_BOTH = (430, 380)  # width or height of a card in which the matrix stays in sight beside the list
_ROOM_FOR_BUTTON, _ROOM_FOR_BOX = 400, 340
_MOVES = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ConfusionPlot(PaintedPlot):
    """Actual classes in rows, predicted ones in columns; a click on a cell lists its examples, worst first."""

    most_frames_per_second = 8.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        empty = self.tr("Load a data set: how often each class is taken for which appears here.")
        super().__init__(session, "confusion", self.tr("Confusion matrix"), empty, parent)
        self.short_title = self.tr("Confusion")
        self._empty = empty
        self._wish: Wish | None = None
        self._found = Found()
        self._cursor: Cell | None = None
        self._listed: Cell | None = None
        self._part = PartBox(session, "confusion_part", self._change_view, self)
        self._measure = self._make_measure_box()
        self._copy = self._make_copy_button()
        for control in (self._part, self._measure, self._copy):
            self.add_control(control)
        self._list = CellExamples(session, self)
        self._list.closed.connect(self.close_list)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(10)
        self._layout.removeWidget(self.content)
        self._body.addWidget(self.content, 3)
        self._body.addWidget(self._list, 2)
        self._layout.addLayout(self._body, 1)
        session.predicted.connect(self.refresh)
        session.example_changed.connect(self.content.update)
        self.take_data()

    # Counting

    def take_data(self) -> None:
        """Forget the cells of another data set."""
        self._wish, self._found, self._cursor = None, Found(), None
        self.close_list()
        self.show_hint(self.session.loaded is None, self._empty)
        self.content.update()

    def redraw(self) -> None:
        """Count in the background, where there is anything new to count."""
        self.session.ask_predictions()
        loaded, predictions = self.session.loaded, self.session.predictions
        if loaded is None or predictions is None:
            return
        wish = Wish(predictions, self._part.currentData(), self._measure.currentData(), self._listed)
        if wish.is_like(self._wish):
            return
        self._wish = wish
        chosen, n_classes = self._part.chosen(predictions), loaded.dataset.n_classes

        def done(found: Found) -> None:
            if self.session.loaded is loaded and wish is self._wish:
                self._show(found, wish)

        self.session.ask("confusion", lambda: count(wish, chosen, n_classes), done)

    def _show(self, found: Found, wish: Wish) -> None:
        loaded = self.session.loaded
        self._found = found
        self.show_hint(found.cells is None, why_nothing(found))
        if wish.listed is not None and found.order is not None and loaded is not None:
            self._list.show_examples(loaded.dataset, wish.predictions, found.order, *wish.listed)
            self._arrange()
        self.update_legend()
        self._describe()
        self.content.update()

    def _change_view(self) -> None:
        self.update_legend()
        self.refresh()

    # Drawing

    def legend_entries(self) -> list[LegendEntry]:
        """What the colours stand for, and on paper what was counted."""
        predictions = self.session.predictions
        if self._found.cells is None or predictions is None or self.session.loaded is None:
            return []
        strength = (
            self.tr("strength of colour: logarithm of the number")
            if self._measure.currentData() is Measure.COUNTS
            else self.tr("strength of colour: square root of the share")
        )
        entries = [
            LegendEntry(self.tr("right"), _colour(amounts(_LEGEND_STRENGTH, self.theme)), marker=_SQUARE),
            LegendEntry(self.tr("mistaken"), _colour(diverging(-_LEGEND_STRENGTH, self.theme)), marker=_SQUARE),
            LegendEntry(f"{self._part.currentText()}; {strength}"),
        ]
        if len(predictions.examples) < (n_examples := self.session.loaded.dataset.n_examples):
            text = self.tr("{count} of {all} examples stand for all of them")
            entries.append(LegendEntry(text.format(count=f"{len(predictions.examples):,}", all=f"{n_examples:,}")))
        return entries

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the matrix; on a screen also the cursor and the cell of the chosen example."""
        cells, loaded = self._found.cells, self.session.loaded
        if cells is None or loaded is None:
            return
        names = loaded.dataset.class_names
        layout = layout_of(rect, self.font(), cells, names)
        matrix = ConfusionPainter(painter, layout, cells, names, self.theme, self.font())
        matrix.paint()
        if self.theme.for_paper:
            matrix.caption(summary(cells, self._found.n_unknown))
            return
        self._outline_chosen(matrix)
        if self._cursor is not None and (self.hasFocus() or self._listed == self._cursor):
            matrix.outline(*self._cursor, self.theme.accent)
        matrix.caption(self._sentence(cells, names))

    def text_at(self, point: QPointF) -> str:
        """The numbers of a cell; beside the cells the whole name of a class, with its recall or precision."""
        layout, cells, loaded = self._layout_now(), self._found.cells, self.session.loaded
        if layout is None or cells is None or loaded is None:
            return ""
        actual, predicted = layout.row_at(point), layout.column_at(point)
        names = loaded.dataset.class_names
        if actual is not None and predicted is not None:
            return "\n".join(cell_facts(cells, names, actual, predicted))
        if actual is not None:
            return row_facts(cells, names, actual)
        return column_facts(cells, names, predicted) if predicted is not None else ""

    def extend_menu(self, menu: QMenu) -> None:
        """What is written in the cells, and copying it."""
        for index in range(self._measure.count()):
            choice = menu.addAction(self._measure.itemText(index))
            choice.setCheckable(True)
            choice.setChecked(index == self._measure.currentIndex())
            choice.triggered.connect(lambda _, index=index: self._measure.setCurrentIndex(index))
        menu.addSeparator()
        action = menu.addAction(self.tr("Copy as CSV"))
        action.setObjectName("confusion_copy_csv")
        action.setEnabled(self._found.cells is not None)
        action.triggered.connect(self.copy_csv)

    def _outline_chosen(self, matrix: ConfusionPainter) -> None:
        """Frame the cell of the chosen example, with dashes where the shown part does not count it."""
        wish, example = self._wish, self.session.example
        if wish is None:
            return
        predictions = wish.predictions
        k = int(np.searchsorted(predictions.examples, example))
        if k < len(predictions.examples) and predictions.examples[k] == example:
            counted = wish.part == "all" or bool(predictions.in_training[k]) is (wish.part == "training")
            cell = int(predictions.y[k]), int(predictions.predicted[k])
            matrix.outline(*cell, self.theme.text, dashed=not counted)

    def _sentence(self, cells: ConfusionCells, names: tuple[str, ...]) -> str:
        """About the cell of the cursor, or else on the whole."""
        if self._cursor is None:
            return summary(cells, self._found.n_unknown)
        return ", ".join(cell_facts(cells, names, *self._cursor))

    def _describe(self) -> None:
        cells, loaded = self._found.cells, self.session.loaded
        text = self._sentence(cells, loaded.dataset.class_names) if cells is not None and loaded is not None else ""
        self.content.setAccessibleDescription(text)

    def _layout_now(self) -> ConfusionLayout | None:
        if self._found.cells is None or self.session.loaded is None:
            return None
        names = self.session.loaded.dataset.class_names
        return layout_of(QRectF(self.content.rect()), self.font(), self._found.cells, names)

    # Cells and their examples

    def click_at(self, point: QPointF) -> None:
        """List the examples of the cell under ``point``."""
        layout = self._layout_now()
        if layout is None:
            return
        actual, predicted = layout.row_at(point), layout.column_at(point)
        if actual is not None and predicted is not None:
            self._set_cursor((actual, predicted))
            self._list_cell((actual, predicted))

    def close_list(self) -> None:
        """Hide the list of examples."""
        focused = QApplication.focusWidget()
        if focused is not None and self._list.isAncestorOf(focused):
            self.setFocus()
        self._listed = None
        self._list.put_away()
        self._arrange()
        self.content.update()

    def copy_csv(self) -> None:
        """Put the numbers, as they are shown, on the clipboard."""
        cells, loaded = self._found.cells, self.session.loaded
        if cells is not None and loaded is not None:
            names = loaded.dataset.class_names
            self.session.ask(
                "confusion_csv", lambda: confusion_csv(cells.values(), names), QGuiApplication.clipboard().setText
            )

    def _list_cell(self, cell: Cell) -> None:
        if self._found.cells is None or self._found.cells.counts[cell] == 0:
            self.close_list()
        elif cell != self._listed:
            self._listed = cell
            self.redraw()

    def _set_cursor(self, cell: Cell) -> None:
        self._cursor = cell
        self._describe()
        self.content.update()

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cursor, Enter lists the examples of its cell, Escape hides them."""
        key, cells = Qt.Key(event.key()), self._found.cells
        if key == Qt.Key.Key_Escape and self._listed is not None:
            self.close_list()
        elif cells is not None and key in _MOVES:
            (down, right), last = _MOVES[key], cells.n_classes - 1
            actual, predicted = self._cursor or (-down, -right)  # the first key finds the first cell
            self._set_cursor((min(max(actual + down, 0), last), min(max(predicted + right, 0), last)))
        elif cells is not None and self._cursor is not None and key in _ENTER:
            self._list_cell(self._cursor)
            if self._listed is not None:
                self._list.show()
                self._arrange()
                self._list.view.setFocus()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Take the plot's own keys before a shortcut of the window does."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._uses(event):
            event.accept()
            return True
        return super().event(event)

    def _uses(self, event: QKeyEvent) -> bool:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if event.key() == Qt.Key.Key_Escape:
            return self._listed is not None
        return self.hasFocus() and self._found.cells is not None and event.key() in (*_MOVES, *_ENTER)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the cursor."""
        super().focusInEvent(event)
        self.content.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the cursor, unless its examples are listed."""
        super().focusOutEvent(event)
        self.content.update()

    # Controls

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay matrix and list side by side, or one above the other."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        wide = self.width() >= _SIDE_BY_SIDE * self.height()
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._body.setDirection(direction)
        room = self.width() >= _ROOM_FOR_BOTH[0] if wide else self.height() >= _ROOM_FOR_BOTH[1]
        self.content.setVisible(room or self._list.isHidden())
        # The context menu has both.
        self._copy.setVisible(self.width() >= _ROOM_FOR_BUTTON)
        self._measure.setVisible(self.width() >= _ROOM_FOR_BOX)

    def _make_measure_box(self) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName("confusion_values")
        tip = self.tr(
            "What is written in the cells: numbers of examples, or shares. Along a row they say what became of the "
            "examples of a class, down a column what the examples taken for a class really are."
        )
        box.setToolTip(tip)
        box.setAccessibleName(self.tr("What is written in the cells"))
        for measure, text in (
            (Measure.COUNTS, self.tr("Counts")),
            (Measure.ROWS, self.tr("Row %")),
            (Measure.COLUMNS, self.tr("Column %")),
        ):
            box.addItem(text, measure)
        box.currentIndexChanged.connect(self._change_view)
        return box

    def _make_copy_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("confusion_csv")
        button.setText(self.tr("CSV"))
        button.setToolTip(self.tr("Copy the numbers as comma-separated text, for a spreadsheet"))
        button.setAccessibleName(self.tr("Copy as CSV"))
        button.clicked.connect(self.copy_csv)
        return button


def _colour(rgba: np.ndarray) -> QColor:
    return QColor(*rgba.tolist())
