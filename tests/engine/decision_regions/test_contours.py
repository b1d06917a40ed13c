from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.preparation import PreparedData
from engine.decision_regions import Field, probability_lines
from engine.decision_regions.contours import march

from .conftest import Scene, random_scene

LEVELS = [0.5, 0.9, 0.99]


def logit(p: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.log(p) - np.log1p(-np.asarray(p))


@pytest.mark.parametrize("level", LEVELS)
def test_on_every_line_the_network_gives_the_likeliest_class_that_probability(scene: Scene, level: float) -> None:
    grid = scene.grid(150, 130)
    ends = grid.place(probability_lines(scene.field(grid), [level])[0], scene.window)
    if scene.network.n_classes == 2 and level == 0.5:
        assert len(ends) == 0  # that is the border
        return
    if level == 0.99 and len(ends) == 0:  # of many classes none need be so sure
        assert (
            scene.probabilities(grid.place(np.argwhere(np.ones((150, 130))).astype(float), scene.window)).max() < level
        )
        return
    assert len(ends) > 20
    found = logit(scene.probabilities(ends).max(axis=-1))
    # Of two classes and no hidden layer the logit is linear, and so is what lies between grid points.
    exact = scene.network.n_classes == 2 and not scene.network.hidden_layers
    np.testing.assert_allclose(found, logit(level), atol=1e-3 if exact else 0.1)
    np.testing.assert_allclose(np.median(found), logit(level), atol=0.01)


@pytest.mark.parametrize("level", LEVELS[1:])
def test_a_line_passes_wherever_neighbours_are_on_either_side(scene: Scene, level: float) -> None:
    """A plain loop over all edges of the grid finds the same crossings."""
    field = scene.field(scene.grid(23, 17))
    sure = field.regions.probability >= level
    expected = set()
    for y in range(17):
        for x in range(23):
            for dx, dy in ((1, 0), (0, 1)):
                if x + dx < 23 and y + dy < 17 and sure[y, x] != sure[y + dy, x + dx]:
                    expected.add((x, y, dx))
    found = set()
    for x, y in probability_lines(field, [0.7, level])[1].reshape(-1, 2):
        horizontal = y == round(y) and (x != round(x) or (math.floor(x), round(y), 1) in expected)
        found.add((math.floor(x), math.floor(y), int(horizontal)))
    assert expected <= found


@pytest.mark.parametrize("level", LEVELS)
def test_no_line_ends_inside_the_window(iris: PreparedData, level: float) -> None:
    scene = random_scene(iris, 3, (6,), seed=4)
    segments = probability_lines(scene.field(scene.grid(60, 50)), LEVELS)[LEVELS.index(level)]
    assert len(segments)
    ends = Counter(map(tuple, segments.reshape(-1, 2).round(9)))
    for (x, y), number in ends.items():
        on_the_rim = x in (0.0, 59.0) or y in (0.0, 49.0)
        assert number == (1 if on_the_rim else 2), (x, y)


def test_broken_weights_have_no_lines(iris: PreparedData) -> None:
    scene = random_scene(iris, 3, (), seed=0)
    nowhere = Field(*scene._replace(theta=np.full(15, np.nan)).field(scene.grid(8, 8)))
    assert [len(lines) for lines in probability_lines(nowhere, LEVELS)] == [0, 0, 0]


class TestMarch:
    @given(st.lists(st.tuples(*[st.floats(-5, 5)] * 4), min_size=1, max_size=20))
    def test_every_end_lies_where_an_edge_changes_its_sign_and_is_used_once(self, corners: list) -> None:
        values = np.array(corners)
        which, segments = march(values)
        places = ((0, 0), (1, 0), (1, 1), (0, 1))
        for square, row in enumerate(values):
            expected = []
            for k in range(4):
                v, w = row[k], row[(k + 1) % 4]
                if (v >= 0) != (w >= 0):
                    (x0, y0), (x1, y1) = places[k], places[(k + 1) % 4]
                    t = v / (v - w)
                    expected.append((x0 + t * (x1 - x0), y0 + t * (y1 - y0)))
            found = segments[which == square].reshape(-1, 2)
            assert len(found) == len(expected)
            np.testing.assert_allclose(sorted(map(tuple, found)), sorted(expected), atol=1e-9)

    @pytest.mark.parametrize(
        ("corners", "cut_off"),
        [((3, -1, 3, -1), {(1, 0), (0, 1)}), ((1, -3, 1, -3), {(0, 0), (1, 1)}), ((-1, 3, -1, 3), {(0, 0), (1, 1)})],
    )
    def test_where_opposite_corners_agree_the_middle_decides(self, corners: tuple, cut_off: set) -> None:
        _, segments = march(np.array([corners], dtype=np.float64))
        # The corner that a segment cuts off has its two edges in common: it is where both ends' coordinates are whole.
        found = {
            tuple(int(v) for v in np.where(segment == segment.round(), segment, 0).sum(axis=0)) for segment in segments
        }
        assert found == cut_off
