import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from driving import click, colours_in, find, focus, pixels, press, turn_wheel
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QScrollBar, QToolButton

from engine.data.preparation import PreparationConfig
from engine.data.table import Table
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.problem import network_for
from engine.progress import Moment
from gui.image_export import find_format, render
from gui.loading import LoadedData, load_data
from gui.plots.weights import WeightsPlot
from gui.run_view import FinishedRunView, RunView
from gui.session import Session
from gui.theme import DARK, LIGHT

STRANGE = ["x" * 200, "", "한국어 이름", "שלום עולם", "😀", "<b>bold</b>", "two\nlines"]


class Trained(FinishedRunView):
    """A run of which only the weights are known."""

    def __init__(self, loaded: LoadedData, config: TrainingConfig, theta: np.ndarray) -> None:
        super().__init__(loaded, config, History(1))
        self._theta = theta

    @property
    def newest_theta(self) -> np.ndarray:
        return self._theta


def table(X: np.ndarray, names: list[str], classes: list[str]) -> LoadedData:
    y = [classes[i % len(classes)] for i in range(len(X))]
    frame = pl.DataFrame({**{name or " ": X[:, j] for j, name in enumerate(names)}, "target": y})
    return load_data(Table("made", frame), "target", PreparationConfig(), None, None)


def plain(n_features: int, n_classes: int) -> LoadedData:
    X = np.random.default_rng(0).normal(size=(max(3 * n_classes, 20), n_features))
    return table(X, [f"f{j}" for j in range(n_features)], [f"class {c:03}" for c in range(n_classes)])


def images(side: int, n_classes: int) -> LoadedData:
    X = np.random.default_rng(0).integers(0, 17, size=(max(3 * n_classes, 60), side * side)).astype(float)
    return table(X, [f"p{j}" for j in range(side * side)], [f"{c:03}" for c in range(n_classes)])


def run(loaded: LoadedData, theta: np.ndarray | None = None, **config: object) -> Trained:
    settings = TrainingConfig(**config)
    n = network_for(loaded.data, settings).n_parameters
    return Trained(loaded, settings, np.random.default_rng(1).normal(size=n) if theta is None else theta)


@pytest.fixture
def show(qtbot, qapp) -> Callable[..., WeightsPlot]:
    def show(session: RunView, size: tuple[int, int] = (620, 420)) -> WeightsPlot:
        plot = WeightsPlot(session)
        qtbot.addWidget(plot)
        plot.resize(*size)
        with qtbot.waitExposed(plot):
            plot.show()
        return plot

    return show


def texts_of(plot: WeightsPlot) -> list[str]:
    """All that stands in the picture."""
    root = ElementTree.fromstring(render(plot, find_format("svg")))  # noqa: S314 - made by this program
    return [node.text.strip() for node in root.iter("{http://www.w3.org/2000/svg}text") if node.text]


def said(plot: WeightsPlot) -> str:
    return plot.content.accessibleDescription()


def choose(plot: WeightsPlot, name: str, text: str) -> None:
    """Choose with the keyboard, as far as letters go."""
    box = find(plot, name, QComboBox)
    focus(box)
    box.setCurrentIndex(next(i for i in range(box.count()) if box.itemText(i).startswith(text)))


def read_outs(plot: WeightsPlot, across: int = 15, down: int = 13) -> set[str]:
    """What the pointer reads, place by place."""
    area = plot.content.rect()
    points = (QPointF(x, y) for x in range(1, area.width(), across) for y in range(1, area.height(), down))
    return {text for text in map(plot.text_at, points) if "\n" in text}


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def test_empty_it_says_what_it_will_show(session: Session, show) -> None:
    plot = show(session)
    assert not find(plot, "weights_csv", QToolButton).isEnabled()
    assert any("Load a data set" in label.text() for label in plot.findChildren(QLabel) if label.isVisible())
    plot.copy_csv()  # nothing to copy


