import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from gui.flow_layout import FlowLayout


@pytest.fixture
def flow(qtbot) -> tuple[QWidget, list[QLabel]]:
    """Four labels of 100 x 20."""
    widget = QWidget()
    qtbot.addWidget(widget)
    layout = FlowLayout(widget, spacing=10)
    labels = [QLabel(str(i)) for i in range(4)]
    for label in labels:
        label.setFixedSize(100, 20)
        layout.addWidget(label)
    widget.show()
    return widget, labels


@pytest.mark.parametrize(
    ("width", "places"),
    [
        (500, [(0, 0), (110, 0), (220, 0), (330, 0)]),
        (430, [(0, 0), (110, 0), (220, 0), (330, 0)]),
        (429, [(0, 0), (110, 0), (220, 0), (0, 30)]),
        (210, [(0, 0), (110, 0), (0, 30), (110, 30)]),
        (100, [(0, 0), (0, 30), (0, 60), (0, 90)]),
    ],
)
def test_lines_break_where_they_are_full(flow, width: int, places: list[tuple[int, int]]) -> None:
    widget, labels = flow
    widget.resize(width, 200)
    QApplication.processEvents()
    assert [(label.x(), label.y()) for label in labels] == places
    assert widget.layout().heightForWidth(width) == places[-1][1] + 20


def test_hidden_widgets_take_no_room(flow) -> None:
    widget, labels = flow
    labels[1].hide()
    widget.resize(320, 200)
    QApplication.processEvents()
    assert [labels[i].x() for i in (0, 2, 3)] == [0, 110, 220]
    assert widget.sizeHint().width() == 320


def test_items_can_be_taken_back(flow) -> None:
    widget, labels = flow
    layout = widget.layout()
    assert layout.count() == 4
    assert layout.itemAt(4) is None
    assert layout.takeAt(0).widget() is labels[0]
    assert layout.takeAt(9) is None
    assert layout.count() == 3
