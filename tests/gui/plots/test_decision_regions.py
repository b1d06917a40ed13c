from pathlib import Path

import numpy as np
import pytest
from driving import click, drop_file, find, focus, pixels, press, turn_wheel, type_over
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QSpinBox, QTableView

from engine.arrays import RealArray
from engine.decision_regions import RegionGrid, Regions
from engine.hyperparameters import TrainingConfig
from engine.network import Network
from gui.main_window import MainWindow
from gui.plots.class_style import class_colours
from gui.plots.decision_regions import DecisionRegionsPlot
from gui.plots.probabilities import ProbabilitiesPlot
from gui.session import Session


@pytest.fixture
def session(shared_session: Session) -> Session:
    return shared_session


@pytest.fixture
def plot(window: MainWindow) -> DecisionRegionsPlot:
    plot = find(window, "decision_regions", DecisionRegionsPlot)
    plot.reset_view()
    return plot


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
        corner = QPoint(plot.graph.viewport().width() - 20, 20)
        assert np.linalg.norm(places(plot) - (corner.x(), corner.y()), axis=1).min() > 20
        click_at(plot, corner)
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
        """The window waits for the answers."""
        asked: list[tuple[int, int]] = []
        regions = RegionGrid.regions

        def recorded(grid: RegionGrid, network: Network, theta: RealArray) -> Regions:
            asked.append((network.n_parameters, grid.width * grid.height))
            return regions(grid, network, theta)

        monkeypatch.setattr(RegionGrid, "regions", recorded)
        for hidden_layers in ((), (8,), (1024, 1024, 1024, 1024)):
            session.set_config(TrainingConfig(hidden_layers=hidden_layers, seed=7))
            pixels(plot.graph)
        sizes = dict(asked)
        assert len(sizes) == 3
        plain, narrow, wide = (sizes[n_parameters] for n_parameters in sorted(sizes))
        assert plain == narrow == 400 * 400
        assert 8 * 8 <= wide < 40 * 40

    def test_trained_regions_have_the_colours_of_their_classes(
        self, window: MainWindow, session: Session, plot, qtbot
    ) -> None:
        untrained = pixels(plot.graph)
        session.set_config(TrainingConfig(epochs=60))
        session.train()
        qtbot.waitUntil(lambda: session.stop_reason is not None)
        QApplication.processEvents()
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
        assert not np.array_equal(pixels(plot.graph), before)
        assert plot.item.getAxis("bottom").labelText.startswith(session.loaded.dataset.feature_names[2])
        y.setCurrentIndex(2)  # the same feature twice
        plot.grab()
        axes.setCurrentIndex(axes.findData("components"))

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
        plot.grab()
        assert plot.view.viewRange() != range_before
        assert np.isfinite(plot.view.viewRange()).all()
        QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=viewport.rect().center())
        QApplication.processEvents()
        assert np.allclose(plot.view.viewRange(), range_before)
        assert np.abs(pixels(plot.graph).astype(int) - before).mean() < 2
