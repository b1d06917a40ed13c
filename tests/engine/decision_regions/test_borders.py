from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.decision_regions import Window, bent_borders, straight_borders
from engine.decision_regions.straight_borders import StraightBorders

from .conftest import CLASSES, Scene, random_scene

PROJECTIONS = ["components", "features", "example"]


@pytest.fixture(params=[True, False], ids=["standardised", "raw"])
def data(request: pytest.FixtureRequest, iris: PreparedData) -> PreparedData:
    return prepare(iris.dataset, PreparationConfig(standardize=request.param))


def borders_of(scene: Scene) -> StraightBorders:
    winner = scene.field(scene.grid(200, 200)).winner
    return straight_borders(scene.network, scene.theta, scene.projection, scene.window, winner)


def distances(points: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of points (K, 2) from one segment (2, 2)."""
    start, way = ends[0], ends[1] - ends[0]
    t = ((points - start) @ way / (way @ way)).clip(0, 1)
    return np.linalg.norm(points - start - t[:, None] * way, axis=1)


class TestStraightBorders:
    @pytest.mark.parametrize("project", PROJECTIONS)
    @pytest.mark.parametrize("C", CLASSES)
    def test_on_the_line_of_an_equation_two_logits_are_equal(self, data: PreparedData, C: int, project: str) -> None:
        scene = random_scene(data, C, (), seed=2, project=project)
        borders = borders_of(scene)
        assert len(borders.classes) >= (1 if C == 2 else 2)
        for (first, second), (a, b, c) in zip(borders.classes, borders.equations, strict=True):
            # Anywhere on it, far outside the window too.
            along = np.linspace(-20, 20, 9)[:, None] * np.array([-b, a]) / np.hypot(a, b)
            points = c * np.array([a, b]) / (a * a + b * b) + along
            logits = scene.logits(points)
            np.testing.assert_allclose(logits[:, first], logits[:, second], atol=1e-8 * np.abs(logits).max())

    def test_the_left_side_less_the_right_is_the_lead_of_the_second_class(self, data: PreparedData) -> None:
        scene = random_scene(data, 3, (), seed=2, project="features")
        points = np.random.default_rng(0).normal(size=(10, 2)) * 3
        logits = scene.logits(points)
        borders = borders_of(scene)
        assert len(borders.classes)
        for (first, second), (a, b, c) in zip(borders.classes, borders.equations, strict=True):
            assert first < second
            np.testing.assert_allclose(points @ (a, b) - c, logits[:, second] - logits[:, first], atol=1e-9)

    @pytest.mark.parametrize("C", CLASSES)
    def test_a_border_is_drawn_only_where_its_two_classes_are_the_likeliest(self, iris: PreparedData, C: int) -> None:
        scene = random_scene(iris, C, (), seed=3)
        left, bottom, right, top = scene.window
        for (first, second), ends in zip(*borders_of(scene)[::2], strict=True):
            points = ends[0] + np.linspace(0.01, 0.99, 15)[:, None] * (ends[1] - ends[0])
            assert ((points >= (left - 1e-9, bottom - 1e-9)) & (points <= (right + 1e-9, top + 1e-9))).all()
            top_two = np.sort(np.argsort(scene.logits(points), axis=1)[:, -2:], axis=1)
            assert top_two.tolist() == [[first, second]] * 15

    @pytest.mark.parametrize("C", [*CLASSES, 60])
    def test_there_is_a_border_wherever_the_likeliest_class_changes(self, iris: PreparedData, C: int) -> None:
        """Found by asking the network along rows of points."""
        scene = random_scene(iris, C, (), seed=5)
        borders = borders_of(scene)
        ends_of = {tuple(pair): ends for pair, ends in zip(borders.classes.tolist(), borders.ends, strict=True)}
        left, bottom, right, top = scene.window
        step = (right - left) / 400
        for y in np.linspace(bottom, top, 12)[1:-1]:
            points = np.column_stack([np.arange(left, right, step), np.full(len(np.arange(left, right, step)), y)])
            winner = scene.logits(points).argmax(axis=1)
            for place in np.flatnonzero(winner[1:] != winner[:-1]):
                pair = tuple(sorted(winner[place : place + 2].tolist()))
                middle = points[place : place + 2].mean(axis=0)
                assert distances(middle[None], ends_of[pair])[0] <= step

    def test_where_all_classes_are_equally_likely_there_is_no_border(self, iris: PreparedData) -> None:
        scene = random_scene(iris, 3, (), seed=0)._replace(theta=np.zeros(15))
        assert len(borders_of(scene).classes) == 0

    def test_a_class_that_is_the_same_as_another_has_no_borders_of_its_own(self, iris: PreparedData) -> None:
        scene = random_scene(iris, 3, (), seed=2)
        W, b = scene.network.layers(scene.theta)[0]
        W[:, 2], b[2] = W[:, 1], b[1]
        assert borders_of(scene).classes.tolist() == [[0, 1]]

    @pytest.mark.parametrize("bad", [np.nan, np.inf, 1e308])
    def test_broken_weights_neither_raise_nor_warn(self, iris: PreparedData, bad: float) -> None:
        scene = random_scene(iris, 3, (), seed=0)
        for place in (0, 14):
            theta = scene.theta.copy()
            theta[place] = bad
            borders = borders_of(scene._replace(theta=theta))
            assert np.isfinite(borders.ends).all()

    def test_in_a_small_window_far_away_no_digit_is_lost(self, iris: PreparedData) -> None:
        scene = random_scene(iris, 3, (), seed=2, project="features")
        x, y = borders_of(scene).ends[0].mean(axis=0)
        near = scene._replace(window=Window(x - 1e-7, y - 1e-7, x + 1e-7, y + 1e-7))
        (whole,), (part,) = borders_of(scene).equations[:1], borders_of(near).equations
        np.testing.assert_allclose(part, whole, rtol=1e-6)

    def test_hidden_layers_have_none(self, iris: PreparedData) -> None:
        scene = random_scene(iris, 3, (6,), seed=0)
        with pytest.raises(ValueError, match="not straight"):
            straight_borders(*scene, scene.field(scene.grid(4, 4)).winner)


class TestBentBorders:
    def test_on_them_the_two_likeliest_classes_are_equally_likely(self, scene: Scene) -> None:
        grid = scene.grid(160, 140)
        segments = bent_borders(scene.field(grid))
        assert len(segments) > 50
        leads = np.diff(np.sort(scene.logits(grid.place(segments, scene.window)), axis=-1)[..., -2:], axis=-1)
        linear = not scene.network.hidden_layers
        assert np.median(leads) < (1e-4 if linear else 0.01)
        assert np.quantile(leads, 0.97) < (1e-3 if linear else 0.1)

    @pytest.mark.parametrize("C", CLASSES)
    def test_without_hidden_layers_they_are_the_straight_ones(self, iris: PreparedData, C: int) -> None:
        scene = random_scene(iris, C, (), seed=3)
        grid = scene.grid(100, 90)
        points = grid.place(bent_borders(scene.field(grid)), scene.window).reshape(-1, 2)
        nearest = np.min([distances(points, ends) for ends in borders_of(scene).ends], axis=0)
        cell = (scene.window.right - scene.window.left) / 100
        assert nearest.max() < cell
        assert np.median(nearest) < 1e-4 * cell

    def test_every_two_neighbours_with_different_winners_are_parted(self, scene: Scene) -> None:
        field = scene.field(scene.grid(31, 27))
        ends = {tuple(map(float, end)) for end in bent_borders(field).reshape(-1, 2)}
        for y, x in zip(*np.nonzero(field.winner[:, 1:] != field.winner[:, :-1]), strict=True):
            assert any(py == y and x <= px <= x + 1 for px, py in ends), (x, y)

    def test_three_classes_meet_in_one_point(self) -> None:
        from engine.decision_regions import Field

        relative = np.array([[[0, -2], [-2, -2]], [[-2, 0], [-2, -2]], [[-2, -2], [0, 0]]], dtype=np.float32)
        field = Field(relative.argmax(axis=0).astype(np.int32), np.zeros((2, 2), dtype=np.float32), relative)
        segments = bent_borders(field)
        starts, ends = segments[:, 0], segments[:, 1]
        assert sorted(map(tuple, starts.tolist())) == [(0.0, 0.5), (0.5, 0.0), (1.0, 0.5)]
        np.testing.assert_allclose(ends, [[0.5, 1 / 3]] * 3)

    def test_one_class_has_no_border(self, iris: PreparedData) -> None:
        scene = random_scene(iris, 3, (), seed=0)._replace(theta=np.zeros(15))
        assert bent_borders(scene.field(scene.grid(5, 4))).shape == (0, 2, 2)
