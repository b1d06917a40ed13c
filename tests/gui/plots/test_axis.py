import math
from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from gui.plots.axis import ReadableAxis


@pytest.fixture(scope="module")
def graph(qapp) -> Iterator[pg.PlotWidget]:
    graph = pg.PlotWidget(axisItems={side: ReadableAxis(side) for side in ("left", "bottom")})
    graph.resize(500, 300)
    graph.getPlotItem().getViewBox().disableAutoRange()
    graph.show()
    yield graph
    graph.close()
    graph.deleteLater()


def labels(graph: pg.PlotWidget, side: str, low: float, high: float, *, log: bool) -> list[tuple[QRectF, str]]:
    """What the axis would write, and where."""
    item = graph.getPlotItem()
    axis = item.getAxis(side)
    axis.setLogMode(log)
    if side == "left":
        item.setYRange(low, high, padding=0)
    else:
        item.setXRange(low, high, padding=0)
    for _ in range(2):  # an axis takes the width its labels need when it is drawn the next time
        graph.grab()
        pg.QtWidgets.QApplication.processEvents()
    image = QImage(1000, 1000, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    specs = axis.generateDrawSpecs(painter)
    painter.end()
    return [(rect, text) for rect, _flags, text in (specs[2] if specs else [])]


def drawn_apart(found: list[tuple[QRectF, str]]) -> bool:
    rects = [rect for rect, _ in found]
    return not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[:i])


def numbers(found: list[tuple[QRectF, str]]) -> list[float]:
    return sorted(float(text) for _, text in found)


@pytest.mark.parametrize("side", ["left", "bottom"])
def test_two_decades_are_labelled_1_2_5(graph: pg.PlotWidget, side: str) -> None:
    found = numbers(labels(graph, side, 0.0, 2.0, log=True))
    assert found == [1, 2, 5, 10, 20, 50, 100]


@pytest.mark.parametrize("side", ["left", "bottom"])
def test_many_decades_are_labelled_by_decades(graph: pg.PlotWidget, side: str) -> None:
    found = numbers(labels(graph, side, -12.0, 4.0, log=True))
    assert 3 <= len(found) <= 8
    logs = np.log10(found)
    assert np.allclose(logs, np.round(logs))
    assert np.allclose(np.diff(logs), logs[1] - logs[0])


def test_unlabelled_ticks_stand_between(graph: pg.PlotWidget) -> None:
    axis = graph.getPlotItem().getAxis("left")
    axis.setLogMode(True)
    (_, major), (spacing, minor) = axis.tickValues(0.0, 1.0, 300.0)
    assert np.allclose(10 ** np.array(major), [1, 2, 5, 10])
    assert np.allclose(10 ** np.array(minor), [3, 4, 6, 7, 8, 9])
    assert set(axis.tickStrings(minor, 1.0, spacing)) == {""}


def test_a_label_says_where_it_stands(graph: pg.PlotWidget) -> None:
    found = labels(graph, "bottom", 0.0, 3.0, log=True)
    axis = graph.getPlotItem().getAxis("bottom")
    width = axis.geometry().width()
    for rect, text in found:
        assert rect.center().x() == pytest.approx(math.log10(float(text)) / 3.0 * width, abs=3)


@pytest.mark.parametrize("side", ["left", "bottom"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(low=st.floats(-12, 6), span=st.floats(0.01, 25), width=st.integers(220, 1400), height=st.integers(160, 900))
def test_log_labels_never_overlap(
    graph: pg.PlotWidget, side: str, low: float, span: float, width: int, height: int
) -> None:
    graph.resize(width, height)
    found = labels(graph, side, low, low + span, log=True)
    assert drawn_apart(found), f"overlap among {[text for _, text in found]}"


@pytest.mark.parametrize("side", ["left", "bottom"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(low=st.floats(-12, 6), span=st.floats(0.01, 25))
def test_log_labels_differ_and_lie_in_view(graph: pg.PlotWidget, side: str, low: float, span: float) -> None:
    graph.resize(600, 500)
    found = numbers(labels(graph, side, low, low + span, log=True))
    assert len(found) >= 1
    assert len(set(found)) == len(found)
    assert all(10 ** (low - 0.01) <= number <= 10 ** (low + span + 0.01) for number in found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(low=st.floats(-1e3, 1e5), span=st.floats(1e-2, 1e5), width=st.integers(400, 1400))
def test_plain_labels_never_overlap(graph: pg.PlotWidget, low: float, span: float, width: int) -> None:
    graph.resize(width, 300)
    assert drawn_apart(labels(graph, "bottom", low, low + span, log=False))
