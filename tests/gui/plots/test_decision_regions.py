import re
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from driving import click, colours_in, drop_file, find, focus, pixels, press, turn_wheel, type_over, wait_until
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QMenu, QSpinBox, QTableView, QToolButton

from engine.arrays import RealArray
from engine.data.dataset import Dataset
from engine.data.encoding import FeatureEncoder
from engine.data.gallery import load_entry
from engine.data.preparation import PreparationConfig, prepare
from engine.decision_regions import Field, PrincipalComponents, RegionGrid, StraightBorders
from engine.hyperparameters import TrainingConfig
from engine.network import Network
from gui.image_export import find_format, paint, render
from gui.loading import LoadedData
from gui.main_window import MainWindow
from gui.plots.class_style import class_colours
from gui.plots.decision_regions import DecisionRegionsPlot, picture, readout
from gui.plots.decision_regions.resolution import points_a_side
from gui.plots.probabilities import ProbabilitiesPlot
from gui.run_view import RunState, RunView
from gui.session import Session
from gui.theme import LIGHT


@pytest.fixture
def session(shared_session: Session) -> Session:
    return shared_session


def settle(plot: DecisionRegionsPlot) -> None:
    """Wait until what was asked for in the background is on the screen."""
    QApplication.processEvents()
    wait_until(lambda: not plot.busy)
    QApplication.processEvents()


def choose(plot: DecisionRegionsPlot, name: str) -> None:
    """Choose an entry of the options."""
    find(plot, name, QAction).trigger()
    settle(plot)


@pytest.fixture
def plot(window: MainWindow) -> DecisionRegionsPlot:
    plot = find(window, "decision_regions", DecisionRegionsPlot)
    axes = find(window, "axes", QComboBox)
    axes.setCurrentIndex(axes.findData("components"))
    for name in ("hold_mean", "shading_softmax"):
        choose(plot, name)
    for name in ("show_borders", "show_contours"):
        find(plot, name, QAction).setChecked(True)
    plot.reset_view()
    settle(plot)
    return plot


def train(session: Session, plot: DecisionRegionsPlot, **settings: object) -> None:
    session.set_config(TrainingConfig(**{"epochs": 60} | settings))
    session.train()
    wait_until(lambda: session.stop_reason is not None)
    settle(plot)


def places(plot: DecisionRegionsPlot) -> np.ndarray:
    """Where every example is drawn, in pixels of the viewport (N, 2)."""
    found = []
    for x, y in plot.session.loaded.components.coordinates:
        place = plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(x, y)))
        found.append((place.x(), place.y()))
    return np.array(found)


def loneliest(plot: DecisionRegionsPlot, among: list[int]) -> tuple[int, QPoint]:
    """The example of ``among`` farthest from all others, and where it is drawn."""
    spots = places(plot)
    distances = np.linalg.norm(spots[:, None] - spots[None], axis=2) + 1e9 * np.eye(len(spots))
    best = max(among, key=lambda i: distances[i].min())
    return best, QPoint(*map(int, spots[best]))