def test_before_training_all_weights_are_zero_and_it_says_so(iris_session: Session, show) -> None:
    plot = show(iris_session)
    assert said(plot).startswith("All weights are zero: that is where training starts.")
    found = texts_of(plot)
    assert found.count("0") >= 15
    assert set(iris_session.loaded.dataset.class_names) <= set(found)
    assert set(iris_session.loaded.dataset.feature_names) <= set(found)


def test_shows_the_newest_weights_while_training(qtbot, iris_session: Session, show) -> None:
    plot = show(iris_session)
    iris_session.step()
    qtbot.waitUntil(lambda: "zero" not in said(plot))
    theta = iris_session.theta
    found = texts_of(plot)
    for weight in theta:
        assert any(number(text) == pytest.approx(weight, rel=6e-3) for text in found if re.fullmatch(r"[−\d.e]+", text))


def test_every_number_is_read_out_with_feature_and_class(show) -> None:
    loaded = plain(3, 2)
    session = run(loaded)
    W, b = session.theta[:6].reshape(2, 3), session.theta[6:]
    plot = show(session)
    expected = {f"f{j}\nclass {c:03}\nweight {W[c, j]:.6g}".replace("-", "−") for j in range(3) for c in range(2)} | {
        f"class {c:03}\nbias {b[c]:.6g}".replace("-", "−") for c in range(2)
    }
    assert read_outs(plot) == expected


def test_original_units_and_odds_ratios_are_what_the_table_says(iris_session: Session, show) -> None:
    session = run(iris_session.loaded)
    plot = show(session, (480, 240))
    W, b = session.theta[:12].reshape(3, 4), session.theta[12:]
    train = session.loaded.dataset.X[session.loaded.data.split.train]
    beta = W / train.std(axis=0)
    choose(plot, "weights_view", "Coefficients")
    feature, name = session.loaded.dataset.feature_names[2], session.loaded.dataset.class_names
    intercept = b[1] - float(beta[1] @ train.mean(axis=0))
    for wanted in (f"{feature}\n{name[1]}\ncoefficient {beta[1, 2]:.6g}", f"{name[1]}\nintercept {intercept:.6g}"):
        assert wanted.replace("-", "−") in read_outs(plot, across=50)
    choose(plot, "weights_view", "Odds")
    for reference in (0, 2):
        choose(plot, "weights_reference", name[reference])
        gap = beta[1, 2] - beta[reference, 2]
        wanted = f"{feature}\n{name[1]}\nodds ratio {np.exp(gap):.6g} (logarithm {gap:.6g})".replace("-", "−")
        assert wanted in read_outs(plot, across=50)
        assert f"against {name[reference]} when" in said(plot)


def test_the_reference_is_offered_for_odds_only_and_is_the_first_class_at_first(iris_session: Session, show) -> None:
    plot = show(run(iris_session.loaded))
    box = find(plot, "weights_reference", QComboBox)
    assert not box.isVisible()
    choose(plot, "weights_view", "Odds")
    assert box.isVisible()
    assert box.currentText() == "setosa"
    assert "setosa (reference)" in texts_of(plot)
    choose(plot, "weights_view", "Weights")
    assert not box.isVisible()


def test_odds_beyond_a_thousand_million_say_so(iris_session: Session, show) -> None:
    plot = show(run(iris_session.loaded, 1e4 * np.random.default_rng(1).normal(size=15)))
    choose(plot, "weights_view", "Odds")
    found = texts_of(plot)
    assert "> 1e9" in found
    assert "< 1e−9" in found
    assert not any(word in text for text in found for word in ("inf", "nan"))


def test_features_in_the_chosen_order(show) -> None:
    W = np.array([[1.0, 0.0, -5.0], [2.0, -3.0, 0.0], [0.0, 4.0, 1.0]])
    plot = show(run(plain(3, 3), np.concatenate([W.T.ravel(), np.zeros(3)])))

    def order() -> list[str]:
        return [text for text in texts_of(plot) if re.fullmatch(r"f\d", text)]

    assert order() == ["f0", "f1", "f2"]
    choose(plot, "weights_sort", "By largest")
    assert order() == ["f0", "f2", "f1"]
    choose(plot, "weights_sort", "By weight for class 000")
    assert order() == ["f1", "f0", "f2"]


