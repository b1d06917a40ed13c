from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import pytest
from driving import click, colours_in, find, focus, pixels, press, turn_wheel
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QMainWindow, QScrollBar
from still_view import StillView, one_hot, still_view

from gui.image_export import find_format, render
from gui.plots.hardest import HardestPlot
from gui.session import Session
from gui.theme import DARK, LIGHT

N, C = 90, 3
RANDOM = np.random.default_rng(0)
Y = np.arange(N) % C
X = RANDOM.normal(size=(N, 4)) + Y[:, np.newaxis]
P = RANDOM.dirichlet([1.0, 1.0, 1.0], N).astype(np.float32)
LOSS = -np.log(P[np.arange(N), Y])
NAMES = ("cat", "dog", "owl")
NASTY = ("x" * 200, " ", "붓꽃 한국어 이름", "שלום עולם", "😀🎉", '<b>bold</b>, "quoted"', "two\nlines", "plain")


@pytest.fixture
def show(qtbot) -> Callable[..., HardestPlot]:
    """A function that shows the plot of a view."""

    def show(view: StillView | Session, width: int = 800, height: int = 420) -> HardestPlot:
        plot = HardestPlot(view)
        qtbot.addWidget(plot)
        plot.resize(width, height)
        with qtbot.waitExposed(plot):
            plot.show()
        return plot

    return show


@pytest.fixture
def view() -> StillView:
    return still_view(Y, P, X, NAMES, ("width", "height", "depth", "weight"))


@pytest.fixture
def plot(view: StillView, show) -> HardestPlot:
    return show(view)


def pictures(n: int) -> StillView:
    """Digits 5 pixels high and wide, each with another loss, the last one worst."""
    y = np.arange(n) % 2
    X = np.random.default_rng(1).integers(0, 17, (n, 25)).astype(float)
    X[:, 0] = 0
    sure = np.linspace(0.9, 0.1, n)
    P = np.where(y[:, np.newaxis] == [0, 1], sure[:, np.newaxis], 1 - sure[:, np.newaxis])
    return still_view(y, P, X, ("seven", "one"))


def texts(plot: HardestPlot) -> list[str]:
    root = ElementTree.fromstring(render(plot, find_format("svg")))  # noqa: S314 - made by this program
    return [node.text.strip() for node in root.iter("{http://www.w3.org/2000/svg}text") if node.text]


def places(plot: HardestPlot) -> dict[int, QPoint]:
    """Where table rows are on the screen, from top to bottom and from left to right, found by the pointer."""
    found: dict[int, QPoint] = {}
    for y in range(0, plot.content.height(), 9):
        for x in range(15, plot.content.width() - 30, 38):
            text = plot.text_at(QPointF(x, y))
            if text:
                row = int(text.splitlines()[0].removeprefix("Table row ").replace(",", ""))
                found.setdefault(row, QPoint(x, y))
    return found


def rows_in(plot: HardestPlot) -> list[int]:
    return list(places(plot))


def choose(plot: HardestPlot, name: str, key: object) -> None:
    box = find(plot, name, QComboBox)
    index = box.findData(key)
    assert index >= 0
    box.setCurrentIndex(index)


def worst(chosen: np.ndarray) -> list[int]:
    """Table rows by falling loss, by Python's own sort."""
    return [k + 1 for k in sorted(np.flatnonzero(chosen).tolist(), key=lambda k: -LOSS[k])]


class TestOrder:
    def test_worst_first(self, plot: HardestPlot) -> None:
        shown = rows_in(plot)
        assert len(shown) > 12
        assert shown == worst(np.ones(N, dtype=bool))[: len(shown)]

    def test_wrong_only_and_of_a_class(self, plot: HardestPlot) -> None:
        for key, chosen in (("wrong", P.argmax(axis=1) != Y), (1, Y == 1), ("all", Y >= 0)):
            choose(plot, "hardest_choice", key)
            shown = rows_in(plot)
            assert shown == worst(chosen)[: len(shown)]
        assert [find(plot, "hardest_choice", QComboBox).itemText(k) for k in range(5)] == [
            "All",
            "Wrong only",
            "Class cat",
            "Class dog",
            "Class owl",
        ]

    def test_parts(self, show) -> None:
        view = still_view(Y, P, X, NAMES, validation_share=0.3)
        plot = show(view)
        split = view.loaded.data.split
        for part, rows in (("training", split.train), ("validation", split.validation)):
            choose(plot, "hardest_part", part)
            shown = rows_in(plot)
            assert shown == worst(np.isin(np.arange(N), rows))[: len(shown)]

    def test_equal_losses_keep_their_order(self, show) -> None:
        view = still_view(Y, one_hot(np.zeros(N, dtype=int), C), X, NAMES)
        plot = show(view)
        before = rows_in(plot)
        assert before == sorted(before)
        view.show(one_hot(np.zeros(N, dtype=int), C))
        assert rows_in(plot) == before

    def test_other_predictions_are_ranked_anew(self, plot: HardestPlot, view: StillView) -> None:
        changed = one_hot(Y, C)
        changed[40] = changed[41]
        view.show(changed)
        assert rows_in(plot)[0] == 41

    def test_in_a_session(self, iris_session: Session, show, qtbot) -> None:
        plot = show(iris_session)
        choose(plot, "hardest_part", "all")
        iris_session.step()

        def expected() -> list[int]:
            z = iris_session.network.logits(iris_session.theta, iris_session.loaded.data.X_all)
            y = iris_session.loaded.dataset.y
            loss = np.log(np.exp(z).sum(axis=1)) - z[np.arange(150), y]
            return (np.argsort(-loss, kind="stable")[:5] + 1).tolist()

        qtbot.waitUntil(lambda: iris_session.history is not None and iris_session.history.latest is not None)
        qtbot.waitUntil(lambda: rows_in(plot)[:5] == expected())


