import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from driving import colours_in, pixels
from PySide6.QtCore import QBuffer, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from gui.plots.class_style import class_colours
from gui.plots.legend import Legend, LegendBar, LegendEntry
from gui.theme import DARK, LIGHT, PAPER, Theme


def class_entries(names: list[str]) -> list[LegendEntry]:
    colours = class_colours(len(names))
    return [LegendEntry(name, colours[i], marker=i) for i, name in enumerate(names)]


def legend_of(names: list[str]) -> Legend:
    return Legend(class_entries(names), QFontMetricsF(QGuiApplication.font()))


def written(legend: Legend, width: float) -> list[str]:
    """The texts of the legend, as an SVG picture of it has them."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    painter = QPainter(generator)
    legend.paint(painter, QRectF(0, 0, width, 100), PAPER)
    painter.end()
    root = ElementTree.fromstring(bytes(buffer.data().data()))  # noqa: S314 - made a line above
    return [node.text.strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.fixture
def canvas(qapp) -> QImage:
    canvas = QImage(400, 60, QImage.Format.Format_RGB32)
    canvas.fill(QColor("white"))
    return canvas


@pytest.fixture
def holder(qtbot) -> Iterator[QWidget]:
    holder = QWidget()
    holder.resize(300, 100)
    with qtbot.waitExposed(holder):
        holder.show()
    yield holder
    holder.close()
    holder.deleteLater()


def test_no_entries_take_no_room(qapp) -> None:
    assert legend_of([]).height(300) == 0


def test_all_fit_in_one_row(qapp) -> None:
    legend = legend_of(["setosa", "versicolor", "virginica"])
    assert legend.height(1000) == legend.row_height
    assert written(legend, 1000) == ["setosa", "versicolor", "virginica"]


@pytest.mark.parametrize("n", [26, 200])
@pytest.mark.parametrize("width", [200, 500, 1500])
def test_what_finds_no_room_in_two_rows_is_counted(qapp, n: int, width: int) -> None:
    legend = legend_of([f"class number {i}" for i in range(n)])
    texts = written(legend, width)
    assert legend.height(width) <= 2 * legend.row_height
    if len(texts) < n:
        assert texts[-1] == f"+ {n - len(texts) + 1}"
    assert texts[0] == "class number 0"


def test_a_long_name_is_shortened(qapp) -> None:
    texts = written(legend_of(["x" * 200, "short"]), 500)
    assert texts[0].endswith("…")
    assert len(texts[0]) < 60
    assert texts[1] == "short"


def test_korean_names_are_written_whole(qapp) -> None:
    assert written(legend_of(["서울특별시", "부산"]), 500) == ["서울특별시", "부산"]


@pytest.mark.parametrize("theme", [LIGHT, DARK, PAPER], ids=lambda theme: theme.name)
def test_markers_are_painted_in_the_colours_of_their_classes(canvas: QImage, theme: Theme) -> None:
    painter = QPainter(canvas)
    legend_of(["a", "b", "c"]).paint(painter, QRectF(0, 0, 400, 60), theme)
    painter.end()
    picture = pixels(canvas).reshape(-1, 3)
    for colour in class_colours(3):
        assert (picture == colour.getRgb()[:3]).all(axis=1).any()


@pytest.mark.parametrize(
    ("look", "most"), [({"thin": True}, 0.6), ({"style": Qt.PenStyle.DashLine}, 0.8)], ids=["thin", "dashed"]
)
def test_a_thin_or_dashed_line_has_less_ink(canvas: QImage, look: dict[str, Any], most: float) -> None:
    sums = []
    for kind in ({}, look):
        canvas.fill(QColor("white"))
        painter = QPainter(canvas)
        entry = LegendEntry("", QColor("black"), **kind)
        Legend([entry], QFontMetricsF(QGuiApplication.font())).paint(painter, QRectF(0, 0, 400, 60), PAPER)
        painter.end()
        sums.append(np.sum(255.0 - pixels(canvas)))
    assert 0 < sums[1] < most * sums[0]


def test_bar_is_as_high_as_its_rows(holder: QWidget) -> None:
    bar = LegendBar(holder)
    bar.resize(300, 10)
    bar.show()
    assert bar.sizeHint().height() == 0
    bar.show_entries(class_entries(["a", "b"]), LIGHT)
    one = bar.height()
    bar.show_entries(class_entries([f"class number {i}" for i in range(40)]), LIGHT)
    assert bar.height() == pytest.approx(2 * one, abs=1)
    assert colours_in(pixels(bar)) > 10
    bar.show_entries([], LIGHT)
    assert bar.height() == 0


def test_bar_folds_when_it_gets_narrow(holder: QWidget) -> None:
    bar = LegendBar(holder)
    bar.resize(900, 10)
    bar.show_entries(class_entries([f"class {i}" for i in range(6)]), LIGHT)
    bar.show()
    wide = bar.height()
    bar.resize(150, wide)
    assert bar.height() > wide


def test_paper_names_every_class_and_carries_remarks(qtbot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    bar = LegendBar(holder)
    entries = [LegendEntry(f"class {i}", QColor("black"), marker=i) for i in range(26)]
    bar.show_entries([*entries, LegendEntry("a remark")], LIGHT)
    assert bar.legend().height(450) == 2 * bar.legend().row_height
    assert bar.legend(for_paper=True).height(450) > bar.legend().height(450)
    assert "class 25" in bar.toolTip()
    assert "a remark" in bar.toolTip()