def test_thousands_of_features_scroll_with_wheel_and_keys_and_say_which_are_seen(show) -> None:
    plot = show(run(plain(2000, 3)))
    seen = r"features ([\d,]+) to ([\d,]+) of 2,000"

    assert re.search(seen, said(plot))[1] == "1"
    bar = find(plot, "weights_down", QScrollBar)
    turn_wheel(plot.content, QPoint(200, 200), -2)
    assert bar.value() == 6
    focus(plot)
    press(plot, Qt.Key.Key_PageDown)
    assert bar.value() > 12
    press(plot, Qt.Key.Key_End)
    assert "f1999" in texts_of(plot)
    assert "to 2,000 of 2,000" in said(plot)
    press(plot, Qt.Key.Key_Home)
    assert bar.value() == 0


def test_a_thousand_classes_scroll_sideways_or_are_seen_all_at_once(show) -> None:
    plot = show(run(plain(4, 1000)))
    assert re.search(r"classes 1 to \d\d of 1,000", said(plot))
    focus(plot)
    press(plot, Qt.Key.Key_Right, times=3)
    assert find(plot, "weights_across", QScrollBar).value() == 3
    click(find(plot, "weights_all", QToolButton))
    assert not find(plot, "weights_across", QScrollBar).isVisible()
    assert "All 4 features and 1,000 classes" in said(plot)
    seen = {text.split("\n")[-2] for text in read_outs(plot, across=1, down=200)}
    assert len(seen) > 300
    assert {name[:-1] for name in seen} == {f"class {c:02}" for c in range(100)}


def test_images_hold_each_weight_where_its_pixel_is(show) -> None:
    loaded = images(5, 3)
    session = run(loaded)
    plot = show(session)
    W, b = session.theta[:75].reshape(3, 25), session.theta[75:]
    expected = {
        f"p{j} (row {j // 5 + 1}, column {j % 5 + 1})\n{c:03}\nweight {W[c, j]:.6g}".replace("-", "−")
        for j in range(25)
        for c in range(3)
    }
    found = read_outs(plot)
    assert expected <= found
    assert found - expected == {f"{c:03}\nbias {b[c]:.6g}".replace("-", "−") for c in range(3)}


def test_images_share_one_scale_and_are_neutral_at_zero(show) -> None:
    loaded = images(5, 2)
    W = np.zeros((2, 25))
    W[0, 0], W[1, 24] = 3.0, -0.3
    plot = show(run(loaded, np.concatenate([W.ravel(), np.zeros(2)])))
    picture = pixels(plot.content).astype(int)
    places: dict[str, QPoint] = {}
    for x in range(0, plot.content.width(), 16):
        for y in range(0, plot.content.height(), 16):
            places[plot.text_at(QPointF(x, y))] = QPoint(x, y)

    def colour(text: str) -> np.ndarray:
        place = next(point for name, point in places.items() if name.startswith(text))
        return picture[place.y(), place.x()]

    strong, weak, zero = colour("p0 (row 1, column 1)\n000"), colour("p24 (row 5, column 5)\n001"), colour("p7 (")
    assert zero.tolist() == [255, 255, 255]
    assert strong[2] - strong[0] > 80  # blue
    assert 0 < weak[0] - weak[2] < 60  # a faint orange


def test_of_a_thousand_images_the_first_fit_and_the_others_are_counted(show) -> None:
    plot = show(run(images(5, 1000)))
    n, left = re.search(r"The first (\d+) of 1,000 classes are shown, (\d+) are left out", said(plot)).groups()
    assert int(n) + int(left) == 1000
    found = texts_of(plot)
    assert f"{int(n) - 1:03}" in found
    assert f"{int(n):03}" not in found


def test_26_images_all_fit(show) -> None:
    plot = show(run(images(28, 26)))
    assert "left out" not in said(plot)
    assert {f"{c:03}" for c in range(26)} <= set(texts_of(plot))