class TestWords:
    def test_a_row_of_the_table(self, plot: HardestPlot) -> None:
        k = int(LOSS.argmax())
        found = texts(plot)
        assert f"{k + 1}" in found
        assert f"{LOSS[k]:.4f}" in found
        assert f"{P[k].max():.4f}" in found
        assert "90 examples, " in " ".join(found)

    def test_what_is_unusual_is_counted_in_deviations_from_its_class(self, plot: HardestPlot) -> None:
        k = int(LOSS.argmax())
        peers = X[Y[k] == Y]
        z = (X[k] - peers.mean(axis=0)) / peers.std(axis=0)
        d = int(np.abs(z).argmax())
        name = ("width", "height", "depth", "weight")[d]
        text = f"{name} {X[k, d]:.4g}, {'+' if z[d] > 0 else '−'}{abs(z[d]):.1f} SD".replace("-", "−")
        facts = plot.text_at(places(plot)[k + 1].toPointF()).splitlines()
        assert facts[1:4] == [
            f"actual {NAMES[Y[k]]}, ŷ = {P[k, Y[k]]:.6f}",
            f"predicted {NAMES[P[k].argmax()]}, ŷ = {P[k].max():.6f}",
            f"loss L = −log ŷ = {LOSS[k]:.6g}",
        ]
        assert facts[5] == text
        assert any(line.startswith(text) for line in texts(plot))

    def test_an_impossible_example(self, plot: HardestPlot, view: StillView) -> None:
        sure = one_hot((Y + 1) % C, C, sureness=1.0)
        view.show(sure)
        assert "∞" in texts(plot)


class TestPictures:
    def test_a_grid_worst_first_with_captions(self, show) -> None:
        plot = show(pictures(200))
        shown = rows_in(plot)
        assert len(shown) > 15
        assert shown == list(range(200, 200 - len(shown), -1))
        found = texts(plot)
        assert "seven → one" in found
        assert f"{-np.log(0.1):.2f}" in found

    def test_a_thumbnail_shows_the_pixels(self, show) -> None:
        view = pictures(200)
        plot = show(view)
        plot.set_theme(LIGHT)
        X = view.loaded.dataset.X
        shown = pixels(plot.content)[..., 0].astype(float)
        expected = 255 - np.kron(X[199].reshape(5, 5), np.ones((13, 13))) / X.max() * (255 - 0x1D)
        best = min(
            np.abs(shown[top : top + 65, left : left + 65] - expected)[2:-2, 2:-2].mean()
            for top in range(10, 50)
            for left in range(40)
        )
        assert best < 3.0

    def test_on_paper_there_are_as_many_as_fit(self, show) -> None:
        plot = show(pictures(200), 500, 300)
        few = sum("→" in text for text in texts(plot))
        plot.resize(900, 600)
        assert sum("→" in text for text in texts(plot)) > 2 * few


