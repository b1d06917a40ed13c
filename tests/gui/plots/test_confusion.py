from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import pytest
from driving import click, colours_in, find, focus, pixels, press
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QMainWindow, QTableView, QToolButton
from sklearn.metrics import confusion_matrix, precision_score, recall_score
from still_view import StillView, one_hot, still_view

from gui.image_export import find_format, render
from gui.plots.confusion import ConfusionPlot
from gui.plots.confusion_cells import ConfusionCells, Measure, percent, pooled
from gui.plots.confusion_painter import layout_of
from gui.session import Session
from gui.theme import DARK, LIGHT

NAMES = ("cat", "dog", "owl")
ACTUAL = np.repeat([0, 1, 2], 20)
TAKEN_FOR = np.array([0] * 18 + [1] * 2 + [1] * 15 + [2] * 5 + [2] * 20)
SURENESS = np.random.default_rng(0).uniform(0.5, 0.99, 60)
P = np.array([one_hot([label], 3, sure)[0] for label, sure in zip(TAKEN_FOR, SURENESS, strict=True)])

NASTY = ("x" * 200, " ", "붓꽃 한국어 이름", "שלום עולם", "😀🎉", '<b>bold</b>, "quoted"', "two\nlines", "plain")


@pytest.fixture
def show(qtbot) -> Callable[..., ConfusionPlot]:
    """A function that shows the plot of a view."""

    def show(view: StillView | Session, width: int = 620, height: int = 420) -> ConfusionPlot:
        plot = ConfusionPlot(view)
        qtbot.addWidget(plot)
        plot.resize(width, height)
        with qtbot.waitExposed(plot):
            plot.show()
        return plot

    return show


@pytest.fixture
def view() -> StillView:
    return still_view(ACTUAL, P, class_names=NAMES)


@pytest.fixture
def plot(view: StillView, show) -> ConfusionPlot:
    return show(view)


def texts(plot: ConfusionPlot) -> list[str]:
    root = ElementTree.fromstring(render(plot, find_format("svg")))  # noqa: S314 - made by this program
    return [node.text.strip() for node in root.iter("{http://www.w3.org/2000/svg}text") if node.text]


def place(plot: ConfusionPlot, actual: int, predicted: int) -> QPoint:
    """The middle of a cell, found as the plot lays itself out."""
    names = plot.session.loaded.dataset.class_names
    predictions = plot.session.predictions
    cells = ConfusionCells.count(predictions.y, predictions.predicted, len(names), Measure.COUNTS)
    layout = layout_of(QRectF(plot.content.rect()), plot.font(), cells, names)
    return layout.cell(actual, predicted).center().toPoint()


def click_cell(plot: ConfusionPlot, actual: int, predicted: int) -> None:
    click(plot.content, place(plot, actual, predicted))


def listed(plot: ConfusionPlot) -> list[list[str]]:
    """What the list shows; empty while it is hidden."""
    view = find(plot, "confusion_list", QTableView)
    if not view.isVisible():
        return []
    model = view.model()
    columns = [column for column in range(model.columnCount()) if not view.isColumnHidden(column)]
    return [[str(model.index(row, column).data()) for column in columns] for row in range(model.rowCount())]


def choose(plot: ConfusionPlot, name: str, key: object) -> None:
    box = find(plot, name, QComboBox)
    box.setCurrentIndex(box.findData(key))