def test_hidden_layers_show_their_first_weights_and_say_why_there_are_no_coefficients(show) -> None:
    session = run(plain(3, 2), hidden_layers=(4, 5))
    plot = show(session)
    W = session.theta[:12].reshape(4, 3)
    found = read_outs(plot)
    assert f"f1\nunit 3\nweight {W[2, 1]:.6g}".replace("-", "−") in found
    assert len(found) == 16
    assert "need a network without hidden layers" in said(plot)
    assert not find(plot, "weights_view", QComboBox).isEnabled()


def test_hidden_layers_of_image_data_show_an_image_per_unit(show) -> None:
    session = run(images(5, 2), hidden_layers=(4,))
    plot = show(session)
    W = session.theta[:100].reshape(4, 25)
    assert f"p7 (row 2, column 3)\nunit 4\nweight {W[3, 7]:.6g}".replace("-", "−") in read_outs(plot)
    assert {"unit 1", "unit 2", "unit 3", "unit 4"} <= set(texts_of(plot))


def test_another_network_and_another_data_set_are_met(qtbot, iris_session: Session, show) -> None:
    plot = show(iris_session)
    choose(plot, "weights_view", "Odds")
    choose(plot, "weights_reference", "virginica")
    choose(plot, "weights_sort", "By weight for virginica")
    iris_session.set_config(TrainingConfig(hidden_layers=(2,)))
    assert "first hidden layer" in said(plot)
    assert "unit 2" in texts_of(plot)
    iris_session.set_config(TrainingConfig())
    with qtbot.waitSignal(iris_session.data_changed):
        iris_session.open_entry("breast_cancer")
    assert {"benign", "malignant"} <= set(texts_of(plot))
    choose(plot, "weights_view", "Odds")
    assert find(plot, "weights_reference", QComboBox).currentText() == "benign"
    choose(plot, "weights_view", "Coefficients")
    with qtbot.waitSignal(iris_session.data_changed):
        iris_session.open_entry("digits")
    assert not find(plot, "weights_sort", QComboBox).isVisible()
    assert {str(digit) for digit in range(10)} <= set(texts_of(plot))


def test_a_large_network_is_worked_out_away_from_the_window(qtbot, session: Session, show, tmp_path) -> None:
    loaded = plain(400, 200)
    path = tmp_path / "wide.csv"
    loaded.table.frame.write_csv(path)
    plot = show(session)
    with qtbot.waitSignal(session.data_changed):
        session.open_file(path)
    if session.loaded.dataset.target_name != "target":
        with qtbot.waitSignal(session.data_changed):
            session.choose_target("target")
    qtbot.waitUntil(lambda: "of 400" in said(plot))
    assert "zero" in said(plot)
    session.set_config(TrainingConfig(hidden_layers=(300,)))
    plot.content.repaint()  # as it was, until the new one is ready
    assert "hidden" not in said(plot)
    qtbot.waitUntil(lambda: "units 1 to" in said(plot))


def test_csv_of_what_is_shown_goes_to_the_clipboard(qtbot, iris_session: Session, show) -> None:
    session = run(iris_session.loaded)
    plot = show(session)
    QGuiApplication.clipboard().clear()
    click(find(plot, "weights_csv", QToolButton))
    rows = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
    assert rows[0] == ["feature", *session.loaded.dataset.class_names]
    assert [row[0] for row in rows[1:]] == ["bias", *session.loaded.dataset.feature_names]
    found = np.array([row[1:] for row in rows[1:]], dtype=float)
    np.testing.assert_array_equal(found[0], session.theta[12:])
    np.testing.assert_array_equal(found[1:], session.theta[:12].reshape(3, 4).T)
    assert said(plot).startswith("Copied as CSV: 5 rows and 3 columns")