class TestChoosing:
    def test_click(self, plot: HardestPlot, view: StillView) -> None:
        fifth = rows_in(plot)[4]
        before = pixels(plot.content)
        click(plot.content, places(plot)[fifth])
        assert view.example == fifth - 1
        assert not np.array_equal(pixels(plot.content), before)
        assert plot.content.accessibleDescription().startswith(f"Table row {fifth}, actual")

    def test_keys(self, plot: HardestPlot, view: StillView) -> None:
        order = worst(np.ones(N, dtype=bool))
        focus(plot)
        press(plot, Qt.Key.Key_Home)
        assert view.example == order[0] - 1
        press(plot, Qt.Key.Key_Down, times=3)
        assert view.example == order[3] - 1
        press(plot, Qt.Key.Key_Up)
        assert view.example == order[2] - 1
        press(plot, Qt.Key.Key_End)
        assert view.example == order[-1] - 1
        assert rows_in(plot)[-1] == order[-1]  # it has been scrolled to
        press(plot, Qt.Key.Key_PageUp)
        assert view.example + 1 in rows_in(plot)
        assert view.example + 1 in order[-30:-10]

    def test_keys_in_the_grid(self, show) -> None:
        view = pictures(200)
        plot = show(view)
        focus(plot)
        press(plot, Qt.Key.Key_Home)
        press(plot, Qt.Key.Key_Right, times=2)
        assert view.example == 197
        press(plot, Qt.Key.Key_Down)
        a_row_further = 197 - view.example
        assert 4 < a_row_further < 20
        press(plot, Qt.Key.Key_Up)
        assert view.example == 197

    def test_a_key_finds_the_list_where_the_chosen_example_is_not_in_it(self, plot: HardestPlot, view) -> None:
        view.choose_example(0)  # a cat
        choose(plot, "hardest_choice", 1)
        focus(plot)
        press(plot, Qt.Key.Key_Down)
        assert view.example == worst(Y == 1)[0] - 1

    def test_a_shortcut_of_the_window_waits(self, qtbot, view: StillView) -> None:
        window = QMainWindow()
        qtbot.addWidget(window)
        plot = HardestPlot(view)
        window.setCentralWidget(plot)
        pressed: list[bool] = []
        window.addAction("step").triggered.connect(pressed.append)
        window.actions()[-1].setShortcut("Right")
        window.show()
        qtbot.waitUntil(window.isActiveWindow)
        focus(plot)
        press(window, Qt.Key.Key_Right)
        assert not pressed

    def test_wheel(self, plot: HardestPlot) -> None:
        before = rows_in(plot)
        turn_wheel(plot.content, plot.content.rect().center(), -1)
        assert rows_in(plot)[0] == before[3]
        turn_wheel(plot.content, plot.content.rect().center(), 5)
        assert rows_in(plot) == before
        assert find(plot, "hardest_scroll", QScrollBar).isVisible()


class TestBadInput:
    def hints(self, plot: HardestPlot) -> list[str]:
        return [label.text() for label in plot.content.findChildren(QLabel) if label.isVisible()]

    def test_without_data(self, session: Session, show) -> None:
        plot = show(session)
        press(plot, Qt.Key.Key_Down)
        turn_wheel(plot.content, QPoint(50, 50), 1)
        click(plot.content)
        assert "Load a data set" in self.hints(plot)[0]
        assert render(plot, find_format("png_1x"))

    def test_what_there_is_not_is_said(self, plot: HardestPlot, view: StillView) -> None:
        view.show(one_hot(Y, C))
        choose(plot, "hardest_choice", "wrong")
        assert self.hints(plot) == ["No example of this part is classified wrongly."]
        view.show(np.full_like(P, np.nan))
        choose(plot, "hardest_choice", "all")
        assert "diverged" in self.hints(plot)[0]
        view.show(P)
        assert self.hints(plot) == []

    def test_a_class_without_examples(self, show) -> None:
        plot = show(still_view(Y, one_hot(Y, 4), X))
        choose(plot, "hardest_choice", 3)
        assert self.hints(plot) == ["There is no such example in this part of the data."]

    @pytest.mark.parametrize("size", [(200, 150), (300, 200), (800, 420)])
    def test_nasty_names_at_any_size(self, show, size: tuple[int, int]) -> None:
        y = np.arange(80) % 8
        plot = show(still_view(y, one_hot((y * 3) % 8, 8), np.eye(80, 8), NASTY, NASTY), *size)
        for theme in (LIGHT, DARK):
            plot.set_theme(theme)
            assert colours_in(pixels(plot.content)) > 10
        assert len(rows_in(plot)) >= 2

    def test_nasty_names_under_pictures(self, show) -> None:
        y = np.arange(80) % 8
        X = np.random.default_rng(0).integers(0, 9, (80, 25)).astype(float)
        X[3, 7] = np.nan
        plot = show(still_view(y, one_hot((y * 3) % 8, 8), X, NASTY), 200, 150)
        assert rows_in(plot)

    @pytest.mark.parametrize("X", [np.zeros((6, 2)), np.full((6, 1), 1e308), [[np.nan, 1.0]] * 6])
    def test_constant_huge_and_missing_features(self, show, X) -> None:
        y = np.array([0, 1] * 3)
        plot = show(still_view(y, one_hot(1 - y, 2), X))
        assert len(rows_in(plot)) == 6
        assert not find(plot, "hardest_scroll", QScrollBar).isVisible()

    def test_a_thousand_classes(self, show) -> None:
        y = np.arange(2000) % 1000
        plot = show(still_view(y, one_hot((y + 1) % 1000, 1000)))
        assert find(plot, "hardest_choice", QComboBox).count() == 1002
        assert rows_in(plot)[0] == 1

    @pytest.mark.parametrize("image_format", ["png_1x", "svg", "pdf"])
    @pytest.mark.parametrize("kind", ["table", "grid"])
    def test_picture_files(self, show, view: StillView, image_format: str, kind: str) -> None:
        plot = show(view if kind == "table" else pictures(60))
        assert len(render(plot, find_format(image_format))) > 4000