class TestNumbers:
    def test_counts_totals_recall_and_precision_are_scikit_learns(self, plot: ConfusionPlot) -> None:
        found = texts(plot)
        for count in confusion_matrix(ACTUAL, TAKEN_FOR).ravel():
            assert found.count(str(count)) >= 1
        for score in (precision_score, recall_score):
            for share in score(ACTUAL, TAKEN_FOR, average=None):
                assert ("100" if share == 1 else f"{100 * share:.1f}") in found
        assert "53 of 60 examples right: accuracy 88.3 %" in found
        assert found.count("60") == 1

    @pytest.mark.parametrize(("measure", "normalize"), [(Measure.ROWS, "true"), (Measure.COLUMNS, "pred")])
    def test_shares(self, plot: ConfusionPlot, measure: Measure, normalize: str) -> None:
        choose(plot, "confusion_values", measure)
        found = texts(plot)
        for share in confusion_matrix(ACTUAL, TAKEN_FOR, normalize=normalize).ravel():
            assert (str(int(100 * share)) if share in (0, 1) else f"{100 * share:.1f}") in found

    def test_rows_are_actual(self, plot: ConfusionPlot) -> None:
        text = plot.text_at(place(plot, 0, 1).toPointF())
        assert text.splitlines() == [
            "actual cat",
            "predicted dog",
            "2 examples",
            "10.0 % of the row",
            "11.8 % of the column",
        ]
        assert {"actual class", "predicted class (number of examples)", *NAMES} <= set(texts(plot))

    def test_names_are_read_out_with_recall_and_precision(self, plot: ConfusionPlot) -> None:
        beside, above = place(plot, 1, 0).toPointF(), place(plot, 0, 1).toPointF()
        beside.setX(20)
        above.setY(2)
        assert plot.text_at(beside) == "actual dog\n20 examples, 75.0 % of them recognised (recall)"
        assert plot.text_at(above) == "predicted dog\n17 examples, 88.2 % of them rightly so (precision)"
        assert plot.text_at(QPoint(1, 1).toPointF()) == ""

    def test_parts(self, show) -> None:
        view = still_view(ACTUAL, P, class_names=NAMES, validation_share=0.3)
        plot = show(view)
        split = view.loaded.data.split
        for part, rows in (("validation", split.validation), ("training", split.train), ("all", np.arange(60))):
            choose(plot, "confusion_part", part)
            right = int((ACTUAL[rows] == TAKEN_FOR[rows]).sum())
            assert any(text.startswith(f"{right} of {len(rows)} examples right") for text in texts(plot))

    @given(st.integers(0, 10**9), st.integers(0, 10**9))
    def test_percent_says_0_and_100_only_where_that_is_exact(self, part: int, rest: int) -> None:
        text = percent(part, part + rest)
        if part + rest == 0:
            assert text == "–"
        else:
            assert abs(float(text) - 100 * part / (part + rest)) <= 0.0501
            assert (text == "0") is (part == 0)
            assert (text == "100") is (rest == 0)

    def test_trained_iris(self, iris_session: Session, show, qtbot) -> None:
        plot = show(iris_session)
        choose(plot, "confusion_part", "all")
        iris_session.step()
        qtbot.waitUntil(lambda: iris_session.history is not None and iris_session.history.latest is not None)
        data = iris_session.loaded.data

        def counted() -> list[str]:
            z = iris_session.network.logits(iris_session.theta, data.X_all)
            return [str(count) for count in confusion_matrix(data.dataset.y, z.argmax(axis=1)).ravel()]

        qtbot.waitUntil(lambda: set(counted()) <= set(texts(plot)))


class TestList:
    def test_worst_first(self, plot: ConfusionPlot) -> None:
        click_cell(plot, 1, 2)
        members = [k for k in range(60) if ACTUAL[k] == 1 and TAKEN_FOR[k] == 2]
        members.sort(key=lambda k: P[k, 1])
        assert [row[0] for row in listed(plot)] == [str(k + 1) for k in members]
        worst = members[0]
        expected = [f"{-np.log(P[worst, 1]):.4f}", f"{P[worst, 1]:.4f}", f"{P[worst, 2]:.4f}"]
        assert listed(plot)[0][1:] == expected
        assert (
            find(plot, "confusion_list_heading", QLabel).text() == "actual dog, predicted owl: 5 examples, worst first"
        )

    def test_of_the_right_ones_the_probability_is_listed_once(self, plot: ConfusionPlot) -> None:
        click_cell(plot, 2, 2)
        assert {len(row) for row in listed(plot)} == {3}
        assert len(listed(plot)) == 20

    def test_a_line_chooses_its_example(self, plot: ConfusionPlot, view: StillView) -> None:
        click_cell(plot, 1, 2)
        table = find(plot, "confusion_list", QTableView)
        click(table.viewport(), table.visualRect(table.model().index(2, 1)).center())
        assert view.example == int(listed(plot)[2][0]) - 1
        press(plot, Qt.Key.Key_Down)
        assert view.example == int(listed(plot)[3][0]) - 1

    def test_an_example_chosen_elsewhere_is_marked(self, plot: ConfusionPlot, view: StillView) -> None:
        click_cell(plot, 1, 2)
        rows = [row[0] for row in listed(plot)]
        view.choose_example(int(rows[3]) - 1)
        selection = find(plot, "confusion_list", QTableView).selectionModel()
        assert [index.row() for index in selection.selectedRows()] == [3]
        view.choose_example(0)
        assert not selection.hasSelection()

    def test_an_empty_cell_has_no_list(self, plot: ConfusionPlot) -> None:
        click_cell(plot, 1, 2)
        click_cell(plot, 2, 0)
        assert listed(plot) == []

    def test_close_button(self, plot: ConfusionPlot) -> None:
        click_cell(plot, 0, 0)
        click(find(plot, "confusion_list_close", QToolButton))
        assert listed(plot) == []

    def test_other_predictions_renew_the_list(self, plot: ConfusionPlot, view: StillView) -> None:
        click_cell(plot, 1, 2)
        view.show(one_hot(np.where(ACTUAL == 1, 2, ACTUAL), 3))
        assert len(listed(plot)) == 20
        view.show(one_hot(ACTUAL, 3))
        assert listed(plot) == []
        assert "0 examples" in find(plot, "confusion_list_heading", QLabel).text()

    def test_a_hundred_thousand_lines(self, show) -> None:
        y = np.zeros(100_001, dtype=np.int64)
        y[0] = 1
        sure = np.random.default_rng(0).uniform(0.5, 1, 100_001).astype(np.float32)
        plot = show(still_view(y, np.stack([sure, 1 - sure], axis=1)))
        click_cell(plot, 0, 0)
        model = find(plot, "confusion_list", QTableView).model()
        assert model.rowCount() == 100_000
        losses = [float(model.index(row, 1).data()) for row in range(0, 100_000, 9_999)]
        assert losses == sorted(losses, reverse=True)
        assert model.index(0, 1).data() == f"{-np.log(sure[1:].min()):.4f}"