def test_the_context_menu_copies_too(iris_session: Session, show) -> None:
    plot = show(run(iris_session.loaded))
    choose(plot, "weights_view", "Odds")
    menu = QMenu(plot)
    plot.extend_menu(menu)
    find(menu, "weights_copy_csv", QAction).trigger()
    rows = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
    assert rows[1][0] == "odds at 0"
    assert {row[1] for row in rows[1:]} == {"1.0"}


def test_constant_and_missing_columns_are_named_as_what_they_are(show) -> None:
    X = np.random.default_rng(0).normal(size=(40, 3))
    X[:, 1] = 7.0
    X[3, 2] = np.nan
    plot = show(run(table(X, ["a", "k", "m"], ["p", "q"])))
    assert "1 of 3 features are constant in the training rows and without effect" in said(plot)
    assert "missing" not in said(plot)
    choose(plot, "weights_view", "Coefficients")
    assert "k\np\ncoefficient 0\nconstant in the training rows, without effect" in read_outs(plot)
    assert "A missing number counts as the median of its column in the training rows." in said(plot)


@pytest.mark.parametrize("view", ["Weights", "Coefficients", "Odds"])
def test_after_a_divergence_it_says_so(iris_session: Session, show, view: str) -> None:
    for theta in (np.full(15, np.nan), np.array([np.inf] + 14 * [np.nan])):
        plot = show(run(iris_session.loaded, theta))
        choose(plot, "weights_view", view)
        assert "the training has diverged" in said(plot)
        assert "–" in texts_of(plot)


@pytest.mark.parametrize("loaded", [plain(1, 2), plain(3, 2), images(5, 2)], ids=["1 feature", "3 features", "images"])
@pytest.mark.parametrize("size", [(200, 150), (300, 200), (1200, 800)])
def test_any_size_shows_something(show, loaded: LoadedData, size: tuple[int, int]) -> None:
    plot = show(run(loaded), size)
    assert colours_in(pixels(plot.content)) > 8


def test_foreign_names_are_shown_to_the_letter(show) -> None:
    X = np.random.default_rng(0).normal(size=(70, 7))
    plot = show(run(table(X, STRANGE, [name or "-" for name in STRANGE])))
    found = texts_of(plot)
    assert {"<b>bold</b>", "two lines", "한국어 이름", "😀"} <= set(found)
    assert max(map(len, found[:40])) < 200
    assert any(text.startswith("<b>bold</b>\n") for text in read_outs(plot, across=40))


@pytest.mark.parametrize("key", ["png_2x", "svg", "pdf"])
@pytest.mark.parametrize("loaded", [plain(30, 3), images(8, 10)], ids=["table", "images"])
def test_pictures(show, key: str, loaded: LoadedData) -> None:
    plot = show(run(loaded))
    plot.set_theme(DARK)
    picture = render(plot, find_format(key))
    assert len(picture) > 4000
    if key == "png_2x":
        image = QImage.fromData(picture)
        assert colours_in(pixels(image)) > 100
        plot.set_theme(LIGHT)
        assert render(plot, find_format(key)) == picture  # paper knows no theme


def test_without_standardising_the_weights_are_those_of_the_units_of_the_table(qtbot, iris_session, show) -> None:
    plot = show(iris_session)
    assert find(plot, "weights_view", QComboBox).currentText() == "Weights (standardised inputs)"
    assert "rises by one standard deviation" in said(plot)
    with qtbot.waitSignal(iris_session.data_changed):
        iris_session.set_preparation(PreparationConfig(standardize=False))
    assert find(plot, "weights_view", QComboBox).currentText() == "Weights (inputs as they are)"
    assert "rises by one unit" in said(plot)


def test_the_weights_of_a_chosen_moment_are_shown(qtbot, iris_session: Session, show) -> None:
    plot = show(iris_session)
    iris_session.step()
    qtbot.waitUntil(lambda: "zero" not in said(plot))
    iris_session.choose_moment(Moment(1, 0, np.full(15, 0.25)))
    assert texts_of(plot).count("0.250") == 15
    iris_session.choose_moment(None)
    assert "0.250" not in texts_of(plot)
