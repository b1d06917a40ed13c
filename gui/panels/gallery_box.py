"""The drop-down of data sets: a title, its size and one line about it for each."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPalette, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.data.gallery import GALLERY, GalleryEntry

_KEY = Qt.ItemDataRole.UserRole
_SIZE = Qt.ItemDataRole.UserRole + 1
_DESCRIPTION = Qt.ItemDataRole.UserRole + 2
_MARGIN = 6
_POPUP_WIDTH = 580


class GalleryBox(QComboBox):
    """All bundled data sets and, after them, the file that was opened last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        for entry in GALLERY:
            self.addItem(entry.title, entry.key)
            self._describe(self.count() - 1, _size_text(entry), entry.description)
        self.setItemDelegate(_TwoLines(self))
        self.setMaxVisibleItems(12)
        self.view().setMinimumWidth(_POPUP_WIDTH)

    def show_entry(self, key: str) -> None:
        """Show a data set of the gallery as the current one."""
        self.setCurrentIndex(self.findData(key))

    def show_file(self, name: str) -> None:
        """Show a file as the current data set, in place of the last one."""
        last = self.count() - 1
        if self.itemData(last, _KEY) is None:
            self.removeItem(last)
        self.addItem(name, None)
        self._describe(self.count() - 1, "", self.tr("Opened file"))
        self.setCurrentIndex(self.count() - 1)

    def key_at(self, index: int) -> str | None:
        """The gallery key of an item; None for the opened file."""
        key = self.itemData(index, _KEY)
        return None if key is None else str(key)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the panel; a data set is not changed by accident."""
        event.ignore()

    def _describe(self, index: int, size: str, description: str) -> None:
        self.setItemData(index, size, _SIZE)
        self.setItemData(index, description, _DESCRIPTION)
        self.setItemData(index, f"{size}. {description}", Qt.ItemDataRole.AccessibleDescriptionRole)


def _size_text(entry: GalleryEntry) -> str:
    return f"{entry.n_examples} × {entry.n_features}, C = {entry.n_classes}"


class _TwoLines(QStyledItemDelegate):
    """Title and size on the first line, the description on the second."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(_POPUP_WIDTH, 2 * option.fontMetrics.height() + 2 * _MARGIN)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect.adjusted(10, _MARGIN, -10, -_MARGIN)
        palette: QPalette = option.palette
        font: QFont = option.font
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(option.rect, palette.highlight())
        strong = palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        faint = strong if selected else palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(faint)
        painter.drawText(rect, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, str(index.data(_SIZE)))
        second = option.fontMetrics.elidedText(str(index.data(_DESCRIPTION)), Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, second)
        bold = QFont(font)
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(strong)
        painter.drawText(rect, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, str(index.data()))
        painter.restore()