def click_at(plot: DecisionRegionsPlot, place: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    # The scene takes two presses close in time and place for a double click, which means something else.
    QTest.qWait(QApplication.doubleClickInterval() // 40)
    click(plot.graph.viewport(), place, button)


def assert_shown_everywhere(window: MainWindow, example: int) -> None:
    table = find(window, "table", QTableView)
    assert [index.row() for index in table.selectionModel().selectedRows()] == [example]
    assert table.visualRect(table.model().index(example, 0)).intersects(table.viewport().rect())
    assert find(window, "example", QSpinBox).value() == example + 1
    name = ("setosa", "versicolor", "virginica")[example // 50]
    assert f"actual class {name}" in find(window, "probabilities", ProbabilitiesPlot).content.accessibleDescription()


class TestChoosing:
    @pytest.mark.parametrize("label", [0, 1, 2])
    def test_click_a_point(self, window: MainWindow, session: Session, plot, label: int) -> None:
        example, place = loneliest(plot, list(range(50 * label + 1, 50 * label + 50)))
        before = pixels(find(window, "probabilities"))
        click_at(plot, place)
        assert session.example == example
        assert_shown_everywhere(window, example)
        assert not np.array_equal(pixels(find(window, "probabilities")), before)

    def test_a_click_beside_all_points_chooses_none(self, window: MainWindow, session: Session, plot) -> None:
        view = plot.graph.mapFromScene(plot.view.sceneBoundingRect()).boundingRect()
        spots = [QPoint(x, y) for x in range(view.left(), view.right(), 9) for y in range(view.top(), view.bottom(), 9)]
        room = [np.linalg.norm(places(plot) - (spot.x(), spot.y()), axis=1).min() for spot in spots]
        assert max(room) > 20
        click_at(plot, spots[int(np.argmax(room))])
        assert_shown_everywhere(window, 0)

    def test_the_chosen_point_is_ringed(self, window: MainWindow, session: Session, plot) -> None:
        example, place = loneliest(plot, list(range(1, 150)))

        def dark_pixels_around() -> int:
            part = pixels(plot.graph)[place.y() - 13 : place.y() + 14, place.x() - 13 : place.x() + 14]
            return int((part.sum(axis=2) < 200).sum())

        before = dark_pixels_around()
        click_at(plot, place)
        QApplication.processEvents()
        assert dark_pixels_around() > before + 20
        session.choose_example(0 if example else 1)
        QApplication.processEvents()
        assert dark_pixels_around() < before + 10

    def test_click_a_table_row(self, window: MainWindow, session: Session) -> None:
        table = find(window, "table", QTableView)
        table.scrollTo(table.model().index(120, 0))
        click(table.viewport(), table.visualRect(table.model().index(120, 1)).center())
        assert session.example == 120
        assert_shown_everywhere(window, 120)

    def test_arrows_in_the_table(self, window: MainWindow, session: Session) -> None:
        focus(find(window, "table"))
        press(window, Qt.Key.Key_Down, times=3)
        assert_shown_everywhere(window, 3)
        assert session.history is None  # no arrow made a step

    def test_number(self, window: MainWindow) -> None:
        type_over(find(window, "example", QSpinBox), "101")
        assert_shown_everywhere(window, 100)

    def test_a_row_without_class_is_explained(
        self, window: MainWindow, session: Session, qtbot, tmp_path: Path
    ) -> None:
        path = tmp_path / "gaps.csv"
        path.write_text("x,y,class\n" + "1,2,a\n3,4,b\n5,6,\n7,8,a\n" * 4)
        with qtbot.waitSignal(session.data_changed):
            drop_file(window, path)
        table = find(window, "table", QTableView)
        click(table.viewport(), table.visualRect(table.model().index(2, 0)).center())
        assert "no class" in find(window, "message", QLabel).text()
        click(table.viewport(), table.visualRect(table.model().index(3, 0)).center())
        assert session.example == 2  # the third example stands in the fourth row
        assert session.loaded.dataset.rows[session.example] == 3


class TestPicture:
    def test_wide_networks_are_asked_at_fewer_places(
        self, window: MainWindow, session: Session, plot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The training waits for the core that answers."""
        monkeypatch.setattr("gui.plots.decision_regions.plot.points_a_side", points_a_side)  # as finely as users see it
        asked: list[tuple[int, int]] = []
        field = RegionGrid.field

        def recorded(grid: RegionGrid, network: Network, theta: RealArray) -> Field:
            asked.append((network.n_parameters, grid.width * grid.height))
            return field(grid, network, theta)

        monkeypatch.setattr(RegionGrid, "field", recorded)
        for hidden_layers in ((), (8,), (1024, 1024, 1024, 1024)):
            session.set_config(TrainingConfig(hidden_layers=hidden_layers, seed=7))
            wait_until(lambda: session.theta is not None)  # very many weights are drawn in the background
            settle(plot)
        sizes = dict(asked)
        assert len(sizes) == 3
        plain, narrow, wide = (sizes[n_parameters] for n_parameters in sorted(sizes))
        assert plain == narrow == 400 * 400
        assert 8 * 8 <= wide < 40 * 40

    def test_trained_regions_have_the_colours_of_their_classes(self, session: Session, plot) -> None:
        untrained = pixels(plot.graph)
        train(session, plot)
        trained = pixels(plot.graph)
        assert not np.array_equal(trained, untrained)
        hues = trained.reshape(-1, 3).astype(float)
        hues = hues[np.ptp(hues, axis=1) > 60]
        for colour in class_colours(3):
            rgb = np.array(colour.getRgb()[:3], dtype=float)
            direction = (255 - rgb) / np.linalg.norm(255 - rgb)
            tint = (255 - hues) / np.linalg.norm(255 - hues, axis=1, keepdims=True)
            assert (tint @ direction > 0.98).sum() > 1000, colour.name()

    def test_features_as_axes(self, window: MainWindow, session: Session, plot) -> None:
        axes = find(window, "axes", QComboBox)
        x, y = find(window, "x_feature", QComboBox), find(window, "y_feature", QComboBox)
        assert not x.isVisible()
        axes.setCurrentIndex(axes.findData("features"))
        assert x.isVisible()
        assert [x.itemText(i) for i in range(x.count())] == list(session.loaded.dataset.feature_names)
        before = pixels(plot.graph)
        x.setCurrentIndex(2)
        y.setCurrentIndex(3)
        settle(plot)
        assert not np.array_equal(pixels(plot.graph), before)
        assert plot.item.getAxis("bottom").labelText.startswith(session.loaded.dataset.feature_names[2])
        y.setCurrentIndex(2)  # the same feature twice
        settle(plot)
        plot.grab()

    def test_two_features_are_axes_themselves(self, window: MainWindow, session: Session, plot, qtbot) -> None:
        with qtbot.waitSignal(session.data_changed):
            session.open_entry("spirals")
        assert find(window, "axes", QComboBox).currentData() == "features"
        assert find(window, "x_feature", QComboBox).isVisible()

    @pytest.mark.parametrize("turns", [[1], [10] * 12, [-10] * 12], ids=["in", "far in", "far out"])
    def test_zoom_and_back(self, window: MainWindow, plot, turns: list[int]) -> None:
        before, range_before = pixels(plot.graph), plot.view.viewRange()
        viewport = plot.graph.viewport()
        for notches in turns:
            turn_wheel(viewport, viewport.rect().center(), notches)
        settle(plot)
        plot.grab()
        assert plot.view.viewRange() != range_before
        assert np.isfinite(plot.view.viewRange()).all()
        QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=viewport.rect().center())
        settle(plot)
        assert np.allclose(plot.view.viewRange(), range_before)
        assert np.abs(pixels(plot.graph).astype(int) - before).mean() < 2


def hover(plot: DecisionRegionsPlot, x: float, y: float) -> str:
    """Rest the pointer on a place in the units of the axes; what is read out there."""
    place = plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(x, y)))
    QTest.mouseMove(plot.graph.viewport(), place + QPoint(1, 1))
    QTest.qWait(15)  # the scene overhears what comes sooner
    QTest.mouseMove(plot.graph.viewport(), place)
    QTest.qWait(40)
    return read_out(plot)


def read_out(plot: DecisionRegionsPlot) -> str:
    shown = [item for item in plot.graph.scene().items() if isinstance(item, pg.TextItem) and item.isVisible()]
    return "\n".join(item.toPlainText() for item in shown)


def numbers_in(text: str) -> list[float]:
    return [float(found.replace("−", "-")) for found in re.findall(r"−?\d+\.?\d*(?:e[+−]\d+)?", text)]


def show_features(plot: DecisionRegionsPlot, x: int, y: int) -> None:
    axes = find(plot, "axes", QComboBox)
    axes.setCurrentIndex(axes.findData("features"))
    find(plot, "x_feature", QComboBox).setCurrentIndex(x)
    find(plot, "y_feature", QComboBox).setCurrentIndex(y)
    settle(plot)


def by_hand(session: Session, row: np.ndarray) -> np.ndarray:
    """Probabilities of a row (D,) in its own units, in plain arithmetic."""
    data = session.loaded.data
    train_rows = data.dataset.X[data.split.train]
    z = (row - train_rows.mean(axis=0)) / train_rows.std(axis=0)
    W, b = session.theta[:12].reshape(3, 4), session.theta[12:]
    t = np.exp(W @ z + b)
    return t / t.sum()


class TestReadOut:
    def test_coordinates_and_probabilities_under_the_pointer(self, session: Session, plot) -> None:
        train(session, plot)
        show_features(plot, 2, 0)
        mean = session.loaded.dataset.X[session.loaded.data.split.train].mean(axis=0)
        place = plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(4.0, 7.4)))
        exact = plot.view.mapSceneToView(plot.graph.mapToScene(place))
        first, second = hover(plot, 4.0, 7.4).splitlines()[:2]
        length, width = session.loaded.dataset.feature_names[2], session.loaded.dataset.feature_names[0]
        assert first == f"{length} = {exact.x():.4g}, {width} = {exact.y():.4g}"
        expected = by_hand(session, np.array([exact.y(), mean[1], exact.x(), mean[3]]))
        names = session.loaded.dataset.class_names
        assert second == ", ".join(f"{names[c]} {expected[c]:.4f}" for c in np.argsort(-expected))

    def test_a_straight_border_tells_its_equation(self, session: Session, plot) -> None:
        train(session, plot)
        show_features(plot, 2, 3)
        mean = session.loaded.dataset.X[session.loaded.data.split.train].mean(axis=0)
        (left, right), (bottom, top) = plot.view.viewRange()
        for x in np.linspace(left, right, 60)[5:-5]:
            P = np.array([by_hand(session, np.array([*mean[:2], x, y])) for y in np.linspace(bottom, top, 60)])
            changes = np.flatnonzero(np.diff(P.argmax(axis=1)))
            if len(changes) == 1 and 5 < changes[0] < 54:
                break
        y = np.linspace(bottom, top, 60)[changes[0]] + (top - bottom) / 118
        line = next(line for line in hover(plot, x, y).splitlines() if "|" in line)
        classes = sorted(P[changes[0] : changes[0] + 2].argmax(axis=1))
        names = session.loaded.dataset.class_names
        assert line.startswith(f"{names[classes[0]]} | {names[classes[1]]}: ")
        signs = [-1 if "−" in part else 1 for part in re.findall(r"(?:: |\s)([−+]?)\s?[\d.]+ ·", line)]
        a, b, c = numbers_in(line.split(":")[1].replace("− ", "−").replace("+ ", ""))[0:3]
        assert np.sign([a, b]).tolist() == signs
        # The weights in the units of the features, whatever the standardisation.
        deviation = session.loaded.dataset.X[session.loaded.data.split.train].std(axis=0)
        W = session.theta[:12].reshape(3, 4)
        expected = (W[classes[1]] - W[classes[0]])[2:] / deviation[2:]
        np.testing.assert_allclose([a, b], expected, rtol=1e-3)
        ends = np.array([[x, (c - a * x) / b] for x in (left, right)])
        for x, y in ends:
            P = by_hand(session, np.array([*mean[:2], x, y]))
            assert P[classes[0]] == pytest.approx(P[classes[1]], rel=0.05)

    def test_hidden_layers_have_no_equation(self, session: Session, plot) -> None:
        train(session, plot, hidden_layers=(5,), epochs=20)
        (left, right), (bottom, top) = plot.view.viewRange()
        texts = [hover(plot, x, (bottom + top) / 2) for x in np.linspace(left, right, 14)[1:-1]]
        assert all("|" not in text for text in texts)
        assert len(set(texts)) == 12

    def test_names_the_example_under_the_pointer(self, session: Session, plot) -> None:
        example, _ = loneliest(plot, list(range(100, 150)))
        x, y = session.loaded.components.coordinates[example]
        assert f"example {example + 1}, actual class virginica" in hover(plot, x, y)

    def test_goes_with_the_pointer(self, plot) -> None:
        (left, right), (bottom, top) = plot.view.viewRange()
        assert hover(plot, (left + right) / 2, (bottom + top) / 2) != ""
        QTest.mouseMove(plot.graph.viewport(), QPoint(2, 2))
        QTest.qWait(40)
        assert read_out(plot) == ""

    def test_names_from_a_file_are_shown_to_the_letter(self) -> None:
        names = ("<b>a</b>", "각" * 200, "")
        text = readout.describe_probabilities(names, np.array([0.5, 0.3, 0.2]))
        assert text.startswith("<b>a</b> 0.5000, 각각")
        assert len(text) < 80
        assert readout.describe_probabilities(names, np.array([np.nan, 0.3, 0.2])) == ""

    @pytest.mark.parametrize(
        ("equation", "text"),
        [
            ((2.0, -0.5, 1.0), "a | b: 2 · x − 0.5 · y = 1"),
            ((-2.0, 0.5, -1.0), "a | b: −2 · x + 0.5 · y = −1"),
            ((0.0, 3.0, 0.0), "a | b: 3 · y = 0"),
            ((1.23456, 0.0, 1e-7), "a | b: 1.235 · x = 1e−07"),
        ],
    )
    def test_equations_as_they_are_written(self, equation: tuple, text: str) -> None:
        borders = StraightBorders(np.array([[0, 1]]), np.array([equation]), np.zeros((1, 2, 2)))
        assert readout.describe_border(borders, 0, ("x", "y"), ("a", "b")) == text


def share_of_commonest(picture: np.ndarray, n: int) -> float:
    """How much of a picture has one of its ``n`` commonest colours."""
    counts = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)[1]
    return np.sort(counts)[-n:].sum() / counts.sum()


class TestOptions:
    def test_held_as_in_the_chosen_example_the_plane_follows_it(self, session: Session, plot) -> None:
        train(session, plot)
        show_features(plot, 2, 3)
        at_mean = pixels(plot.graph)
        choose(plot, "hold_example")
        assert not np.array_equal(pixels(plot.graph), at_mean)
        seen = []
        for example in (10, 140):
            session.choose_example(example)
            settle(plot)
            place = plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(3.3, 1.0)))
            exact = plot.view.mapSceneToView(plot.graph.mapToScene(place))
            row = np.array([*session.loaded.dataset.X[example][:2], exact.x(), exact.y()])
            expected = by_hand(session, row)
            assert f"{expected.max():.4f}" in hover(plot, 3.3, 1.0)
            seen.append(pixels(plot.graph))
        assert not np.array_equal(*seen)

    def test_hardmax_is_flat(self, qtbot, window: MainWindow, session: Session) -> None:
        plot = shown(qtbot, session, (600, 500))
        train(session, plot, epochs=20)
        soft = share_of_commonest(pixels(plot.graph), 4)
        choose(plot, "shading_hardmax")
        assert share_of_commonest(pixels(plot.graph), 4) > soft + 0.1  # the ground and three classes

    @pytest.mark.parametrize(("name", "label"), [("show_borders", "border"), ("show_contours", "probability")])
    def test_lines_can_be_left_out(self, session: Session, plot, name: str, label: str) -> None:
        train(session, plot)
        before, labels = pixels(plot.graph), [entry.label for entry in plot.legend_entries()]
        choose(plot, name)
        assert not np.array_equal(pixels(plot.graph), before)
        left = [entry.label for entry in plot.legend_entries()]
        assert any(text.startswith(label) for text in labels)
        assert not any(text.startswith(label) for text in left)
        choose(plot, name)
        assert np.abs(pixels(plot.graph).astype(int) - before).mean() < 0.5

    def test_the_button_and_the_context_menu_offer_the_same(self, plot) -> None:
        button = find(plot, "regions_options", QToolButton)
        menu = QMenu()
        plot.extend_menu(menu)
        offered = {action.objectName() for action in button.menu().actions() if action.objectName()}
        assert offered == {action.objectName() for action in menu.actions() if action.objectName()}
        assert {"axes_features", "hold_example", "shading_hardmax", "show_borders", "show_contours"} <= offered
        assert all(action.toolTip() for action in menu.actions() if action.isCheckable())
        menu.deleteLater()

    def test_a_narrow_card_keeps_its_features_in_the_menu(self, qtbot, window: MainWindow, session: Session) -> None:
        plot = shown(qtbot, session, (300, 200))
        choose(plot, "axes_features")
        assert not find(plot, "x_feature", QComboBox).isVisible()
        menu = find(plot, "x_feature_menu", QMenu)
        menu.aboutToShow.emit()
        assert [action.text() for action in menu.actions()] == list(session.loaded.dataset.feature_names)
        menu.actions()[3].trigger()
        settle(plot)
        assert plot.item.getAxis("bottom").labelText == session.loaded.dataset.feature_names[3]
        plot.resize(700, 300)
        assert find(plot, "x_feature", QComboBox).isVisible()
        assert find(plot, "x_feature", QComboBox).currentIndex() == 3


def red_around(plot: DecisionRegionsPlot) -> np.ndarray:
    """How many pixels around each example have the ink of a warning."""
    ink = np.array(QColor(plot.theme.warning).getRgb()[:3])
    red = np.abs(pixels(plot.graph).astype(int) - ink).max(axis=2) < 40
    return np.array([red[y - 5 : y + 6, x - 5 : x + 6].sum() for x, y in places(plot).astype(int)])


class TestMarks:
    def test_wrong_examples_are_crossed_and_right_ones_are_not(
        self, qtbot, window: MainWindow, session: Session
    ) -> None:
        plot = shown(qtbot, session, (1000, 800))
        assert red_around(plot).sum() == 0  # before training nothing is predicted
        train(session, plot, epochs=8)
        data, theta = session.loaded.data, session.theta
        predicted = (data.X_all @ theta[:12].reshape(3, 4).T + theta[12:]).argmax(axis=1)
        wrong = predicted != data.dataset.y
        assert 3 <= wrong.sum() < 60
        spots = places(plot)
        distances = np.linalg.norm(spots[:, None] - spots[None], axis=2) + 1e9 * np.eye(150)
        alone = distances.min(axis=1) > 16
        assert (wrong & alone).any()
        assert np.array_equal((red_around(plot) > 5)[alone], wrong[alone])
        assert "wrong" in [entry.label for entry in plot.legend_entries()]


class StillView(RunView):
    """Weights that nobody trains, shown without a window's session."""

    def __init__(self, loaded: LoadedData, theta: RealArray, config: TrainingConfig | None = None) -> None:
        super().__init__()
        self._loaded, self._config, self._state = loaded, config or TrainingConfig(), RunState.ENDED
        self.weights = theta

    @property
    def newest_theta(self) -> RealArray:
        return self.weights

    @property
    def stop_reason(self) -> None:
        return None


def shown(qtbot, session: RunView, size: tuple[int, int]) -> DecisionRegionsPlot:
    plot = DecisionRegionsPlot(session)
    qtbot.addWidget(plot)
    plot.set_theme(LIGHT)
    plot.resize(*size)
    with qtbot.waitExposed(plot):
        plot.show()
    settle(plot)
    return plot


def still(X: np.ndarray, y: np.ndarray, C: int, strength: float = 1.0, seed: int = 0) -> StillView:
    """Examples of C classes, and weights that point from the middle to the mean of each class."""
    dataset = Dataset(
        name="made up",
        X=X,
        y=y,
        feature_names=tuple(f"x{d}" for d in range(X.shape[1])),
        class_names=tuple(f"class {c}" for c in range(C)),
        target_name="class",
        encoder=FeatureEncoder(()),
        rows=np.arange(len(y)),
    )
    data = prepare(dataset, PreparationConfig(validation_share=0.0))
    means = np.array([data.X_all[y == c].mean(axis=0) if (y == c).any() else np.zeros(X.shape[1]) for c in range(C)])
    theta = strength * np.concatenate([means.ravel(), -0.5 * (means**2).sum(axis=1)])
    return StillView(LoadedData(load_entry("iris"), data, PrincipalComponents.of(data), None, None), theta)


def blobs(N: int, D: int, C: int, spread: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    y = np.arange(N) % C
    return 2.0 * rng.normal(size=(C, D))[y] + spread * rng.normal(size=(N, D)), y


class TestManyExamples:
    @pytest.fixture
    def many(self) -> tuple[np.ndarray, np.ndarray]:
        return blobs(30_000, 3, 4)

    def test_are_drawn_as_density_in_the_colours_of_their_classes(self, qtbot, many) -> None:
        session = still(*many, 4, strength=0.0)  # white regions
        plot = shown(qtbot, session, (500, 400))
        picture = pixels(plot.graph).reshape(-1, 3).astype(float)
        for colour in class_colours(4):
            ink = np.array(colour.darker(130).getRgb()[:3])
            direction = (255 - ink) / np.linalg.norm(255 - ink)
            tint = 255 - picture[np.ptp(picture, axis=1) > 60]
            assert (tint @ direction / np.linalg.norm(tint, axis=1) > 0.99).sum() > 200, colour.name()

    def test_some_wrong_ones_are_crossed(self, qtbot, many) -> None:
        plot = shown(qtbot, still(*many, 4), (500, 400))
        ink = np.array(QColor(plot.theme.warning).getRgb()[:3])
        assert (np.abs(pixels(plot.graph).astype(int) - ink).max(axis=2) < 30).sum() > 200
        right = shown(qtbot, still(*many, 4, strength=0.0), (500, 400))
        assert (np.abs(pixels(right.graph).astype(int) - ink).max(axis=2) < 30).sum() == 0

    def test_a_click_chooses_the_nearest_of_all(self, qtbot, many) -> None:
        session = still(*many, 4)
        plot = shown(qtbot, session, (500, 400))
        spots = places(plot)
        view = plot.graph.mapFromScene(plot.view.sceneBoundingRect()).boundingRect()
        for place in (view.center(), view.center() + QPoint(37, 21)):
            click_at(plot, place)
            nearest = np.linalg.norm(plot_places(plot) - exact_place(plot, place), axis=1)
            assert nearest[session.example] == pytest.approx(nearest.min())
            assert np.linalg.norm(spots[session.example] - (place.x(), place.y())) < 15

    def test_density_is_not_worked_out_again_for_other_weights(
        self, qtbot, many, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counted: list[object] = []
        density = picture.density
        monkeypatch.setattr(picture, "density", lambda *args: counted.append(args) or density(*args))
        session = still(*many, 4)
        plot = shown(qtbot, session, (500, 400))
        at_first = len(counted)
        before = pixels(plot.graph)
        session.weights = -session.weights
        session.progressed.emit()
        settle(plot)
        assert not np.array_equal(pixels(plot.graph), before)
        assert len(counted) == at_first
        turn_wheel(plot.graph.viewport(), plot.graph.viewport().rect().center(), 2)
        settle(plot)
        assert len(counted) > at_first

    @pytest.mark.parametrize("key", ["png_1x", "svg", "pdf"])
    def test_picture_files(self, qtbot, many, key: str) -> None:
        plot = shown(qtbot, still(*many, 4), (420, 320))
        assert len(render(plot, find_format(key))) > 10_000


def plot_places(plot: DecisionRegionsPlot) -> np.ndarray:
    """All examples in pixels of the view, to a fraction of one."""
    return plot.session.loaded.components.coordinates / plot.view.viewPixelSize()


def exact_place(plot: DecisionRegionsPlot, place: QPoint) -> np.ndarray:
    point = plot.view.mapSceneToView(plot.graph.mapToScene(place))
    return np.array([point.x(), point.y()]) / plot.view.viewPixelSize()


HUGE = np.array([[1e308, 1.0], [-1e308, 2.0], [1e307, 3.0]])
CROWD = {
    "a thousand classes": lambda: still(*blobs(1_000, 6, 1_000), 1_000),
    "a thousand classes, dense": lambda: still(*blobs(2_001, 6, 1_000), 1_000),
    "one point": lambda: still(np.array([[1.0, 2.0, 3.0]]), np.array([0]), 2),
    "identical points": lambda: still(np.full((40, 3), 5.0), np.arange(40) % 2, 2),
    "one feature": lambda: still(np.linspace(0, 1, 30)[:, None], np.arange(30) // 10, 3),
    "numbers near the end of float64": lambda: still(HUGE, np.array([0, 1, 0]), 2),
}


class TestBadInput:
    @pytest.mark.parametrize("case", CROWD)
    def test_is_shown_as_far_as_it_can_be(self, qtbot, case: str) -> None:
        plot = shown(qtbot, CROWD[case](), (300, 200))
        choose(plot, "axes_features")
        choose(plot, "hold_example")
        (left, right), (bottom, top) = plot.view.viewRange()
        hover(plot, 0.3 * left + 0.7 * right, (bottom + top) / 2)
        assert colours_in(pixels(plot)) > 8
        assert len(render(plot, find_format("png_1x"))) > 3_000

    @pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
    def test_after_a_divergence_the_examples_stay_and_a_sentence_says_why(
        self, qtbot, window: MainWindow, session: Session, bad: float
    ) -> None:
        session = StillView(session.loaded, np.full(15, bad) * np.where(np.arange(15) % 2, 1.0, -1.0))
        plot = shown(qtbot, session, (500, 400))
        assert read_out(plot).startswith("The training has diverged")
        assert colours_in(pixels(plot.graph)) > 20
        assert "nan" not in hover(plot, 0.0, 0.0).lower()
        assert b"diverged" in render(plot, find_format("svg"))
        session.weights = np.zeros(15)
        session.progressed.emit()
        assert "diverged" not in read_out(plot)

    def test_numbers_too_large_to_draw_are_explained(self, qtbot) -> None:
        plot = shown(qtbot, CROWD["numbers near the end of float64"](), (500, 400))
        choose(plot, "axes_features")
        assert any(
            label.isVisible() and "too large to draw" in label.text() for label in plot.graph.findChildren(QLabel)
        )


class TestWithoutWaiting:
    def test_a_finished_run_is_drawn_with_the_first_redraw(self, qtbot, window: MainWindow, session: Session) -> None:
        session = StillView(session.loaded, np.random.default_rng(0).normal(size=15))
        plot = DecisionRegionsPlot(session)
        qtbot.addWidget(plot)
        plot.set_theme(LIGHT)
        plot.resize(500, 400)
        plot.redraw()
        assert not plot.busy
        assert colours_in(pixels(plot.graph)) > 100

    def test_a_picture_is_of_the_newest_weights(self, session: Session, plot) -> None:
        """It cannot wait for the background."""
        session.set_config(TrainingConfig(initialization="normal", initialization_scale=2.0, seed=3))
        at_once = paint(plot, 1.0)
        settle(plot)
        assert np.array_equal(pixels(at_once), pixels(paint(plot, 1.0)))
        session.set_config(TrainingConfig(initialization="normal", initialization_scale=2.0, seed=4))
        assert not np.array_equal(pixels(at_once), pixels(paint(plot, 1.0)))
        settle(plot)

    def test_while_training_frames_keep_coming(self, session: Session, plot, qtbot) -> None:
        session.set_config(TrainingConfig(epochs=1_000_000, hidden_layers=(16, 16)))
        session.train()
        frames = {pixels(plot.graph).tobytes()}

        def ten_frames() -> bool:
            frames.add(pixels(plot.graph).tobytes())
            return len(frames) > 10

        qtbot.waitUntil(ten_frames, timeout=5000)
        session.stop()
        settle(plot)