class TestKeys:
    def test_arrows_move_enter_lists_and_escape_hides(self, plot: ConfusionPlot) -> None:
        focus(plot)
        press(plot, Qt.Key.Key_Down)
        press(plot, Qt.Key.Key_Down)
        press(plot, Qt.Key.Key_Right, times=2)
        assert plot.content.accessibleDescription().startswith("actual dog, predicted owl, 5 examples")
        press(plot, Qt.Key.Key_Return)
        assert len(listed(plot)) == 5
        assert find(plot, "confusion_list").hasFocus()
        press(plot, Qt.Key.Key_Escape)
        assert listed(plot) == []
        assert plot.hasFocus()

    def test_the_cursor_stays_in_the_matrix(self, plot: ConfusionPlot) -> None:
        focus(plot)
        press(plot, Qt.Key.Key_Right, times=7)
        press(plot, Qt.Key.Key_Up, times=7)
        assert plot.content.accessibleDescription().startswith("actual cat, predicted owl")

    def test_shortcuts_of_the_window_wait_while_the_plot_needs_the_key(self, qtbot, view: StillView) -> None:
        window = QMainWindow()
        qtbot.addWidget(window)
        plot = ConfusionPlot(view)
        window.setCentralWidget(plot)
        pressed: list[str] = []
        for key in ("Escape", "Right"):
            window.addAction(key).triggered.connect(lambda _=False, key=key: pressed.append(key))
            window.actions()[-1].setShortcut(key)
        window.resize(620, 420)
        window.show()
        qtbot.waitUntil(window.isActiveWindow)
        focus(plot)
        press(window, Qt.Key.Key_Right)
        press(window, Qt.Key.Key_Return)
        press(window, Qt.Key.Key_Escape)
        assert pressed == []
        press(window, Qt.Key.Key_Escape)
        assert pressed == ["Escape"]


class TestCopy:
    def rows(self) -> list[list[str]]:
        return list(csv.reader(io.StringIO(QGuiApplication.clipboard().text(), newline="")))

    def test_button(self, plot: ConfusionPlot) -> None:
        click(find(plot, "confusion_csv", QToolButton))
        first, *others = self.rows()
        assert first[1:] == list(NAMES)
        assert [row[0] for row in others] == list(NAMES)
        assert [[int(field) for field in row[1:]] for row in others] == confusion_matrix(ACTUAL, TAKEN_FOR).tolist()

    def test_names_that_need_quotes_and_shares(self, show) -> None:
        y = np.arange(8)
        plot = show(still_view(y, one_hot(y, 8), class_names=NASTY))
        choose(plot, "confusion_values", Measure.ROWS)
        click(find(plot, "confusion_csv", QToolButton))
        first, *others = self.rows()
        assert first[1:] == list(NASTY)
        assert [[float(field) for field in row[1:]] for row in others] == (100 * np.eye(8)).tolist()


class TestChosenExample:
    def test_its_cell_is_framed(self, plot: ConfusionPlot, view: StillView) -> None:
        def near(actual: int, predicted: int) -> np.ndarray:
            middle = place(plot, actual, predicted)
            return pixels(plot.content)[middle.y() - 35 : middle.y() + 36, middle.x() - 75 : middle.x() + 76]

        view.choose_example(0)
        framed, other = near(0, 0), near(1, 2)
        view.choose_example(35)  # a dog taken for an owl
        assert not np.array_equal(near(0, 0), framed)
        assert not np.array_equal(near(1, 2), other)


