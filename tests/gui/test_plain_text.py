from pathlib import Path

import pytest
from driving import find, text_of
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QTableView, QToolTip

from gui.main_window import MainWindow
from gui.plain_text import plain, plain_tooltip
from gui.plots.graph import GraphPlot
from gui.plots.legend import LegendBar
from gui.session import Session

MARKUP = "<b>bold</b> & <img src='x.png'>"


def test_a_label_shows_markup_to_the_letter(qapp: QApplication) -> None:
    label = plain(QLabel())
    label.setText(MARKUP)
    wide = QLabel(MARKUP)
    wide.setTextFormat(Qt.TextFormat.RichText)
    assert label.sizeHint().width() > wide.sizeHint().width()


@pytest.mark.parametrize("text", ["plain", "two\nlines", "a & b"])
def test_a_plain_tooltip_stays_as_it_is(text: str) -> None:
    assert plain_tooltip(text) == text


def test_markup_in_a_tooltip_is_escaped() -> None:
    assert "<b>" not in plain_tooltip(MARKUP)
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;img" in plain_tooltip(MARKUP)
    assert QToolTip.text() == ""


def test_markup_in_a_file_is_shown_and_never_obeyed(
    own_window: MainWindow, session: Session, qtbot, tmp_path: Path
) -> None:
    rows = "".join(f"{i},1,{'<i>a</i>' if i % 2 else 'b'}\n" for i in range(60))
    (tmp_path / "markup.csv").write_text(f"<b>x</b>,<u>y</u>,class\n{rows}", encoding="utf-8")
    with qtbot.waitSignal(session.data_changed):
        session.open_file(tmp_path / "markup.csv")
    assert "<u>y</u> is constant" in text_of(own_window, "data_report")
    assert find(own_window, "data_report", QLabel).textFormat() == Qt.TextFormat.PlainText
    regions = next(plot for plot in own_window.plots if plot.key == "decision_regions")
    assert isinstance(regions, GraphPlot)
    assert "&lt;b&gt;x&lt;/b&gt;" in regions.item.getAxis("bottom").labelText
    assert "&lt;i&gt;a" in regions.findChild(LegendBar).toolTip()
    model = find(own_window, "table", QTableView).model()
    assert model.index(1, 2).data() == "<i>a</i>"
    assert "<i>" not in model.index(1, 2).data(Qt.ItemDataRole.ToolTipRole)


def test_features_are_offered_anew_where_only_the_first_name_is_the_same(
    own_window: MainWindow, session: Session, qtbot, tmp_path: Path
) -> None:
    for names in ("x,old", "x,new"):
        path = tmp_path / f"{names[2:]}.csv"
        path.write_text(f"{names},class\n" + "".join(f"{i},{i * i},{i % 2}\n" for i in range(60)), encoding="utf-8")
        with qtbot.waitSignal(session.data_changed):
            session.open_file(path)
    box = find(own_window, "y_feature", QComboBox)
    assert [box.itemText(i) for i in range(box.count())] == ["x", "new"]
