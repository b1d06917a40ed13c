"""The examples of the highest loss: hard ones, strange ones, and often those whose label is a mistake."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QScrollBar, QWidget

from gui.plots.hardest_painter import HardestPainter, ListLayout, deviation_text, lay_out
from gui.plots.hardest_ranking import ALL, WRONG, HardExample, Ranker, Ranking, Wish
from gui.plots.legend import LegendEntry
from gui.plots.painted import PaintedPlot
from gui.plots.part import PartBox
from gui.plots.wording import one_line
from gui.run_view import RunView

_BAR_GAP = 4
_WHEEL_NOTCH = 120
_WIDEST_BOX, _NARROW_BOX, _NARROW_PART_BOX, _ROOM_FOR_BOX = 150, 56, 82, 360
_KEYS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
)  # fmt: skip


class HardestPlot(PaintedPlot):
    """The hardest examples, worst first: pictures in a grid, or rows with what is unusual about them."""

    most_frames_per_second = 4.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        empty = self.tr("Load a data set: the examples of the highest loss appear here, worst first.")
        super().__init__(session, "hardest", self.tr("Hardest examples"), empty, parent)
        self.short_title = self.tr("Hardest")
        self._empty = empty
        self._ranker: Ranker | None = None
        self._wish: Wish | None = None
        self._ranking: Ranking | None = None
        self._class_names: tuple[str, ...] = ()
        self._turned = 0
        self._part = PartBox(session, "hardest_part", self.refresh, self)
        self._choice = self._make_choice_box()
        for control in (self._part, self._choice):
            self.add_control(control)
        self._bar = QScrollBar(Qt.Orientation.Vertical, self.content)
        self._bar.setObjectName("hardest_scroll")
        self._bar.setAccessibleName(self.tr("Scroll through the hardest examples"))
        self._bar.setCursor(Qt.CursorShape.ArrowCursor)
        self._bar.valueChanged.connect(self.content.update)
        session.predicted.connect(self.refresh)
        session.example_changed.connect(self._take_example)
        self.take_data()

    # Ranking

    def take_data(self) -> None:
        """Forget the examples of another data set, and offer its classes."""
        loaded = self.session.loaded
        self._ranker = Ranker(loaded) if loaded else None
        self._wish = self._ranking = None
        self.show_hint(loaded is None, self._empty)
        if loaded is not None and loaded.dataset.class_names != self._class_names:
            self._class_names = loaded.dataset.class_names
            self._offer_classes()
        self._fit_bar()
        self._bar.setValue(0)
        self.content.update()

    def redraw(self) -> None:
        """Rank in the background, where there is anything new to rank."""
        self.session.ask_predictions()
        predictions, ranker = self.session.predictions, self._ranker
        if ranker is None or predictions is None:
            return
        wish = Wish(predictions, self._part.currentData(), self._choice.currentData())
        if wish.is_like(self._wish):
            return
        self._wish = wish
        in_part = self._part.chosen(predictions)

        def done(ranking: Ranking) -> None:
            if self._ranker is ranker and wish is self._wish:
                self._show(ranking)

        self.session.ask("hardest", lambda: ranker.rank(wish, in_part), done)

    def _show(self, ranking: Ranking) -> None:
        self._ranking = ranking
        self.show_hint(not ranking.examples, self._why_nothing(ranking))
        self.update_legend()
        self._fit_bar()
        self._describe()
        self.content.update()

    def _why_nothing(self, ranking: Ranking) -> str:
        if ranking.n_unknown:
            return self.tr(
                "The training has diverged: the losses are no longer numbers, so no example is harder than another. "
                "A smaller learning rate may help."
            )
        if self._choice.currentData() == WRONG:
            return self.tr("No example of this part is classified wrongly.")
        return self.tr("There is no such example in this part of the data.")

    # Drawing

    def legend_entries(self) -> list[LegendEntry]:
        """On paper: of which examples these are the hardest."""
        ranking = self._ranking
        if ranking is None or not ranking.examples:
            return []
        text = self.tr("{part}, {choice}: {count} examples, {wrong} of them classified wrongly").format(
            part=self._part.currentText(),
            choice=self._choice.currentText(),
            count=f"{ranking.n_candidates:,}",
            wrong=f"{ranking.n_wrong:,}",
        )
        return [LegendEntry(text)]

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Paint as many examples as there is room for; on a screen the chosen one is marked."""
        ranking, loaded = self._ranking, self.session.loaded
        if ranking is None or loaded is None or not ranking.examples:
            return
        first = self._first()
        if self.theme.for_paper:
            layout, chosen = lay_out(rect, self.font(), ranking.pictures, self._class_names), None
        else:
            layout, chosen = self._layout_now(ranking), self.session.example
        HardestPainter(painter, layout, loaded.dataset, self.theme, self.font()).paint(ranking, first, chosen)

    def text_at(self, point: QPointF) -> str:
        """Everything about the example under ``point``."""
        hard = self._hard_at(point)
        return "\n".join(self._facts(hard)) if hard else ""

    def _facts(self, hard: HardExample) -> list[str]:
        loaded = self.session.loaded
        if loaded is None:
            return []
        dataset = loaded.dataset
        actual, predicted = (one_line(dataset.class_names[label]) for label in hard[1:3])
        facts = [
            self.tr("Table row {row}").format(row=f"{int(dataset.rows[hard.example]) + 1:,}"),
            self.tr("actual {name}, ŷ = {value}").format(name=actual, value=f"{hard.actual_probability:.6f}"),
            self.tr("predicted {name}, ŷ = {value}").format(name=predicted, value=f"{hard.predicted_probability:.6f}"),
            self.tr("loss L = −log ŷ = {loss}").format(loss=f"{hard.loss:.6g}"),
        ]
        if hard.unusual:
            facts.append(self.tr("SD: standard deviations from the training mean of {name}").format(name=actual))
            facts += [deviation_text(dataset, hard.example, far) for far in hard.unusual]
        return facts

    def _describe(self) -> None:
        """Tell assistive tools the chosen example, or else how many there are."""
        ranking = self._ranking
        if ranking is None:
            return
        k = self._index_of_chosen(ranking)
        if k is None:
            self.content.setAccessibleDescription(" ".join(entry.label for entry in self.legend_entries()))
        else:
            self.content.setAccessibleDescription(", ".join(self._facts(ranking.examples[k])))

    # Choosing

    def click_at(self, point: QPointF) -> None:
        """Choose the example under ``point``."""
        hard = self._hard_at(point)
        if hard is not None:
            self.session.choose_example(hard.example)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Page and Home and End go through the examples and choose them."""
        if self._ranking is not None and self._ranking.examples and event.key() in _KEYS:
            self._move(Qt.Key(event.key()), self._ranking)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Take the plot's own keys before a shortcut of the window does."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _KEYS
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            and self.hasFocus()
        ):
            event.accept()
            return True
        return super().event(event)

    def _move(self, key: Qt.Key, ranking: Ranking) -> None:
        layout, last = self._layout_now(ranking), len(ranking.examples) - 1
        here = self._index_of_chosen(ranking)
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -layout.columns,
            Qt.Key.Key_Down: layout.columns,
            Qt.Key.Key_PageUp: -layout.page,
            Qt.Key.Key_PageDown: layout.page,
            Qt.Key.Key_Home: -last,
            Qt.Key.Key_End: last,
        }
        # Where the chosen example is not in the list, a key finds the first one in sight.
        target = self._first() if here is None else min(max(here + steps[key], 0), last)
        self.session.choose_example(ranking.examples[target].example)
        row = target // layout.columns
        self._bar.setValue(min(max(self._bar.value(), row - layout.rows + 1), row))

    def _take_example(self) -> None:
        self._describe()
        self.content.update()

    def _index_of_chosen(self, ranking: Ranking) -> int | None:
        chosen = self.session.example
        return next((k for k, hard in enumerate(ranking.examples) if hard.example == chosen), None)

    def _hard_at(self, point: QPointF) -> HardExample | None:
        ranking = self._ranking
        slot = self._layout_now(ranking).slot_at(point) if ranking else None
        if ranking is None or slot is None or self._first() + slot >= len(ranking.examples):
            return None
        return ranking.examples[self._first() + slot]

    # Scrolling

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scroll with the wheel, and keep the scroll bar at the edge."""
        if watched is self.content and event.type() == QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            self._turned += event.angleDelta().y()
            notches = int(self._turned / _WHEEL_NOTCH)
            self._turned -= notches * _WHEEL_NOTCH
            self._bar.setValue(self._bar.value() - notches * self._bar.singleStep())
            return True
        if event.type() == QEvent.Type.Resize:
            self._fit_bar()
        return super().eventFilter(watched, event)

    def _layout_now(self, ranking: Ranking) -> ListLayout:
        rect = QRectF(self.content.rect())
        layout = lay_out(rect, self.font(), ranking.pictures, self._class_names)
        if layout.page < len(ranking.examples):
            rect.setRight(rect.right() - self._bar.sizeHint().width() - _BAR_GAP)
            layout = lay_out(rect, self.font(), ranking.pictures, self._class_names)
        return layout

    def _first(self) -> int:
        """The number of the first example in sight."""
        return self._bar.value() * self._layout_now(self._ranking).columns if self._ranking else 0

    def _fit_bar(self) -> None:
        ranking = self._ranking
        if ranking is None or not ranking.examples:
            self._bar.hide()
            return
        layout = self._layout_now(ranking)
        rows = -(-len(ranking.examples) // layout.columns)
        self._bar.setRange(0, max(rows - layout.rows, 0))
        self._bar.setPageStep(layout.rows)
        self._bar.setSingleStep(1 if ranking.pictures is not None else 3)
        width = self._bar.sizeHint().width()
        self._bar.setGeometry(self.content.width() - width, 0, width, self.content.height())
        self._bar.setVisible(self._bar.maximum() > 0)

    # Controls

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the title."""
        super().resizeEvent(event)
        wide = self.width() >= _ROOM_FOR_BOX
        self._choice.setMaximumWidth(_WIDEST_BOX if wide else _NARROW_BOX)
        self._part.setMaximumWidth(_WIDEST_BOX if wide else _NARROW_PART_BOX)

    def _make_choice_box(self) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName("hardest_choice")
        tip = self.tr("Which examples are ranked: all, only those classified wrongly, or those of one actual class")
        box.setToolTip(tip)
        box.setAccessibleName(tip)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(3)
        box.setMinimumWidth(_NARROW_BOX)
        box.addItem(self.tr("All"), ALL)
        box.addItem(self.tr("Wrong only"), WRONG)
        box.currentIndexChanged.connect(self.refresh)
        return box

    def _offer_classes(self) -> None:
        box = self._choice
        with QSignalBlocker(box):
            if box.currentIndex() > 1:
                box.setCurrentIndex(0)
            while box.count() > 2:
                box.removeItem(box.count() - 1)
            for label, name in enumerate(self._class_names):
                box.addItem(self.tr("Class {name}").format(name=one_line(name)), label)