class TestBadInput:
    def test_without_data(self, session: Session, show) -> None:
        plot = show(session)
        press(plot, Qt.Key.Key_Down)
        click(plot.content)
        assert any("Load a data set" in label.text() for label in plot.content.findChildren(QLabel))
        assert plot.text_at(QPoint(50, 50).toPointF()) == ""
        assert render(plot, find_format("png_1x"))

    def test_after_a_divergence(self, plot: ConfusionPlot, view: StillView) -> None:
        half = P.copy()
        half[:30] = np.nan
        view.show(half)
        assert any("30 examples without probabilities left out" in text for text in texts(plot))
        view.show(np.full_like(P, np.nan))
        (hint,) = [label for label in plot.content.findChildren(QLabel) if label.isVisible()]
        assert "diverged" in hint.text()
        view.show(P)
        assert not hint.isVisible()

    @pytest.mark.parametrize("size", [(200, 150), (300, 200), (620, 420)])
    def test_nasty_names_at_any_size(self, show, size: tuple[int, int]) -> None:
        y = np.arange(80) % 8
        plot = show(still_view(y, one_hot((y * 3) % 8, 8), class_names=NASTY), *size)
        for theme in (LIGHT, DARK):
            plot.set_theme(theme)
            assert colours_in(pixels(plot.content)) > 10
        click_cell(plot, 1, 3)
        assert len(listed(plot)) == 10

    @pytest.mark.parametrize("n_classes", [2, 26, 1000])
    def test_any_number_of_classes(self, show, n_classes: int) -> None:
        y = np.arange(2000) % n_classes
        P = np.zeros((2000, n_classes), dtype=np.float32)
        P[np.arange(2000), y] = 1
        plot = show(still_view(y, P))
        shown = pixels(plot.content)
        right = np.array([8, 81, 156])  # the blue of the scale
        assert (np.abs(shown - right).sum(axis=2) < 12).sum() >= min(500, 40 * n_classes)
        assert plot.text_at(place(plot, n_classes - 1, n_classes - 1).toPointF()).startswith("actual class")

    @pytest.mark.parametrize("n_classes", [20, 200, 900])
    def test_predicted_classes_are_columns_however_many(self, show, n_classes: int) -> None:
        y = np.arange(n_classes)
        plot = show(still_view(y, one_hot(np.zeros_like(y), n_classes)))
        shown = pixels(plot.content).astype(int)
        mistaken = np.argwhere(shown[..., 0] - shown[..., 2] > 60)  # orange
        assert np.ptp(mistaken[:, 0]) > 200
        assert np.ptp(mistaken[:, 1]) < 40

    @pytest.mark.parametrize("image_format", ["png_1x", "svg", "pdf"])
    @pytest.mark.parametrize("n_classes", [3, 100])
    def test_pictures(self, show, image_format: str, n_classes: int) -> None:
        y = np.arange(300) % n_classes
        plot = show(still_view(y, one_hot((y + 1) % n_classes, n_classes)))
        assert len(render(plot, find_format(image_format))) > 4000

    def test_a_class_that_never_occurs(self, show) -> None:
        plot = show(still_view([0, 1, 1, 0], one_hot([0, 1, 0, 0], 3)))
        assert texts(plot).count("–") == 2  # recall and precision of the third
        choose(plot, "confusion_values", Measure.ROWS)
        assert texts(plot).count("–") == 2 + 3


@given(st.integers(2, 40), st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_pooling_keeps_the_highest_of_each_block(n: int, height: int, width: int, seed: int) -> None:
    levels = np.random.default_rng(seed).integers(0, 256, (n, n)).astype(np.uint8)
    found = pooled(levels, height, width)
    rows, columns = min(n, height), min(n, width)
    assert found.shape == (rows, columns)
    for i in range(rows):
        for j in range(columns):
            block = levels[i * n // rows : (i + 1) * n // rows, j * n // columns : (j + 1) * n // columns]
            assert found[i, j] == block.max()


def test_the_smallest_window_still_answers(show) -> None:
    plot = show(still_view(ACTUAL, P, class_names=NAMES), 200, 150)
    QTest.mouseClick(plot.content, Qt.MouseButton.LeftButton, pos=place(plot, 0, 0))
    assert len(listed(plot)) == 18
